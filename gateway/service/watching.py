"""Waiting for a quotation to change, at the cost of one watch however many wait (contract, section 2)."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

from temporalio.client import Client
from temporalio.service import RPCError

from gateway.errors import GatewayError
from gateway.metrics import WATCHERS
from quotation.status import QuotationStatus

Read = Callable[[], Awaitable[QuotationStatus]]
"""Reads a quotation's status as Temporal tells it, without a worker."""

_PAUSE_SECONDS = 2.0
"""How often a quotation is read whose events are followed: its history tells of steps and not of attempts."""


class Watches:
    """The quotations that somebody waits for.

    All who watch one at the same time share what the first of them causes: one long poll of its run's history, and
    one `read` for each change in there. Both methods take the status as it was read a moment ago, so that nothing
    is read twice, and raise `GatewayError` where the quotation can be read no more.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._watches: dict[str, _Watch] = {}
        self._is_closed = False

    async def close(self) -> None:
        """Let nobody wait any longer: whoever does is given the last status that is known."""
        self._is_closed = True
        for watch in list(self._watches.values()):
            await watch.close()

    async def final(self, status: QuotationStatus, read: Read) -> QuotationStatus:
        """Give the status when it is final, at whatever time that may be; or the last one before `close`."""
        with self._watching(status, read) as watch:
            async for latest in watch.statuses():
                status = latest
        return status

    async def changes(self, status: QuotationStatus, read: Read) -> AsyncIterator[QuotationStatus]:
        """Give the status now and at each change, of an attempt's failure too, until it is final or `close`."""
        with self._watching(status, read) as watch, watch.followed():
            async for latest in watch.statuses():
                yield latest

    @contextlib.contextmanager
    def _watching(self, status: QuotationStatus, read: Read) -> Iterator["_Watch"]:
        watch = self._watches.get(status.tracking_id)
        if watch is None or watch.is_over:
            watch = self._watches[status.tracking_id] = _Watch(self._client, status, read)
            watch.is_closed = self._is_closed
        watch.watchers += 1
        try:
            with WATCHERS.track_inprogress():
                yield watch
        finally:
            watch.watchers -= 1
            if not watch.watchers:
                watch.stop()
                if self._watches.get(status.tracking_id) is watch:
                    del self._watches[status.tracking_id]


class _Watch:
    """One quotation, followed until its status is final."""

    def __init__(self, client: Client, status: QuotationStatus, read: Read) -> None:
        self.watchers = 0
        self.is_closed = False
        self._followers = 0
        self._client = client
        self._latest = status
        self._read = read
        self._problem: GatewayError | None = None
        self._version = 1
        self._told = asyncio.Condition()
        self._stirred = asyncio.Event()
        self._tasks = [asyncio.create_task(self._keep_reading()), asyncio.create_task(self._follow_history())]

    @property
    def is_over(self) -> bool:
        """True where nothing more will be told."""
        return self._problem is not None or self._latest.status.is_final

    async def close(self) -> None:
        """Tell nothing more."""
        self.is_closed = True
        await self._tell()

    def stop(self) -> None:
        for task in self._tasks:
            task.cancel()

    @contextlib.contextmanager
    def followed(self) -> Iterator[None]:
        """Tell inside also what the history does not."""
        self._followers += 1
        self._stirred.set()
        try:
            yield
        finally:
            self._followers -= 1

    async def statuses(self) -> AsyncIterator[QuotationStatus]:
        seen = 0
        while True:
            async with self._told:
                while self._version == seen:
                    await self._told.wait()
                seen, latest, problem = self._version, self._latest, self._problem
            if problem is not None:
                raise problem
            yield latest
            if latest.status.is_final or self.is_closed:
                return

    async def _keep_reading(self) -> None:
        while not self.is_over:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_PAUSE_SECONDS if self._followers else None):
                    await self._stirred.wait()
            self._stirred.clear()
            try:
                latest = await self._read()
            except GatewayError as problem:
                await self._tell(problem=problem)
                return
            if _differs(latest, self._latest):
                await self._tell(latest)

    async def _follow_history(self) -> None:
        handle = self._client.get_workflow_handle(self._latest.tracking_id)
        while not self.is_over:
            with contextlib.suppress(RPCError):
                async for event in handle.fetch_history_events(wait_new_event=True):
                    if event.HasField("workflow_properties_modified_event_attributes"):
                        self._stirred.set()
            # the run is closed, or Temporal is away
            self._stirred.set()
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _tell(self, latest: QuotationStatus | None = None, problem: GatewayError | None = None) -> None:
        async with self._told:
            self._latest, self._problem = latest or self._latest, problem or self._problem
            self._version += 1
            self._told.notify_all()


def _differs(one: QuotationStatus, other: QuotationStatus) -> bool:
    # time goes on without a change
    same_time = {"elapsed_time": ""}
    return one.model_copy(update=same_time) != other.model_copy(update=same_time)
