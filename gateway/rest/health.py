"""Whether the process lives and whether it can serve, for whoever runs it (contract, section 2)."""

from http import HTTPStatus
from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field
from temporalio.client import Client

from gateway.service.attributes import QuotationAttributes
from gateway.service.deadlines import answered_within
from gateway.web.problems import ProblemResponse, documented
from quotation.messages import SEARCH_ATTRIBUTES
from runtime import temporal

_ATTRIBUTES_SECONDS = 4.0

_WITHOUT_ATTRIBUTES = (
    f"search attributes {', '.join(SEARCH_ATTRIBUTES)} (Keyword) in Temporal: they are not there and could not be"
    " registered; without them lists of quotations take longer"
)


class Health(BaseModel):
    """The process lives, or is ready."""

    status: Literal["ok", "ready"]
    missing: list[str] | None = Field(None, description="What it goes on without, where there is anything.")


def create_router(client: Client, attributes: QuotationAttributes) -> APIRouter:
    """Give `/healthz` and `/readyz`."""
    router = APIRouter(tags=["health"])

    @router.get("/healthz", response_model_exclude_none=True)
    async def healthz() -> Health:
        """Tell that the process lives."""
        return Health(status="ok")

    @router.get("/readyz", response_model=Health, response_model_exclude_none=True, responses=documented(503))
    async def readyz() -> Health | Response:
        """Tell whether Temporal answers, within 10 seconds, and what it does not offer."""
        if not await temporal.answers(client):
            return ProblemResponse(HTTPStatus.SERVICE_UNAVAILABLE, "Temporal does not answer.")
        async with answered_within(_ATTRIBUTES_SECONDS):
            missing = None if await attributes.are_there() else [_WITHOUT_ATTRIBUTES]
        return Health(status="ready", missing=missing)

    return router
