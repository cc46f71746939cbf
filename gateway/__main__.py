"""`python -m gateway`: serves the gateway."""

import asyncio
import gc
import logging
import signal
import socket
from functools import partial
from typing import NoReturn

import uvicorn
from fastapi import FastAPI

from gateway.access.issuer_check import issuer_checks
from gateway.app import create_app
from gateway.service.temporal.connection import connect
from gateway.settings import GatewaySettings
from gateway.web.capacity import Capacity, Limits, affordable_connections
from gateway.web.protocol import BoundedHttp
from runtime import process, startup
from runtime.monitoring.exposition import tell_build
from runtime.serving.listener import ACCEPTED_AT_ONCE, QUEUED_CONNECTIONS, listen, url_of
from runtime.serving.server import Server, silence
from runtime.tracing import switch

logger = logging.getLogger("gateway")

_GRACE_SECONDS = 10
"""How long requests may take to finish when the gateway stops; calls to Temporal are bounded by less."""


class _Server(Server):
    """The gateway's server: it logs its address, and ends event streams."""

    def __init__(self, config: uvicorn.Config, audience: str) -> None:
        super().__init__(config)
        self._audience = audience

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start serving and log the address."""
        await super().startup(sockets)
        # without its pauses for all that is there now: a tenth of a second each
        gc.collect()
        gc.freeze()
        for listener in sockets or []:
            # asyncio would take one number for both
            listener.listen(QUEUED_CONNECTIONS)
            logger.info("listening on %s for %s", url_of(listener), self._audience)

    def stop(self) -> None:
        """Stop accepting connections, end the streams and let requests in progress finish."""
        # as the signal would: sse-starlette hooks in here to end its streams
        self.handle_exit(signal.SIGTERM, None)


async def main(stop: process.Stop) -> None:
    """Serve until `stop` is set. Raises `SettingsError`."""
    settings = GatewaySettings.load()
    tell_build("gateway")
    switch.begin("gateway")
    listener = listen(settings.gateway_host, settings.gateway_port, loopback_only=not settings.knows_callers)
    client = await connect(settings, stop)
    audience = "callers with a key" if settings.knows_callers else "everyone on this machine: no keys are set"
    app = create_app(settings, client)
    server = create_server(app, audience)
    serving = asyncio.create_task(server.serve([listener]))
    stopping = asyncio.create_task(stop.wait())
    watching = asyncio.create_task(startup.watch(issuer_checks(settings)))
    await asyncio.wait([serving, stopping], return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    watching.cancel()
    await app.state.stop_waiting()
    server.stop()
    await serving


def create_server(app: FastAPI, audience: str) -> _Server:
    """Create the HTTP server of `app`; its log names the audience."""
    silence()
    capacity = Capacity(Limits(connections=affordable_connections(Limits.connections)))
    config = uvicorn.Config(
        app,
        http=partial(BoundedHttp, capacity),  # type: ignore[arg-type]  # uvicorn calls it
        backlog=ACCEPTED_AT_ONCE,
        lifespan="on",
        log_config=None,
        access_log=False,
        ws="none",
        # gateway.web.path_prefix reads them
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    return _Server(config, audience)


def run() -> NoReturn:
    """Run the process."""
    process.run(main)


if __name__ == "__main__":
    run()
