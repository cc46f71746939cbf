"""Threads for blocking work that may hang."""

import asyncio
import contextvars
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from log_store.errors import LogStoreError


class Threads:
    """A number of threads; one that hangs is given up after some seconds and counts as busy until it ends.

    `place` is what the threads write to, as the sentences of the errors name it.
    """

    def __init__(self, number: int, seconds: float, place: str) -> None:
        self._pool = ThreadPoolExecutor(number, "log-store")
        self._free = threading.Semaphore(number)
        self._seconds = seconds
        self._place = place

    async def run(self, work: Callable[[], None]) -> None:
        """Do the work in a thread, and raise what it raises.

        Raises:
            LogStoreError: No thread is free, or the work takes too long.

        """
        if not self._free.acquire(blocking=False):
            # waiting here would take the place of a call to Odoo; between two attempts no place is taken
            raise LogStoreError(f"All writers of {self._place} are busy.")
        future = self._pool.submit(contextvars.copy_context().run, work)
        future.add_done_callback(lambda _: self._free.release())
        try:
            async with asyncio.timeout(self._seconds):
                await asyncio.wrap_future(future)
        except TimeoutError:
            raise LogStoreError(f"Writing {self._place} took too long.") from None
