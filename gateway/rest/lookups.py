"""The REST interface's look-ups in Odoo: products and customers (docs/reference.md, REST)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from gateway.access.current_caller import CurrentCaller
from gateway.rest.environments import Environments
from gateway.service.lookups import Lookups
from gateway.web.problems import documented
from gateway.web.rejections import Rejected
from quotation.lookups import PartnerPage, PartnerQuery, ProductPage, ProductQuery


def create_router(lookups: Lookups, environments: Environments) -> APIRouter:
    """Create the routes, without the prefix that may name an environment."""
    router = APIRouter(tags=["look-ups"], responses=documented(404, 413, 422, 500, 502, 503))
    Environment = Annotated[str, Depends(environments.one)]  # noqa: N806  # a type

    @router.get("/products", response_model=ProductPage | Rejected)
    async def find_products(
        caller: CurrentCaller, environment: Environment, query: Annotated[ProductQuery, Query()]
    ) -> ProductPage:
        """Find products for sale in the environment that the path names, or in the first one."""
        return await lookups.find_products(caller, environment, query)

    @router.get("/partners", response_model=PartnerPage | Rejected)
    async def find_partners(
        caller: CurrentCaller, environment: Environment, query: Annotated[PartnerQuery, Query()]
    ) -> PartnerPage:
        """Find customers in the environment that the path names, or in the first one."""
        return await lookups.find_partners(caller, environment, query)

    return router
