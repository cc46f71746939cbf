"""What is known about an Odoo, kept for a few minutes only: a running Odoo may be upgraded."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass
class Cache:
    """Answers that are asked for once in `lifetime` seconds of `clock`; a failure is not kept.

    Callers at the same time share one call, and a caller that is cancelled does not cancel it for the others.
    """

    lifetime: float
    clock: Callable[[], float]
    _answers: dict[Hashable, tuple[float, asyncio.Task[Any]]] = field(default_factory=dict, init=False)

    async def get(self, key: Hashable, ask: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Return the kept answer, or else that of `ask`. Raises what `ask` raises."""
        now = self.clock()
        self._answers = {one: kept for one, kept in self._answers.items() if _is_good(kept, now)}
        if key not in self._answers:
            asked = asyncio.create_task(ask())
            # asyncio logs an exception that nobody looked at, and every caller may be gone by then
            asked.add_done_callback(_has_failed)
            self._answers[key] = (now + self.lifetime, asked)
        answer: T = await asyncio.shield(self._answers[key][1])
        return answer


def _is_good(kept: tuple[float, asyncio.Task[Any]], now: float) -> bool:
    expires, answer = kept
    return now < expires and not (answer.done() and _has_failed(answer))


def _has_failed(answer: asyncio.Task[Any]) -> bool:
    return answer.cancelled() or answer.exception() is not None
