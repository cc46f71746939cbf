"""Probes for operators: whether the process is alive, and whether it can serve."""

from http import HTTPStatus
from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from gateway.errors import TemporalUnavailableError
from gateway.service.temporal.readiness import Readiness
from gateway.web.problems import ProblemResponse, documented
from runtime.settings import SettingsError


class Health(BaseModel):
    """The process is alive, or ready."""

    status: Literal["ok", "ready"]
    missing: list[str] | None = Field(None, description="Optional parts of Temporal that are missing, if any.")


def create_router(readiness: Readiness) -> APIRouter:
    """Create `/healthz` and `/readyz`."""
    router = APIRouter(tags=["health"])

    @router.get("/healthz", response_model_exclude_none=True)
    async def healthz() -> Health:
        """Return 200 while the process is alive."""
        return Health(status="ok")

    @router.get("/readyz", response_model=Health, response_model_exclude_none=True, responses=documented(503))
    async def readyz() -> Health | Response:
        """Return 200 within 10 seconds if Temporal answers, and name what is missing."""
        try:
            missing = await readiness.missing()
        except TemporalUnavailableError:
            return ProblemResponse(HTTPStatus.SERVICE_UNAVAILABLE, "Temporal does not answer.")
        except SettingsError as error:
            return ProblemResponse(HTTPStatus.SERVICE_UNAVAILABLE, f"{error}.")
        return Health(status="ready", missing=missing or None)

    return router
