"""The REST interface, for voice agents (contract, sections 1 and 2)."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Response

from gateway.errors import UnknownEnvironmentError
from gateway.problems import documented
from gateway.service import Accepted, QuotationService
from quotation.request import QuotationRequest
from quotation.status import QuotationStatus

_EnvironmentName = Annotated[str, Path(description="Name of a configured environment, e.g. `dev`.")]
_TrackingId = Annotated[str, Path(description="As the start returned it, e.g. `quot_abc123def456`.")]


class AcceptedQuotation(Accepted):
    """A quotation that was started, and where to read its status; it is not finished."""

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

    async def accept(environment: str, request: QuotationRequest, response: Response) -> AcceptedQuotation:
        accepted = await service.start(environment, request)
        status_url = f"/api/quotation/status/{accepted.tracking_id}"
        response.headers["Location"] = status_url
        return AcceptedQuotation(**accepted.model_dump(), status_url=status_url)

    @router.post("/quotation/async", **_START)
    async def start_quotation(request: QuotationRequest, response: Response) -> AcceptedQuotation:
        """Start a quotation in the first configured environment; answers at once."""
        return await accept(first, request, response)

    @router.post("/{environment}/quotation/async", **_START)
    async def start_quotation_in(
        environment: Annotated[str, Depends(known)], request: QuotationRequest, response: Response
    ) -> AcceptedQuotation:
        """Start a quotation in the named environment; answers at once."""
        return await accept(environment, request, response)

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

    return router
