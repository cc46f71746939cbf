"""Many quotations in flight at once: the cost of them and of their clients, and whether all are made alike.

Clients start them while Odoo is slow, follow them, and wait for them. Then Odoo becomes fast, and the first ones
are made while the others wait for their turns, so the system stays full. The time of a quotation is from the begin
of its first activity until it is completed: the time before that is the wait for its turn, which grows evenly in
any fair order. Quotations that began while Odoo was slow do not count.
"""

import asyncio
import resource
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from statistics import median

from prometheus_client.parser import text_string_to_metric_families
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

from benchmarks.measurements import names
from benchmarks.processes import peak_megabytes, processor_seconds
from benchmarks.samples import Samples
from benchmarks.sides import batch
from benchmarks.sides.clients import Rest, check, rest
from benchmarks.stage import OdooSide, started

_SLOW_SECONDS = 5.0
_WAIT_SECONDS = 60
_PAUSE_SECONDS = 0.5
_MADE = 200


async def measure(client: Client, side: OdooSide, samples: Samples, number: int, window_seconds: float) -> None:
    """Start so many quotations, measure the cost of their clients, make the first ones, and end the others."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    # each client has a connection of its own
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    gateway, worker = started(side.system.gateway), side.system.workers[0]
    async with rest(side.system.gateway_url) as by_rest:
        await side.set_latency(_SLOW_SECONDS)
        ids = [one async for one in batch.start(by_rest, number)]

        async def wait(tracking_id: str) -> None:
            await by_rest.status(tracking_id, _WAIT_SECONDS)

        # those who follow first: the gateway does not notice that a waiting client has gone
        for name, call in ((names.FOLLOWING_CORES, by_rest.events), (names.WAITING_CORES, wait)):
            await _until(by_rest, lambda watchers: not watchers)
            async with _each(ids, call) as calls:
                await _until(by_rest, partial(_are_all, calls))
                before, began = processor_seconds(gateway.pid), time.monotonic()
                await asyncio.sleep(window_seconds)
                cores = (processor_seconds(gateway.pid) - before) / (time.monotonic() - began)
                samples.add(names.CROWD, name, cores)
        await side.set_latency(0)
        fast_since = datetime.now(UTC)
        made = await _finish(by_rest, ids[:_MADE])
        times = [
            (completed_at - begun_at).total_seconds()
            for tracking_id, completed_at in made.items()
            if (begun_at := await _begun_at(client, tracking_id)) > fast_since
        ]
        samples.add(names.CROWD, names.SLOWEST, max(times) / median(times))
        samples.add(names.CROWD, names.WORKER_MB, peak_megabytes(worker.pid))
        await batch.end(client, ids[_MADE:])


@asynccontextmanager
async def _each(
    ids: Iterable[str], call: Callable[[str], Awaitable[None]]
) -> AsyncIterator[Sequence[asyncio.Future[None]]]:
    """Call for each id during the block, each over a connection of its own."""
    calls = [asyncio.ensure_future(call(tracking_id)) for tracking_id in ids]
    try:
        yield calls
    finally:
        for one in calls:
            one.cancel()
        ended = await asyncio.gather(*calls, return_exceptions=True)
    for outcome in ended:
        if isinstance(outcome, Exception):
            raise outcome


async def _until(client: Rest, fits: Callable[[float], bool]) -> None:
    """Return when the number of watching clients fits, as the gateway counts them."""
    async with asyncio.timeout(_WAIT_SECONDS):
        while True:
            if fits(await _watchers(client)):
                return
            await asyncio.sleep(_PAUSE_SECONDS)


def _are_all(calls: Sequence[asyncio.Future[None]], watchers: float) -> bool:
    # some quotations may have completed
    return watchers >= sum(not call.done() for call in calls)


async def _watchers(client: Rest) -> float:
    metrics = text_string_to_metric_families((await client.http.get("/metrics")).text)
    return sum(one.value for metric in metrics for one in metric.samples if one.name == "gateway_watchers")


async def _finish(client: Rest, ids: Sequence[str]) -> dict[str, datetime]:
    """Wait until the quotations have completed, and return when each has."""
    completed: dict[str, datetime] = {}
    remaining = iter(ids)

    async def reader() -> None:
        for tracking_id in remaining:
            status = await client.status(tracking_id, _WAIT_SECONDS)
            while status["completed_at"] is None:
                status = await client.status(tracking_id, _WAIT_SECONDS)
            check(status)
            completed[tracking_id] = datetime.fromisoformat(status["completed_at"])

    async with asyncio.TaskGroup() as group:
        for _ in range(batch.CONNECTIONS):
            group.create_task(reader())
    return completed


async def _begun_at(client: Client, tracking_id: str) -> datetime:
    """Return when a worker began the first activity of a quotation."""
    events = client.get_workflow_handle(tracking_id).fetch_history_events()
    return await anext(
        event.event_time.ToDatetime(UTC)
        async for event in events
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED
    )
