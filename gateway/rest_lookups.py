"""The REST interface's look-ups in Odoo: products and customers (contract, section 2)."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from gateway.lookups import Lookups
from gateway.problems import documented
from quotation.lookups import PartnerPage, PartnerQuery, ProductPage, ProductQuery

_EnvironmentName = Annotated[str, Path(description="Name of a configured environment, e.g. `dev`.")]

_LOOKUP: dict[str, Any] = {"responses": documented(404, 413, 422, 500, 502, 503)}


def create_router(lookups: Lookups, first: str) -> APIRouter:
    """Give the routes under `/api`; `first` is the environment of those that name none."""
    router = APIRouter(prefix="/api", tags=["look-ups"])

    @router.get("/products", **_LOOKUP)
    async def find_products(query: Annotated[ProductQuery, Query()]) -> ProductPage:
        """Find products for sale in the first configured environment."""
        return await lookups.find_products(first, query)

    @router.get("/{environment}/products", **_LOOKUP)
    async def find_products_in(
        environment: _EnvironmentName, query: Annotated[ProductQuery, Query()]
    ) -> ProductPage:
        """Find products for sale in the named environment."""
        return await lookups.find_products(environment, query)

    @router.get("/partners", **_LOOKUP)
    async def find_partners(query: Annotated[PartnerQuery, Query()]) -> PartnerPage:
        """Find customers in the first configured environment."""
        return await lookups.find_partners(first, query)

    @router.get("/{environment}/partners", **_LOOKUP)
    async def find_partners_in(
        environment: _EnvironmentName, query: Annotated[PartnerQuery, Query()]
    ) -> PartnerPage:
        """Find customers in the named environment."""
        return await lookups.find_partners(environment, query)

    return router
