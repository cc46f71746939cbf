"""Serves the gateway: `python -m gateway`."""

import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import Iterator

import uvicorn
from fastapi import FastAPI

from gateway.app import create_app
from gateway.service.connection import connect
from gateway.settings import GatewaySettings
from gateway.web.socket import listen, url_of
from runtime import process, temporal

logger = logging.getLogger("gateway")

_GRACE_SECONDS = 10
"""How long requests under way may take at the end; Temporal's slowest answer is bounded by less."""


class _Server(uvicorn.Server):
    """A server that leaves the signals to `runtime.process`."""

    def __init__(self, config: uvicorn.Config, audience: str) -> None:
        super().__init__(config)
        self._audience = audience

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and tell where."""
        await super().startup(sockets)
        for listener in sockets or []:
            logger.info("listening on %s for %s", url_of(listener), self._audience)

    def stop(self) -> None:
        """Take no more connections, end the streams and let requests under way finish."""
        # as the signal would: sse-starlette hooks in here to end its streams
        self.handle_exit(signal.SIGTERM, None)


async def main(stop: asyncio.Event) -> None:
    """Serve until `stop` is set. Raises `SettingsError` before anything starts."""
    settings = GatewaySettings.load()
    listener = listen(settings.gateway_host, settings.gateway_port, loopback_only=not settings.knows_callers)
    client = await connect(settings)
    audience = "callers with a key" if settings.knows_callers else "everyone on this machine: no keys are set"
    app = create_app(settings, client)
    server = _create_server(app, audience)
    waiting = asyncio.create_task(temporal.wait_for(client))
    serving = asyncio.create_task(server.serve([listener]))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([serving, stopping], return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    stopping.cancel()
    await app.state.stop_waiting()
    server.stop()
    await serving


def _create_server(app: FastAPI, audience: str) -> _Server:
    # it logs the traceback of a stream that is cut off at the end, and the texts of exceptions
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    config = uvicorn.Config(
        app,
        lifespan="on",
        log_config=None,
        access_log=False,
        ws="none",
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    return _Server(config, audience)


if __name__ == "__main__":
    process.run(main)
