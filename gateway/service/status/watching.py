"""Waits for a quotation to change. All waiting callers share one watch (docs/reference.md, REST)."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime

from temporalio.client import Client
from temporalio.service import RPCError

from gateway.errors import GatewayError, UnexpectedError
from gateway.metrics import WATCHERS
from gateway.service.status.telling import ToldStatus
from gateway.service.temporal.deadlines import NotConnectedError, connecting
from quotation.status import QuotationStatus

logger = logging.getLogger(__name__)

Read = Callable[[str, QuotationStatus | None], Awaitable[QuotationStatus]]
"""Reads a quotation's status as Temporal has it, without a worker; the history may have told it already."""

See = Callable[[QuotationStatus], Awaitable[None]]
"""Called with each status while a caller waits for a final one."""

_PAUSE_SECONDS = 2.0
"""How often a streamed quotation is read: its history has its steps but not their attempts."""

_MOST_READS_A_SECOND = 20.0
"""How often all of them together are read at most: with more than 40 the pause between two reads grows."""

_MOST_POLLS_A_SECOND = 20.0
"""How often the histories of all quotations that nobody follows are polled together, until their last steps."""

_LONGEST_REST_SECONDS = 1.0
"""How late the end of such a quotation may be told, if it fails before its last steps."""

_SHARE_OF_REST = 0.1
"""The share of the rest during the last steps."""


class Watches:
    """The quotations that somebody waits for.

    All who watch one at the same time share its cost: one long poll of its run's history, which tells the status.
    Attempts are not in the history, so if somebody streams the changes, there are reads while a step is pending.
    Both methods take the status as it was read a moment ago, so nothing is read twice. They raise `GatewayError`
    if the quotation can no longer be read, for whatever reason.
    """

    def __init__(
        self,
        client: Client,
        read: Read,
        *,
        pause_seconds: float = _PAUSE_SECONDS,
        most_reads_a_second: float = _MOST_READS_A_SECOND,
    ) -> None:
        self._client = client
        self._read = read
        self._pause_seconds = pause_seconds
        self._most_reads_a_second = most_reads_a_second
        self._watches: dict[str, _Watch] = {}
        self._is_closed = False

    async def close(self) -> None:
        """End all waiting: each waiter gets the last known status."""
        self._is_closed = True
        for watch in list(self._watches.values()):
            await watch.close()

    async def final(self, status: QuotationStatus, see: See | None = None) -> QuotationStatus:
        """Return the status as soon as it is final, or the last one before `close`; `see` gets each before."""
        with self._watching(status, "wait") as watch:
            async for latest in watch.statuses():
                status = latest
                if see is not None:
                    await see(status)
        return status

    async def changes(self, status: QuotationStatus, until: float) -> AsyncGenerator[QuotationStatus, None]:
        """Yield the status now and at each change until it is final, or this time of the event loop, or `close`.

        A failed attempt is a change too.
        """
        with self._watching(status, "stream") as watch, watch.followed():
            async for latest in watch.statuses(until):
                yield latest

    def pause_seconds(self) -> float:
        """Return the pause between two reads of a streamed quotation."""
        read = sum(watch.is_read for watch in self._watches.values())
        return max(self._pause_seconds, read / self._most_reads_a_second)

    def rest_seconds(self) -> float:
        """Return the rest between two polls of a history; a quotation that is watched alone needs none."""
        return min(max(len(self._watches) - 1, 0) / _MOST_POLLS_A_SECOND, _LONGEST_REST_SECONDS)

    @contextlib.contextmanager
    def _watching(self, status: QuotationStatus, kind: str) -> Iterator["_Watch"]:
        watch = self._watches.get(status.tracking_id)
        if watch is None or watch.is_over:
            watch = self._watches[status.tracking_id] = _Watch(
                self._client, status, self._read, self.pause_seconds, self.rest_seconds
            )
            watch.is_closed = self._is_closed
        watch.watchers += 1
        try:
            with WATCHERS.labels(kind).track_inprogress():
                yield watch
        finally:
            watch.watchers -= 1
            if not watch.watchers:
                watch.stop()
                if self._watches.get(status.tracking_id) is watch:
                    del self._watches[status.tracking_id]


class _Watch:
    """One quotation, followed until its status is final."""

    def __init__(
        self,
        client: Client,
        status: QuotationStatus,
        read: Read,
        pause_seconds: Callable[[], float],
        rest_seconds: Callable[[], float],
    ) -> None:
        self.watchers = 0
        self.is_closed = False
        self._followers = 0
        self._client = client
        self._latest = status
        self._read = read
        self._pause_seconds = pause_seconds
        self._rest_seconds = rest_seconds
        self._problem: GatewayError | None = None
        self._version = 1
        self._news = asyncio.Condition()
        self._stirred = asyncio.Event()
        self._told: QuotationStatus | None = None
        self._may_fail = True
        self._tasks = [
            asyncio.create_task(self._ending_all_on_error(work))
            for work in (self._keep_reading, self._follow_history)
        ]

    @property
    def is_over(self) -> bool:
        """True if there will be no further status."""
        return self._problem is not None or self._latest.status.is_final

    @property
    def is_read(self) -> bool:
        """True if it is read again and again: a caller is streaming its changes, and an attempt may fail."""
        return self._followers > 0 and self._may_fail

    async def close(self) -> None:
        """End the waiting with the latest status."""
        self.is_closed = True
        await self._announce()

    def stop(self) -> None:
        """Stop watching, because no caller is waiting any longer."""
        for task in self._tasks:
            task.cancel()

    @contextlib.contextmanager
    def followed(self) -> Iterator[None]:
        """Read the status even if its history has no change, while this context is open."""
        self._followers += 1
        self._stirred.set()
        try:
            yield
        finally:
            self._followers -= 1

    async def statuses(self, until: float | None = None) -> AsyncIterator[QuotationStatus]:
        """Yield the latest status now and at each change. Raises `GatewayError` when it can no longer be read."""
        seen = 0
        while await self._has_news(seen, until):
            seen, latest = self._version, self._latest
            if self._problem is not None:
                raise self._problem
            yield latest
            if latest.status.is_final or self.is_closed:
                return

    async def _has_news(self, seen: int, until: float | None) -> bool:
        """Wait for a newer version than the one seen; return False if there is none by then."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(until), self._news:
                await self._news.wait_for(lambda: self._version != seen)
        return self._version != seen

    async def _ending_all_on_error(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except GatewayError as problem:
            await self._announce(problem=problem)
        except Exception:
            logger.exception("a quotation can no longer be watched")
            await self._announce(problem=UnexpectedError())

    async def _keep_reading(self) -> None:
        while not self.is_over:
            is_time = False
            try:
                async with asyncio.timeout(self._pause_seconds() if self.is_read else None):
                    await self._stirred.wait()
            except TimeoutError:
                is_time = True
            self._stirred.clear()
            latest = self._told
            # the history does not tell that a concurrent step is still being retried
            may_retry = is_time or (self._followers and self._latest.retrying)
            if latest is None or (may_retry and not latest.status.is_final):
                latest = await self._read(self._latest.tracking_id, latest)
            latest = latest.measured_at(datetime.now(UTC))
            if _differs(latest, self._latest):
                await self._announce(latest)

    async def _follow_history(self) -> None:
        handle = self._client.get_workflow_handle(self._latest.tracking_id)
        while not self.is_over:
            with contextlib.suppress(RPCError, NotConnectedError), connecting():
                told = ToldStatus(self._latest.tracking_id, self._client.data_converter)
                events = handle.fetch_history_events(wait_new_event=True)
                async for event in events:
                    if await told.hear(event):
                        self._told = told.status
                        self._stirred.set()
                    if told.may_fail is not self._may_fail:
                        self._may_fail = told.may_fail
                        self._stirred.set()
                    if events.current_page_index == len(events.current_page or ()) and not self._followers:
                        # who waits needs only the end, and each step makes three changes in a row
                        await asyncio.sleep(self._rest_seconds() * (_SHARE_OF_REST if told.may_end else 1))
            # the run is closed, or Temporal is away
            self._told, self._may_fail = None, True
            self._stirred.set()
            await asyncio.sleep(self._pause_seconds())

    async def _announce(self, latest: QuotationStatus | None = None, problem: GatewayError | None = None) -> None:
        async with self._news:
            self._latest, self._problem = latest or self._latest, problem or self._problem
            self._version += 1
            self._news.notify_all()


def _differs(one: QuotationStatus, other: QuotationStatus) -> bool:
    # time goes on without a change
    same_time = {"elapsed_time": ""}
    return one.model_copy(update=same_time) != other.model_copy(update=same_time)
