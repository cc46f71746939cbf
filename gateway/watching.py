"""Waiting for a quotation to change, at the cost of one watch however many wait (contract, section 2)."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

from temporalio.client import Client
from temporalio.service import RPCError

from gateway.errors import GatewayError
from quotation.status import QuotationStatus

Read = Callable[[], Awaitable[QuotationStatus]]
"""Reads a quotation's status as Temporal tells it, without a worker."""

_PAUSE_SECONDS = 2.0
"""How often a watched quotation is read though its history says nothing: attempts are not in there."""


class Watches:
    """The quotations that somebody waits for."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._watches: dict[str, _Watch] = {}

    async def statuses(self, tracking_id: str, read: Read) -> AsyncIterator[QuotationStatus]:
        """Give the status now and at each change, until it is final. Raises `GatewayError` where there is none.

        All who watch a quotation at the same time share what the first of them causes: one long poll of its run's
        history, and one `read` for each change in there.
        """
        watch = self._watches.get(tracking_id)
        if watch is None or watch.is_over:
            watch = self._watches[tracking_id] = _Watch(self._client, tracking_id, read)
        watch.watchers += 1
        try:
            async for status in watch.statuses():
                yield status
        finally:
            watch.watchers -= 1
            if not watch.watchers:
                watch.stop()
                if self._watches.get(tracking_id) is watch:
                    del self._watches[tracking_id]


class _Watch:
    """One quotation's run, followed until its status is final."""

    def __init__(self, client: Client, tracking_id: str, read: Read) -> None:
        self.watchers = 0
        self._client = client
        self._tracking_id = tracking_id
        self._read = read
        self._latest: QuotationStatus | None = None
        self._problem: GatewayError | None = None
        self._version = 0
        self._told = asyncio.Condition()
        self._stirred = asyncio.Event()
        self._tasks = [asyncio.create_task(self._keep_reading()), asyncio.create_task(self._follow_history())]

    @property
    def is_over(self) -> bool:
        """True where nothing more will be told."""
        return self._problem is not None or (self._latest is not None and self._latest.status.is_final)

    def stop(self) -> None:
        for task in self._tasks:
            task.cancel()

    async def statuses(self) -> AsyncIterator[QuotationStatus]:
        seen = 0
        while True:
            async with self._told:
                while self._version == seen:
                    await self._told.wait()
                seen, latest, problem = self._version, self._latest, self._problem
            if problem is not None:
                raise problem
            if latest is not None:
                yield latest
                if latest.status.is_final:
                    return

    async def _keep_reading(self) -> None:
        while not self.is_over:
            self._stirred.clear()
            try:
                latest = await self._read()
            except GatewayError as problem:
                await self._tell(problem=problem)
                return
            if self._latest is None or _differs(latest, self._latest):
                await self._tell(latest)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_PAUSE_SECONDS):
                    await self._stirred.wait()

    async def _follow_history(self) -> None:
        handle = self._client.get_workflow_handle(self._tracking_id)
        # where Temporal is away the pauses of the other task are enough
        with contextlib.suppress(RPCError):
            async for event in handle.fetch_history_events(wait_new_event=True):
                if event.HasField("workflow_properties_modified_event_attributes"):
                    self._stirred.set()
            # the run is closed
            self._stirred.set()

    async def _tell(self, latest: QuotationStatus | None = None, problem: GatewayError | None = None) -> None:
        async with self._told:
            self._latest, self._problem = latest or self._latest, problem
            self._version += 1
            self._told.notify_all()


def _differs(one: QuotationStatus, other: QuotationStatus) -> bool:
    # time goes on without a change
    same_time = {"elapsed_time": ""}
    return one.model_copy(update=same_time) != other.model_copy(update=same_time)
