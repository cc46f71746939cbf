"""All routes under `/api`, each once, with and without an environment in the path."""

from fastapi import APIRouter

from gateway.rest import acting, bulk_retries, listing, lookups, quotations
from gateway.rest.environments import NAMED, Environments
from gateway.rest.rejections import DOCUMENTED
from gateway.service.quotations import QuotationService


def create_router(service: QuotationService) -> APIRouter:
    """Create the routes under `/api`."""
    api = APIRouter(prefix="/api", dependencies=[DOCUMENTED])
    environments = Environments(service.environments)
    for router in (
        quotations.create_router(service, environments),
        listing.create_router(service, environments),
        lookups.create_router(service.lookups, environments),
    ):
        api.include_router(router)
        api.include_router(router, prefix="/{environment}", dependencies=[NAMED])
    api.include_router(bulk_retries.create_router(service))
    api.include_router(acting.create_router(service))
    return api
