"""`/metrics`, for Prometheus (contract, section 2)."""

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest


def create_router() -> APIRouter:
    """Give `/metrics`."""
    router = APIRouter(tags=["health"])

    @router.get(
        "/metrics",
        response_class=Response,
        responses={200: {"description": "Prometheus' text format.", "content": {"text/plain": {}}}},
    )
    async def metrics() -> Response:
        """Give what this process has counted since it started."""
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router
