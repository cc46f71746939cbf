"""Many quotations in flight at once: the cost of them and of their clients, and the longest wait."""

import asyncio
import resource
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from statistics import median

from benchmarks.measurements import names
from benchmarks.processes import peak_megabytes, processor_seconds
from benchmarks.samples import Samples
from benchmarks.sides.clients import Rest, check, rest
from benchmarks.sides.requests import new_request
from benchmarks.stage import OdooSide, started

_SLOW_SECONDS = 5.0
_CONNECTIONS = 8
_WAIT_SECONDS = 60


async def measure(side: OdooSide, samples: Samples, number: int, window_seconds: float) -> None:
    """Start so many quotations, let a client wait for each, then follow each, and then let Odoo be fast again."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    # each client has a connection of its own
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    gateway, worker = started(side.system.gateway), side.system.workers[0]
    async with rest(side.system.gateway_url) as client:
        await side.set_latency(_SLOW_SECONDS)
        ids = [one async for one in _start(client, number)]

        async def wait(tracking_id: str) -> None:
            await client.status(tracking_id, _WAIT_SECONDS)

        for name, call in ((names.WAITING_CORES, wait), (names.FOLLOWING_CORES, client.events)):
            async with _each(ids, call):
                # until all are connected
                await asyncio.sleep(window_seconds)
                before, began = processor_seconds(gateway.pid), time.monotonic()
                await asyncio.sleep(window_seconds)
                cores = (processor_seconds(gateway.pid) - before) / (time.monotonic() - began)
                samples.add(names.CROWD, name, cores)
        await side.set_latency(0)
        times = await _finish(client, ids, time.time())
        samples.add(names.CROWD, names.SLOWEST, max(times) / median(times))
        samples.add(names.CROWD, names.WORKER_MB, peak_megabytes(worker.pid))


async def _start(client: Rest, number: int) -> AsyncIterator[str]:
    for first in range(0, number, _CONNECTIONS):
        size = min(_CONNECTIONS, number - first)
        for answer in await asyncio.gather(*(client.start(new_request()) for _ in range(size))):
            yield str(answer["tracking_id"])


@asynccontextmanager
async def _each(ids: Iterable[str], call: Callable[[str], Awaitable[None]]) -> AsyncIterator[None]:
    """Call for each id during the block, each over a connection of its own."""
    calls = [asyncio.ensure_future(call(tracking_id)) for tracking_id in ids]
    try:
        yield
    finally:
        for one in calls:
            one.cancel()
        ended = await asyncio.gather(*calls, return_exceptions=True)
    for outcome in ended:
        if isinstance(outcome, Exception):
            raise outcome


async def _finish(client: Rest, ids: Sequence[str], since: float) -> list[float]:
    """Return the seconds until each of the quotations has completed, counted from a time of the clock."""
    times = []
    remaining = iter(ids)

    async def reader() -> None:
        for tracking_id in remaining:
            status = await client.status(tracking_id, _WAIT_SECONDS)
            while status["completed_at"] is None:
                status = await client.status(tracking_id, _WAIT_SECONDS)
            check(status)
            times.append(max(datetime.fromisoformat(status["completed_at"]).timestamp() - since, 0.0))

    async with asyncio.TaskGroup() as group:
        for _ in range(_CONNECTIONS):
            group.create_task(reader())
    return times
