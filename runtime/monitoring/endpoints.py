"""`/metrics`, `/healthz` and `/readyz` of a process that serves nothing else."""

import contextlib
import logging
from collections.abc import AsyncIterator
from http import HTTPStatus

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from runtime.monitoring.exposition import CONTENT_TYPE, exposition
from runtime.monitoring.health import Health
from runtime.monitoring.sdk import SdkMetrics
from runtime.serving.listener import listen, url_of
from runtime.serving.server import Server, serving, silence

logger = logging.getLogger(__name__)

_GRACE_SECONDS = 2


@contextlib.asynccontextmanager
async def served(host: str, port: int, health: Health, sdk: SdkMetrics) -> AsyncIterator[None]:
    """Serve them at this address in this context.

    Raises:
        SettingsError: The address, which `WORKER_METRICS_HOST` and `WORKER_METRICS_PORT` name, cannot be bound.
    """
    listener = listen(host, port, loopback_only=False, settings="WORKER_METRICS")
    silence()
    config = uvicorn.Config(
        _create_app(health, sdk),
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    async with serving(Server(config), listener):
        logger.info("metrics and health are at %s", url_of(listener))
        yield


def _create_app(health: Health, sdk: SdkMetrics) -> Starlette:
    async def metrics(_: Request) -> Response:
        return Response(exposition() + await sdk.exposition(), media_type=CONTENT_TYPE)

    async def healthz(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz(_: Request) -> Response:
        look = await health.look()
        body = {"status": "ready" if look.is_ready else "not ready"}
        status = HTTPStatus.OK if look.is_ready else HTTPStatus.SERVICE_UNAVAILABLE
        return JSONResponse(body | ({"missing": look.missing} if look.missing else {}), status)

    return Starlette(routes=[Route(f"/{one.__name__}", one) for one in (metrics, healthz, readyz)])
