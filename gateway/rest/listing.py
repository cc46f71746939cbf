"""The REST interface's list of quotations (contract, section 2)."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from gateway.access.current_caller import CurrentCaller
from gateway.rest.environments import Environments
from gateway.service.listing import ListArguments, QuotationPage
from gateway.service.quotations import QuotationService
from gateway.web.problems import documented

_LIST: dict[str, Any] = {"responses": documented(404, 413, 422, 500, 503)}


def create_router(service: QuotationService) -> APIRouter:
    """Give the routes under `/api`."""
    router = APIRouter(prefix="/api", tags=["quotations"])
    Named = Annotated[str, Depends(Environments(service).named)]  # noqa: N806  # a type

    @router.get("/quotations", **_LIST)
    async def list_quotations(
        caller: CurrentCaller, arguments: Annotated[ListArguments, Query()]
    ) -> QuotationPage:
        """List the caller's quotations: running ones first, then the last to end."""
        return await service.list_quotations(caller, arguments)

    @router.get("/{environment}/quotations", **_LIST)
    async def list_quotations_in(
        caller: CurrentCaller, environment: Named, arguments: Annotated[ListArguments, Query()]
    ) -> QuotationPage:
        """List the caller's quotations of the named environment: running ones first, then the last to end."""
        return await service.list_quotations(caller, arguments, environment)

    return router
