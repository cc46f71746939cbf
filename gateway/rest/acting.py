"""The REST interface that follows, cancels and retries a quotation (docs/reference.md, REST)."""

import contextlib
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Body, Response
from pydantic import WithJsonSchema
from sse_starlette import EventSourceResponse, JSONServerSentEvent

from gateway.access.current_caller import CurrentCaller
from gateway.errors import GatewayError
from gateway.rest.answers import (
    LOCATION,
    AcceptedCancel,
    AcceptedQuotation,
    Prefix,
    TrackingId,
    accepted,
    spoken,
    status_url,
)
from gateway.rest.rejections import REJECTED
from gateway.schemas import input_schema, optional
from gateway.service.quotations import QuotationService
from gateway.spoken import CANCEL_REQUESTED
from gateway.web.problems import documented
from quotation.request import QuotationRequest
from quotation.status import QuotationStatus

_PING_SECONDS = 15

COME_AGAIN = JSONServerSentEvent(
    {"message": "This stream has ended, but the quotation has not. Connect again to follow it."},
    event="come_again",
)
"""The last event of a stream that ends before the quotation does."""

_Changes = Annotated[
    dict[str, Any] | None,
    Body(description="Fields that replace those of the last request."),
    WithJsonSchema(optional(input_schema(QuotationRequest)) | {"additionalProperties": False}),
]

_STREAM: dict[str, Any] = {
    "response_class": EventSourceResponse,
    "responses": {
        200: {
            "description": (
                "The status now and at each change. A stream ends with the final status, or after 15 minutes with"
                " an event `come_again`. You may have 100 streams open at a time."
            ),
            "content": {"text/event-stream": {}},
        },
        **documented(404, 413, 422, 500, 503),
    },
}
_CANCEL: dict[str, Any] = {
    "status_code": HTTPStatus.ACCEPTED,
    "responses": REJECTED | documented(404, 409, 413, 422, 500, 503),
}
_RETRY: dict[str, Any] = {
    "status_code": HTTPStatus.ACCEPTED,
    "responses": {
        **REJECTED,
        202: {"description": "Started again but not finished.", "headers": LOCATION},
        **documented(400, 404, 409, 413, 422, 500, 503),
    },
}


def create_router(service: QuotationService) -> APIRouter:
    """Create the routes on one quotation, whichever environment it is in."""
    router = APIRouter(prefix="/quotation/{tracking_id}", tags=["quotations"])

    @router.get("/events", **_STREAM)
    async def stream_events(caller: CurrentCaller, tracking_id: TrackingId) -> EventSourceResponse:
        """Stream the status as server-sent events: now, at each change, and a last time when it is final."""
        return EventSourceResponse(events(await service.changes(caller, tracking_id)), ping=_PING_SECONDS)

    @router.post("/cancel", **_CANCEL)
    async def cancel_quotation(caller: CurrentCaller, tracking_id: TrackingId, prefix: Prefix) -> AcceptedCancel:
        """Request the cancellation of a quotation. Its records stay in Odoo and are listed in its status."""
        requested = await service.cancel(caller, tracking_id)
        return AcceptedCancel(
            **requested.model_dump(), status_url=status_url(tracking_id, prefix), spoken_status=CANCEL_REQUESTED
        )

    @router.post("/retry", **_RETRY)
    async def retry_quotation(
        caller: CurrentCaller,
        tracking_id: TrackingId,
        response: Response,
        prefix: Prefix,
        changes: _Changes = None,
    ) -> AcceptedQuotation:
        """Run a failed or cancelled quotation again under its id; nothing is created twice in Odoo."""
        answer = accepted(await service.retry(caller, tracking_id, changes or {}), prefix)
        response.headers["Location"] = answer.status_url
        return answer

    return router


async def events(statuses: AsyncIterator[QuotationStatus]) -> AsyncIterator[JSONServerSentEvent]:
    """Yield an event for each status, and a last one if the quotation goes on after them."""
    is_final = False
    # a client that connects again is told why it ended
    with contextlib.suppress(GatewayError):
        async for status in statuses:
            is_final = status.status.is_final
            yield JSONServerSentEvent(spoken(status).model_dump(mode="json"))
    if not is_final:
        yield COME_AGAIN
