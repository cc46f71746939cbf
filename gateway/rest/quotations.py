"""The REST interface that starts a quotation and reads its status (docs/reference.md, REST)."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Response
from fastapi.responses import JSONResponse
from pydantic import BeforeValidator, StringConstraints

from gateway.access.current_caller import CurrentCaller
from gateway.rest.answers import (
    LOCATION,
    AcceptedQuotation,
    Prefix,
    SpokenCheck,
    SpokenStatus,
    StartedStatus,
    TrackingId,
    Wait,
    spoken,
    started,
)
from gateway.rest.environments import Environments
from gateway.service.quotations import QuotationService
from gateway.service.starts.idempotency import LONGEST_KEY, PRINTABLE, IdempotencyKey
from gateway.spoken import CHECKED
from gateway.web.problems import documented
from gateway.web.rejections import Rejected
from quotation.forgiving.absent import nothing_is_none
from quotation.request import QuotationRequest

_DryRun = Annotated[
    bool | None,
    BeforeValidator(nothing_is_none),
    Query(description="Run every check, in Odoo too, but start nothing."),
]
_Key = Annotated[
    Annotated[str, StringConstraints(max_length=LONGEST_KEY, pattern=PRINTABLE)] | None,
    BeforeValidator(nothing_is_none),
    Header(),
]

_REPLAYED = {
    "Idempotent-Replayed": {
        "description": "`true` if an earlier call started it.",
        "schema": {"type": "string"},
    }
}
_START: dict[str, Any] = {
    "status_code": HTTPStatus.ACCEPTED,
    "response_model": AcceptedQuotation | StartedStatus,
    "responses": {
        200: {
            "description": "Finished (with `wait`), checked (with `dry_run`) or refused (with `errors=body`).",
            "model": StartedStatus | SpokenCheck | Rejected,
        },
        202: {
            "description": "Started but not finished: read the status until it is final.",
            "headers": LOCATION | _REPLAYED,
        },
        **documented(400, 404, 413, 422, 500, 502, 503),
    },
}
_READ: dict[str, Any] = {
    "response_model": SpokenStatus | Rejected,
    "responses": documented(404, 413, 422, 500, 503),
}


async def _key(idempotency_key: _Key = None, conversation_id: _Key = None) -> IdempotencyKey | None:
    return IdempotencyKey.chosen(idempotency_key, conversation_id)


_ChosenKey = Annotated[IdempotencyKey | None, Depends(_key)]


def create_router(service: QuotationService, environments: Environments) -> APIRouter:
    """Create the routes, without the prefix that may name an environment."""
    router = APIRouter(tags=["quotations"])

    @router.post("/quotation/async", **_START)
    async def start_quotation(
        caller: CurrentCaller,
        environment: Annotated[str, Depends(environments.one)],
        request: QuotationRequest,
        response: Response,
        key: _ChosenKey,
        *,
        prefix: Prefix,
        dry_run: _DryRun = None,
        wait: Wait = 0,
    ) -> AcceptedQuotation | StartedStatus | JSONResponse:
        """Start a quotation in the environment that the path names, or in the first one.

        The answer comes at once unless `wait` is set.
        """
        if dry_run:
            checked = await service.lookups.check(caller, environment, request)
            spoken_check = SpokenCheck(**checked.model_dump(), spoken_status=CHECKED)
            return JSONResponse(spoken_check.model_dump(mode="json"))
        start = await service.start(caller, environment, request, key, wait=wait)
        answer = started(start, prefix, waited=wait > 0)
        if start.accepted.is_replayed:
            response.headers["Idempotent-Replayed"] = "true"
        response.headers["Location"] = answer.status_url
        if wait and answer.status.is_final:
            response.status_code = HTTPStatus.OK
        return answer

    @router.get("/quotation/status/{tracking_id}", **_READ)
    async def read_status(
        caller: CurrentCaller,
        environment: Annotated[str | None, Depends(environments.any)],
        tracking_id: TrackingId,
        wait: Wait = 0,
    ) -> SpokenStatus:
        """Read the status of a quotation, in any environment if the path names none."""
        return spoken(await service.status(caller, tracking_id, environment, wait=wait))

    return router
