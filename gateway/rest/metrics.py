"""`/metrics`, for Prometheus."""

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from gateway.service.temporal.unwritten_logs import UnwrittenLogs


def create_router(unwritten_logs: UnwrittenLogs) -> APIRouter:
    """Create the route of `/metrics`."""
    router = APIRouter(tags=["health"])

    @router.get(
        "/metrics",
        response_class=Response,
        responses={200: {"description": "Metrics in the Prometheus text format.", "content": {"text/plain": {}}}},
    )
    async def metrics() -> Response:
        """Return this process's counters, and the number of logs that are not written yet."""
        await unwritten_logs.count()
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router
