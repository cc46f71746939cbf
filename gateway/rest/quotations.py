"""The REST interface to quotations, for voice agents and programs (contract, sections 1 and 2)."""

from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Header, Path, Query, Response
from fastapi.responses import JSONResponse
from pydantic import WithJsonSchema
from sse_starlette import EventSourceResponse, JSONServerSentEvent

from gateway.access.current_caller import CurrentCaller
from gateway.errors import GatewayError
from gateway.rest.environments import Environments
from gateway.rest.rejections import ErrorsInBody, Rejected
from gateway.schemas import input_schema, optional
from gateway.service.callers import Caller
from gateway.service.idempotency import LONGEST_KEY, PRINTABLE, IdempotencyKey
from gateway.service.lookups import CheckedQuotation
from gateway.service.quotations import Accepted, CancelRequested, QuotationService
from gateway.spoken import status_sentence
from gateway.web.problems import documented
from quotation.identity import TRACKING_ID
from quotation.request import QuotationRequest
from quotation.status import QuotationStatus

_PING_SECONDS = 15

_TrackingId = Annotated[
    str,
    Path(
        description="As the start returned it, e.g. `quot_abc123def456`.",
        # told, not checked here: the service refuses another form in words of its own
        json_schema_extra={"pattern": f"^{TRACKING_ID.pattern}$"},
    ),
]
_DryRun = Annotated[bool, Query(description="Check all of it, also in Odoo, and start nothing.")]
_Wait = Annotated[
    float,
    Query(ge=0, le=60, description="Seconds to hold the answer until the status is final, or they have passed."),
]
_Key = Annotated[str | None, Header(min_length=1, max_length=LONGEST_KEY, pattern=PRINTABLE)]
_Changes = Annotated[
    dict[str, Any] | None,
    Body(description="Fields that replace those of the last request."),
    WithJsonSchema(optional(input_schema(QuotationRequest))),
]


class AcceptedQuotation(Accepted):
    """A quotation that was started, and where to read its status; it is not finished."""

    status_url: str


class AcceptedCancel(CancelRequested):
    """A cancel that was requested, and where to read what came of it."""

    status_url: str


class SpokenStatus(QuotationStatus):
    """A quotation's status, with a sentence about it that a voice agent can say."""

    spoken_status: str


_REPLAYED = {
    "Idempotent-Replayed": {
        "description": "`true` where an earlier call had started it.",
        "schema": {"type": "string"},
    }
}
_LOCATION = {"Location": {"description": "The status_url.", "schema": {"type": "string"}}}
_START: dict[str, Any] = {
    "status_code": HTTPStatus.ACCEPTED,
    "response_model": AcceptedQuotation,
    "responses": {
        200: {
            "description": "With `dry_run`: checked; with `errors=body`: refused. Nothing was started.",
            "model": CheckedQuotation | Rejected,
        },
        202: {
            "description": "Started, not finished: read the status until it is final.",
            "headers": _LOCATION | _REPLAYED,
        },
        **documented(400, 404, 413, 422, 500, 502, 503),
    },
}
_RETRY: dict[str, Any] = {
    "status_code": HTTPStatus.ACCEPTED,
    "responses": {
        202: {"description": "Started again, not finished.", "headers": _LOCATION},
        **documented(400, 404, 409, 413, 422, 500, 503),
    },
}
_CANCEL: dict[str, Any] = {
    "status_code": HTTPStatus.ACCEPTED,
    "responses": documented(404, 409, 413, 422, 500, 503),
}
_READ: dict[str, Any] = {
    "response_model": SpokenStatus | Rejected,
    "responses": documented(404, 413, 422, 500, 503),
}
_STREAM: dict[str, Any] = {
    "response_class": EventSourceResponse,
    "responses": {
        200: {"description": "The status now and at each change.", "content": {"text/event-stream": {}}},
        **documented(404, 413, 422, 500, 503),
    },
}


async def _key(idempotency_key: _Key = None, conversation_id: _Key = None) -> IdempotencyKey | None:
    return IdempotencyKey.chosen(idempotency_key, conversation_id)


_ChosenKey = Annotated[IdempotencyKey | None, Depends(_key)]


def create_router(service: QuotationService) -> APIRouter:
    """Give the routes under `/api`."""
    router = APIRouter(prefix="/api", tags=["quotations"])
    environments = Environments(service)
    First = Annotated[str, Depends(environments.first)]  # noqa: N806  # a type
    Named = Annotated[str, Depends(environments.named)]  # noqa: N806  # a type

    @router.post("/quotation/async", **_START)
    async def start_quotation(
        caller: CurrentCaller,
        environment: First,
        request: QuotationRequest,
        response: Response,
        key: _ChosenKey,
        *,
        dry_run: _DryRun = False,
        errors: ErrorsInBody = None,  # noqa: ARG001  # read where refusals are answered
    ) -> AcceptedQuotation | JSONResponse:
        """Start a quotation in the first configured environment; answers at once."""
        if dry_run:
            return await _check(service, caller, environment, request)
        return _answer(await service.start(caller, environment, request, key), response)

    @router.post("/{environment}/quotation/async", **_START)
    async def start_quotation_in(
        caller: CurrentCaller,
        environment: Named,
        request: QuotationRequest,
        response: Response,
        key: _ChosenKey,
        *,
        dry_run: _DryRun = False,
        errors: ErrorsInBody = None,  # noqa: ARG001  # read where refusals are answered
    ) -> AcceptedQuotation | JSONResponse:
        """Start a quotation in the named environment; answers at once."""
        if dry_run:
            return await _check(service, caller, environment, request)
        return _answer(await service.start(caller, environment, request, key), response)

    @router.get("/quotation/status/{tracking_id}", **_READ)
    async def read_status(
        caller: CurrentCaller,
        tracking_id: _TrackingId,
        wait: _Wait = 0,
        errors: ErrorsInBody = None,  # noqa: ARG001  # as above
    ) -> SpokenStatus:
        """Tell how far a quotation is, whichever environment it is in."""
        return _spoken(await service.wait(caller, tracking_id, wait))

    @router.get("/{environment}/quotation/status/{tracking_id}", **_READ)
    async def read_status_in(
        caller: CurrentCaller,
        environment: Named,
        tracking_id: _TrackingId,
        wait: _Wait = 0,
        errors: ErrorsInBody = None,  # noqa: ARG001  # as above
    ) -> SpokenStatus:
        """Tell how far a quotation of the named environment is."""
        return _spoken(await service.wait(caller, tracking_id, wait, environment))

    @router.get("/quotation/{tracking_id}/events", **_STREAM)
    async def stream_events(caller: CurrentCaller, tracking_id: _TrackingId) -> EventSourceResponse:
        """Stream the status as server-sent events: now, at each change, and the last time when it is final."""
        return EventSourceResponse(_events(await service.changes(caller, tracking_id)), ping=_PING_SECONDS)

    @router.post("/quotation/{tracking_id}/cancel", **_CANCEL)
    async def cancel_quotation(caller: CurrentCaller, tracking_id: _TrackingId) -> AcceptedCancel:
        """Request that a quotation stops; what it has made in Odoo stays there, and its status lists it."""
        requested = await service.cancel(caller, tracking_id)
        return AcceptedCancel(**requested.model_dump(), status_url=_status_url(tracking_id))

    @router.post("/quotation/{tracking_id}/retry", **_RETRY)
    async def retry_quotation(
        caller: CurrentCaller, tracking_id: _TrackingId, response: Response, changes: _Changes = None
    ) -> AcceptedQuotation:
        """Run a failed or cancelled quotation again under its id; nothing that it made in Odoo is made twice."""
        return _answer(await service.retry(caller, tracking_id, changes or {}), response)

    return router


async def _check(
    service: QuotationService, caller: Caller, environment: str, request: QuotationRequest
) -> JSONResponse:
    checked = await service.lookups.check(caller, environment, request)
    return JSONResponse(checked.model_dump(mode="json"))


def _answer(accepted: Accepted, response: Response) -> AcceptedQuotation:
    status_url = _status_url(accepted.tracking_id)
    response.headers["Location"] = status_url
    if accepted.is_replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return AcceptedQuotation(**accepted.model_dump(), status_url=status_url)


def _spoken(status: QuotationStatus) -> SpokenStatus:
    return SpokenStatus(**dict(status), spoken_status=status_sentence(status))


async def _events(statuses: AsyncIterator[QuotationStatus]) -> AsyncIterator[JSONServerSentEvent]:
    try:
        async for status in statuses:
            yield JSONServerSentEvent(_spoken(status).model_dump(mode="json"))
    except GatewayError:
        # the stream ends; whoever listens connects again, and is then told why
        return


def _status_url(tracking_id: str) -> str:
    return f"/api/quotation/status/{tracking_id}"
