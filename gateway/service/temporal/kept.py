"""Answers of Temporal that are the same for many callers, and kept for a short time."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

T = TypeVar("T")

_MOST = 1000
"""The number of answers at which old ones are forgotten."""


class Kept(Generic[T]):
    """Answers that are kept for `seconds`. Concurrent callers share one question."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._answers: dict[Hashable, tuple[float, asyncio.Task[T]]] = {}

    async def get(self, key: Hashable, ask: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Return the kept answer, or what `ask` returns now; a failure is kept too. Raises what `ask` raises."""
        return await asyncio.shield(self._asked(key, ask))

    def _asked(self, key: Hashable, ask: Callable[[], Coroutine[Any, Any, T]]) -> asyncio.Task[T]:
        now = self._clock()
        known = self._answers.get(key)
        if known is None or now >= known[0]:
            self._forget_old(now)
            known = (now + self._seconds, asyncio.create_task(ask()))
            # without a caller that waits, asyncio would log the exception as never retrieved
            known[1].add_done_callback(_is_good)
            self._answers[key] = known
        return known[1]

    def _forget_old(self, now: float) -> None:
        if len(self._answers) > _MOST:
            self._answers = {key: kept for key, kept in self._answers.items() if now < kept[0]}


def _is_good(asked: asyncio.Task[Any]) -> bool:
    return not asked.cancelled() and asked.exception() is None
