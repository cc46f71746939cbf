"""The REST interface that runs many failed quotations again (docs/reference.md, REST)."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Response
from pydantic import BeforeValidator, Field

from gateway.access.current_caller import CurrentCaller
from gateway.rest.answers import SpokenRetried
from gateway.service.bulk_retries import FailedOnes
from gateway.service.quotations import QuotationService
from gateway.spoken import retried_sentence
from gateway.web.problems import documented
from gateway.web.rejections import Rejected
from quotation.forgiving.absent import nothing_is_none
from quotation.values import drop_null_default

_DryRun = Annotated[
    bool | None, BeforeValidator(nothing_is_none), Query(description="Only list them, and run nothing.")
]

_RETRY_ALL: dict[str, Any] = {
    "status_code": HTTPStatus.ACCEPTED,
    "responses": {
        200: {
            "description": "A dry run, or a refusal with `errors=body`. Nothing was started.",
            "model": SpokenRetried | Rejected,
        },
        202: {"description": "They are running again; read their status."},
        **documented(400, 404, 413, 422, 500, 503),
    },
}


class BulkRetryRequest(FailedOnes):
    """Which failed quotations to retry, and in which environment."""

    environment: str | None = Field(
        None, description="The name of an environment.", json_schema_extra=drop_null_default
    )
    owner: str | None = Field(
        None, description="Only those that this caller started.", json_schema_extra=drop_null_default
    )


def create_router(service: QuotationService) -> APIRouter:
    """Create the route for many quotations, of all environments of the caller."""
    router = APIRouter(tags=["quotations"])

    @router.post("/quotations/retry", **_RETRY_ALL)
    async def retry_quotations(
        caller: CurrentCaller,
        response: Response,
        wanted: Annotated[
            BulkRetryRequest | None, Body(description="Which ones to retry; all of them if there is no body.")
        ] = None,
        *,
        dry_run: _DryRun = None,
    ) -> SpokenRetried:
        """Retry your failed quotations, or everyone's with a key that may operate, under their ids.

        They start half a second apart, in the order in which they failed.
        """
        chosen = wanted or BulkRetryRequest()
        if dry_run:
            response.status_code = HTTPStatus.OK
        is_dry = dry_run or False
        retried = await service.retry_all(caller, chosen, chosen.environment, chosen.owner, dry_run=is_dry)
        sentence = retried_sentence(len(retried.tracking_ids), retried.remaining, dry_run=is_dry)
        return SpokenRetried(**retried.model_dump(), spoken_status=sentence)

    return router
