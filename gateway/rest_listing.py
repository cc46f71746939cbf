"""The REST interface's list of quotations (contract, section 2)."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from gateway.errors import UnknownEnvironmentError
from gateway.listing import ListArguments, QuotationPage
from gateway.problems import documented
from gateway.service import QuotationService

_EnvironmentName = Annotated[str, Path(description="Name of a configured environment, e.g. `dev`.")]

_LIST: dict[str, Any] = {"responses": documented(404, 413, 422, 500, 503)}


def create_router(service: QuotationService) -> APIRouter:
    """Give the routes under `/api`."""
    router = APIRouter(prefix="/api", tags=["quotations"])

    @router.get("/quotations", **_LIST)
    async def list_quotations(arguments: Annotated[ListArguments, Query()]) -> QuotationPage:
        """List quotations of all environments: running ones first, then the last to end."""
        return await service.listing.page(None, service.environments, arguments)

    @router.get("/{environment}/quotations", **_LIST)
    async def list_quotations_in(
        environment: _EnvironmentName, arguments: Annotated[ListArguments, Query()]
    ) -> QuotationPage:
        """List quotations of the named environment: running ones first, then the last to end."""
        if environment not in service.environments:
            raise UnknownEnvironmentError
        return await service.listing.page(None, [environment], arguments)

    return router
