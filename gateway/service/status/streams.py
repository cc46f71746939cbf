"""Streams of a quotation's changes: how many one caller may follow, and for how long."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import aclosing

from gateway.errors import TooManyStreamsError
from gateway.service.callers import Caller
from gateway.service.status.watching import Watches
from quotation.status import QuotationStatus

MOST_STREAMS = 100
"""How many streams one caller may have open at a time, in one process."""

LONGEST_SECONDS = 15 * 60.0
"""How long a stream lasts at most; a client that wants more opens another one."""


class Streams:
    """The open streams of all callers: at most 100 each, and each for 15 minutes at most."""

    def __init__(
        self, watches: Watches, *, most: int = MOST_STREAMS, longest_seconds: float = LONGEST_SECONDS
    ) -> None:
        self._watches = watches
        self._most = most
        self._longest_seconds = longest_seconds
        self._open: Counter[str] = Counter()

    async def open(self, caller: Caller, status: QuotationStatus) -> AsyncGenerator[QuotationStatus, None]:
        """Return the status now and at each change, until it is final or the stream's time is over.

        Raises `TooManyStreamsError` if the caller has too many streams open. The iterator raises as
        `Watches.changes`.
        """
        if self._open[caller.name] >= self._most:
            raise TooManyStreamsError(self._most)
        statuses = self._statuses(caller, status)
        # a generator that has not begun would not count, nor give its place back
        first = await anext(statuses)
        return _from(first, statuses)

    async def _statuses(self, caller: Caller, status: QuotationStatus) -> AsyncGenerator[QuotationStatus, None]:
        self._open[caller.name] += 1
        try:
            until = asyncio.get_running_loop().time() + self._longest_seconds
            async with aclosing(self._watches.changes(status, until)) as statuses:
                async for latest in statuses:
                    yield latest
        finally:
            self._open[caller.name] -= 1
            if not self._open[caller.name]:
                del self._open[caller.name]


async def _from(
    first: QuotationStatus, rest: AsyncGenerator[QuotationStatus, None]
) -> AsyncGenerator[QuotationStatus, None]:
    async with aclosing(rest):
        yield first
        async for status in rest:
            yield status
