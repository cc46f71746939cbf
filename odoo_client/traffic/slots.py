"""The slots of the calls that run at once."""

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from contextvars import ContextVar

_HURRIED_UNTIL: ContextVar[float | None] = ContextVar("hurried_until", default=None)
"""The time of the event loop until which a call in a hurry may wait for a slot; None for any other call."""


class NoSlotError(TimeoutError):
    """All slots were in use for longer than a call may wait."""


@contextlib.contextmanager
def in_a_hurry(seconds: float = math.inf) -> Iterator[None]:
    """Make calls that may use the reserved slots too, and that wait no longer than `seconds` for one."""
    token = _HURRIED_UNTIL.set(asyncio.get_running_loop().time() + seconds)
    try:
        yield
    finally:
        _HURRIED_UNTIL.reset(token)


def unreserved(max_calls: int) -> int:
    """Return how many of these calls at once need not be in a hurry: three quarters, and one of one."""
    return max_calls - max(1, max_calls // 4) if max_calls > 1 else max_calls


class Slots:
    """The places of the calls that run at once; calls in a hurry have some for themselves."""

    def __init__(self, most: int, patience: float) -> None:
        self._patience = patience
        self._all = asyncio.Semaphore(most)
        self._unreserved = asyncio.Semaphore(unreserved(most))
        self.most = most
        self.in_use = 0
        self.waiting = 0
        """How many calls wait for a slot."""

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """Hold a slot. Raises `NoSlotError`."""
        async with contextlib.AsyncExitStack() as held:
            until = asyncio.get_running_loop().time() + self._patience
            hurried_until = _HURRIED_UNTIL.get()
            needed = [self._unreserved, self._all] if hurried_until is None else [self._all]
            self.waiting += 1
            try:
                async with asyncio.timeout_at(min(until, hurried_until or until)):
                    for slots in needed:
                        await held.enter_async_context(slots)
            except TimeoutError:
                raise NoSlotError from None
            finally:
                self.waiting -= 1
            self.in_use += 1
            try:
                yield
            finally:
                self.in_use -= 1
