"""The HTTP server of our processes, which end as `runtime.process` says."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator, Iterator

import uvicorn


class Server(uvicorn.Server):
    """A server that leaves the signals to `runtime.process`."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture no signals."""
        yield


@contextlib.asynccontextmanager
async def serving(server: Server, listener: socket.socket) -> AsyncIterator[None]:
    """Serve in this context, and let requests in progress finish at its end."""
    task = asyncio.create_task(server.serve([listener]))
    try:
        yield
    finally:
        server.should_exit = True
        await task


def silence() -> None:
    """Turn off uvicorn's log of exceptions: their texts may hold a customer's data."""
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
