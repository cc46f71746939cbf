"""Progress notifications while a call waits for a quotation, if its client asked for them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextvars import ContextVar

import anyio

from gateway.service.status.watching import See
from quotation.status import QuotationStatus

_PAUSE_SECONDS = 5.0
"""The interval of progress reports without a change: some clients give up on a silent call."""

Send = Callable[[float, float | None, str | None], Awaitable[None]]
"""Sends a notification: the progress, its total and a sentence. It does nothing if the client did not ask."""

sender: ContextVar[Send | None] = ContextVar("sender", default=None)
"""The sender of the call that is being served."""


@contextlib.asynccontextmanager
async def reporting(seconds: float) -> AsyncIterator[See | None]:
    """Report the elapsed seconds, at each change of the status and every five seconds."""
    send = sender.get()
    if send is None or not seconds:
        yield None
        return
    report = _Report(send, seconds)
    ticking = asyncio.create_task(report.keep_sending())
    try:
        yield report.see
    finally:
        ticking.cancel()


class _Report:
    def __init__(self, send: Send, seconds: float) -> None:
        self._send = send
        self._seconds = seconds
        self._began = asyncio.get_running_loop().time()
        self._latest: str | None = None

    async def see(self, status: QuotationStatus) -> None:
        self._latest = status.progress
        # a client that has gone away gets nothing
        with contextlib.suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
            await self._send(self._passed(), self._seconds, self._latest)

    async def keep_sending(self) -> None:
        with contextlib.suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
            while True:
                await asyncio.sleep(_PAUSE_SECONDS)
                await self._send(self._passed(), self._seconds, self._latest)

    def _passed(self) -> float:
        return round(min(asyncio.get_running_loop().time() - self._began, self._seconds), 3)
