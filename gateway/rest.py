"""The REST interface, for voice agents (contract, sections 1 and 2)."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Path, Response
from pydantic import WithJsonSchema

from gateway.errors import UnknownEnvironmentError
from gateway.problems import documented
from gateway.schemas import input_schema, optional
from gateway.service import Accepted, CancelRequested, QuotationService
from quotation.request import QuotationRequest
from quotation.status import QuotationStatus

_EnvironmentName = Annotated[str, Path(description="Name of a configured environment, e.g. `dev`.")]
_TrackingId = Annotated[str, Path(description="As the start returned it, e.g. `quot_abc123def456`.")]


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


_START: dict[str, Any] = {
    "status_code": HTTPStatus.ACCEPTED,
    "responses": {
        202: {
            "description": "Started, not finished: read the status until it is final.",
            "headers": {"Location": {"description": "The status_url.", "schema": {"type": "string"}}},
        },
        **documented(400, 404, 413, 422, 500, 503),
    },
}
_RETRY: dict[str, Any] = _START | {"responses": _START["responses"] | documented(409)}
_CANCEL: dict[str, Any] = {
    "status_code": HTTPStatus.ACCEPTED,
    "responses": documented(404, 409, 413, 422, 500, 503),
}
_READ: dict[str, Any] = {"responses": documented(404, 413, 422, 500, 503)}


def create_router(service: QuotationService) -> APIRouter:
    """Give the routes under `/api`."""
    router = APIRouter(prefix="/api", tags=["quotations"])
    first = next(iter(service.environments))

    async def known(environment: _EnvironmentName) -> str:
        # a dependency, so that a wrong name is told before a wrong body
        if environment not in service.environments:
            raise UnknownEnvironmentError
        return environment

    def answer(accepted: Accepted, response: Response) -> AcceptedQuotation:
        status_url = _status_url(accepted.tracking_id)
        response.headers["Location"] = status_url
        return AcceptedQuotation(**accepted.model_dump(), status_url=status_url)

    @router.post("/quotation/async", **_START)
    async def start_quotation(request: QuotationRequest, response: Response) -> AcceptedQuotation:
        """Start a quotation in the first configured environment; answers at once."""
        return answer(await service.start(first, request), response)

    @router.post("/{environment}/quotation/async", **_START)
    async def start_quotation_in(
        environment: Annotated[str, Depends(known)], request: QuotationRequest, response: Response
    ) -> AcceptedQuotation:
        """Start a quotation in the named environment; answers at once."""
        return answer(await service.start(environment, request), response)

    @router.get("/quotation/status/{tracking_id}", **_READ)
    async def read_status(tracking_id: _TrackingId) -> QuotationStatus:
        """Tell how far a quotation is, whichever environment it is in."""
        return await service.status(tracking_id)

    @router.get("/{environment}/quotation/status/{tracking_id}", **_READ)
    async def read_status_in(
        environment: Annotated[str, Depends(known)], tracking_id: _TrackingId
    ) -> QuotationStatus:
        """Tell how far a quotation of the named environment is."""
        return await service.status(tracking_id, environment)

    @router.post("/quotation/{tracking_id}/cancel", **_CANCEL)
    async def cancel_quotation(tracking_id: _TrackingId) -> AcceptedCancel:
        """Request that a quotation stops; what it has made in Odoo stays there, and its status lists it."""
        requested = await service.cancel(tracking_id)
        return AcceptedCancel(**requested.model_dump(), status_url=_status_url(tracking_id))

    @router.post("/quotation/{tracking_id}/retry", **_RETRY)
    async def retry_quotation(
        tracking_id: _TrackingId, response: Response, changes: _Changes = None
    ) -> AcceptedQuotation:
        """Run a failed or cancelled quotation again under its id; nothing that it made in Odoo is made twice."""
        return answer(await service.retry(tracking_id, changes or {}), response)

    return router


def _status_url(tracking_id: str) -> str:
    return f"/api/quotation/status/{tracking_id}"
