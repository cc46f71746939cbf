"""The REST interface's look-ups in Odoo: products and customers (contract, section 2)."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from gateway.access.current_caller import CurrentCaller
from gateway.rest.environments import Environments
from gateway.service.quotations import QuotationService
from gateway.web.problems import documented
from quotation.lookups import PartnerPage, PartnerQuery, ProductPage, ProductQuery

_LOOKUP: dict[str, Any] = {"responses": documented(404, 413, 422, 500, 502, 503)}


def create_router(service: QuotationService) -> APIRouter:
    """Give the routes under `/api`."""
    router = APIRouter(prefix="/api", tags=["look-ups"])
    environments = Environments(service)
    First = Annotated[str, Depends(environments.first)]  # noqa: N806  # a type
    Named = Annotated[str, Depends(environments.named)]  # noqa: N806  # a type

    @router.get("/products", **_LOOKUP)
    async def find_products(
        caller: CurrentCaller, environment: First, query: Annotated[ProductQuery, Query()]
    ) -> ProductPage:
        """Find products for sale in the first configured environment."""
        return await service.lookups.find_products(caller, environment, query)

    @router.get("/{environment}/products", **_LOOKUP)
    async def find_products_in(
        caller: CurrentCaller, environment: Named, query: Annotated[ProductQuery, Query()]
    ) -> ProductPage:
        """Find products for sale in the named environment."""
        return await service.lookups.find_products(caller, environment, query)

    @router.get("/partners", **_LOOKUP)
    async def find_partners(
        caller: CurrentCaller, environment: First, query: Annotated[PartnerQuery, Query()]
    ) -> PartnerPage:
        """Find customers in the first configured environment."""
        return await service.lookups.find_partners(caller, environment, query)

    @router.get("/{environment}/partners", **_LOOKUP)
    async def find_partners_in(
        caller: CurrentCaller, environment: Named, query: Annotated[PartnerQuery, Query()]
    ) -> PartnerPage:
        """Find customers in the named environment."""
        return await service.lookups.find_partners(caller, environment, query)

    return router
