"""`/metrics`, for Prometheus."""

from fastapi import APIRouter, Response

from gateway.service.temporal.unwritten_logs import UnwrittenLogs
from runtime.monitoring.exposition import CONTENT_TYPE, exposition


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
        return Response(exposition(), media_type=CONTENT_TYPE)

    return router
