"""The REST interface's list of quotations (docs/reference.md, REST)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from gateway.access.current_caller import CurrentCaller
from gateway.rest.environments import Environments
from gateway.service.lists.listing import QuotationPage
from gateway.service.lists.wanted import Wanted
from gateway.service.quotations import QuotationService
from gateway.web.problems import documented
from gateway.web.rejections import Rejected


def create_router(service: QuotationService, environments: Environments) -> APIRouter:
    """Create the routes, without the prefix that may name an environment."""
    router = APIRouter(tags=["quotations"], responses=documented(404, 413, 422, 500, 503))

    @router.get("/quotations", response_model=QuotationPage | Rejected)
    async def list_quotations(
        caller: CurrentCaller,
        environment: Annotated[str | None, Depends(environments.any)],
        wanted: Annotated[Wanted, Query()],
    ) -> QuotationPage:
        """List your quotations, or everyone's with a key that may read all.

        Unfinished ones come first, then finished ones, the latest first.

        Without an environment in the path, list those of all your environments.
        """
        return await service.list_quotations(caller, wanted, environment)

    return router
