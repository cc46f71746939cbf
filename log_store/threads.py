"""Threads for blocking work that may hang."""

import asyncio
import contextvars
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from log_store.errors import LogStoreError

Outcome = TypeVar("Outcome")


class Threads:
    """A number of threads; one that hangs is given up after some seconds and counts as busy until it ends.

    `busy` and `late` are the sentences of the errors.
    """

    def __init__(self, number: int, seconds: float, *, busy: str, late: str) -> None:
        self._pool = ThreadPoolExecutor(number, "log-store")
        self._free = threading.Semaphore(number)
        self._seconds = seconds
        self._busy = busy
        self._late = late

    async def run(self, work: Callable[[], Outcome]) -> Outcome:
        """Do the work in a thread, and return or raise what it returns or raises.

        Raises:
            LogStoreError: No thread is free, or the work takes too long.

        """
        if not self._free.acquire(blocking=False):
            # waiting here would take the place of a call to Odoo; between two attempts no place is taken
            raise LogStoreError(self._busy)
        future = self._pool.submit(contextvars.copy_context().run, work)
        future.add_done_callback(lambda _: self._free.release())
        try:
            async with asyncio.timeout(self._seconds):
                return await asyncio.wrap_future(future)
        except TimeoutError:
            raise LogStoreError(self._late) from None
