"""Facts about an Odoo, kept for a short time because a running Odoo may be upgraded, and rights taken away."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")

_SHARE_IN_USE = 0.75
"""The share of its lifetime after which an answer in use is renewed."""


@dataclass(frozen=True)
class _Kept:
    answer: asyncio.Task[Any]
    asked_at: float


@dataclass
class Cache:
    """Answers that are kept for `lifetime` seconds of `clock`. Failures are not kept.

    Concurrent callers share one call. If one of them is cancelled, the call goes on for the others. An answer in
    use is renewed before it expires, and nobody waits for that: all slots of a busy worker would wait at the same
    time, and then go on at the same time.
    """

    lifetime: float
    clock: Callable[[], float]
    _answers: dict[Hashable, _Kept] = field(default_factory=dict, init=False)
    _renewals: dict[Hashable, _Kept] = field(default_factory=dict, init=False)

    async def get(self, key: Hashable, ask: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Return the kept answer, or call `ask` for a new one. Raises what `ask` raises."""
        now = self.clock()
        self._take_renewed()
        self._answers = {one: kept for one, kept in self._answers.items() if self._is_good(kept, now)}
        if key not in self._answers:
            # a renewal may still be under way
            self._answers[key] = self._renewals.pop(key) if key in self._renewals else _asked(ask, now)
        elif now >= self._answers[key].asked_at + _SHARE_IN_USE * self.lifetime and key not in self._renewals:
            self._renewals[key] = _asked(ask, now)
        answer: T = await asyncio.shield(self._answers[key].answer)
        return answer

    def _take_renewed(self) -> None:
        for key, renewal in list(self._renewals.items()):
            if renewal.answer.done():
                del self._renewals[key]
                if not _has_failed(renewal.answer):
                    self._answers[key] = renewal

    def _is_good(self, kept: _Kept, now: float) -> bool:
        return now < kept.asked_at + self.lifetime and not (kept.answer.done() and _has_failed(kept.answer))


class _NotGrantedError(Exception):
    """A right is missing; the cache keeps no failures."""


class Grants:
    """Rights that Odoo's user has, kept for `lifetime` seconds of `clock`. A missing one is asked for anew."""

    def __init__(self, lifetime: float, clock: Callable[[], float]) -> None:
        self._lifetime = lifetime
        self._clock = clock
        self.forget()

    async def get(self, key: Hashable, ask: Callable[[], Coroutine[Any, Any, bool]]) -> bool:
        """Return True if the right was there recently, or what `ask` returns. Raises what `ask` raises."""

        async def require() -> None:
            if not await ask():
                raise _NotGrantedError

        try:
            await self._granted.get(key, require)
        except _NotGrantedError:
            return False
        return True

    def forget(self) -> None:
        """Ask for each right again, because one may have been taken away."""
        self._granted = Cache(self._lifetime, self._clock)


def _asked(ask: Callable[[], Coroutine[Any, Any, Any]], now: float) -> _Kept:
    answer = asyncio.create_task(ask())
    # if every caller is cancelled, asyncio would log the exception as never retrieved
    answer.add_done_callback(_has_failed)
    return _Kept(answer, now)


def _has_failed(answer: asyncio.Task[Any]) -> bool:
    return answer.cancelled() or answer.exception() is not None
