"""Whose call to an Odoo is next, if more are made than may run at once."""

import asyncio
import contextlib
import math
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

_HURRIED_UNTIL: ContextVar[float | None] = ContextVar("hurried_until", default=None)
"""The time of the event loop until which a call in a hurry may wait for a slot; None for any other call."""

_OWNER: ContextVar[str] = ContextVar("owner", default="")


class NoSlotError(TimeoutError):
    """All slots were in use for longer than a call may wait."""


@contextlib.contextmanager
def in_a_hurry(seconds: float = math.inf) -> Iterator[None]:
    """Make calls that go first and may use the reserved slots too, and that wait no longer than `seconds`."""
    token = _HURRIED_UNTIL.set(asyncio.get_running_loop().time() + seconds)
    try:
        yield
    finally:
        _HURRIED_UNTIL.reset(token)


@contextlib.contextmanager
def on_behalf_of(owner: str) -> Iterator[None]:
    """Make calls that take turns with those of other owners."""
    token = _OWNER.set(owner)
    try:
        yield
    finally:
        _OWNER.reset(token)


def unreserved(max_calls: int) -> int:
    """Return how many of these calls at once need not be in a hurry: three quarters, and one of one."""
    return max_calls - max(1, max_calls // 4) if max_calls > 1 else max_calls


@dataclass(eq=False)
class _Call:
    owner: str
    is_hurried: bool
    admitted: asyncio.Event = field(default_factory=asyncio.Event)


class Slots:
    """The places of the calls that run at once; calls in a hurry have some for themselves.

    Calls in a hurry are first, then calls of the owner with the fewest running ones, then the longest waiting one.
    """

    def __init__(self, most: int, patience: float) -> None:
        self.most = most
        self.in_use = 0
        self._patience = patience
        self._waiting: list[_Call] = []
        self._hurried = 0
        self._unhurried: Counter[str] = Counter()
        """The calls that run, of each owner."""

    @property
    def waiting(self) -> int:
        """How many calls wait for a slot."""
        return len(self._waiting)

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """Hold a slot. Raises `NoSlotError`."""
        until, hurried_until = asyncio.get_running_loop().time() + self._patience, _HURRIED_UNTIL.get()
        call = _Call(_OWNER.get(), hurried_until is not None)
        self._waiting.append(call)
        self._admit()
        try:
            try:
                async with asyncio.timeout_at(min(until, hurried_until or until)):
                    await call.admitted.wait()
            except TimeoutError:
                raise NoSlotError from None
            yield
        finally:
            self._leave(call)

    def _admit(self) -> None:
        while self._waiting:
            call = min(self._waiting, key=lambda one: (not one.is_hurried, self._unhurried[one.owner]))
            if not self._has_place_for(call):
                return
            self._waiting.remove(call)
            self._count(call, 1)
            call.admitted.set()

    def _has_place_for(self, call: _Call) -> bool:
        unhurried = self.in_use - self._hurried
        return self.in_use < self.most and (call.is_hurried or unhurried < unreserved(self.most))

    def _leave(self, call: _Call) -> None:
        if call in self._waiting:
            self._waiting.remove(call)
        else:
            self._count(call, -1)
        self._admit()

    def _count(self, call: _Call, number: int) -> None:
        self.in_use += number
        if call.is_hurried:
            self._hurried += number
        else:
            self._unhurried[call.owner] += number
            # owners come and go
            self._unhurried += Counter()
