"""Whether the process lives and whether it can serve, for whoever runs it (contract, section 2)."""

from http import HTTPStatus
from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel
from temporalio.client import Client

from gateway.problems import ProblemResponse, documented
from runtime import temporal


class Health(BaseModel):
    """The process lives, or is ready."""

    status: Literal["ok", "ready"]


def create_router(client: Client) -> APIRouter:
    """Give `/healthz` and `/readyz`."""
    router = APIRouter(tags=["health"])

    @router.get("/healthz")
    async def healthz() -> Health:
        """Tell that the process lives."""
        return Health(status="ok")

    @router.get("/readyz", response_model=Health, responses=documented(503))
    async def readyz() -> Health | Response:
        """Tell whether Temporal answers, within 5 seconds."""
        if await temporal.answers(client):
            return Health(status="ready")
        return ProblemResponse(HTTPStatus.SERVICE_UNAVAILABLE, "Temporal does not answer.")

    return router
