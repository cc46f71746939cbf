"""Facts about an Odoo, kept for a short time because a running Odoo may be upgraded, and rights taken away."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass
class Cache:
    """Answers that are kept for `lifetime` seconds of `clock`. Failures are not kept.

    Concurrent callers share one call. If one of them is cancelled, the call goes on for the others.
    """

    lifetime: float
    clock: Callable[[], float]
    _answers: dict[Hashable, tuple[float, asyncio.Task[Any]]] = field(default_factory=dict, init=False)

    async def get(self, key: Hashable, ask: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Return the kept answer, or call `ask` for a new one. Raises what `ask` raises."""
        now = self.clock()
        self._answers = {one: kept for one, kept in self._answers.items() if _is_good(kept, now)}
        if key not in self._answers:
            asked = asyncio.create_task(ask())
            # if every caller is cancelled, asyncio would log the exception as never retrieved
            asked.add_done_callback(_has_failed)
            self._answers[key] = (now + self.lifetime, asked)
        answer: T = await asyncio.shield(self._answers[key][1])
        return answer


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


def _is_good(kept: tuple[float, asyncio.Task[Any]], now: float) -> bool:
    expires, answer = kept
    return now < expires and not (answer.done() and _has_failed(answer))


def _has_failed(answer: asyncio.Task[Any]) -> bool:
    return answer.cancelled() or answer.exception() is not None
