"""How long a quotation takes behind a batch of another caller, in comparison with alone.

Two callers have keys of their own. One starts a batch. When all of it is accepted, the other one makes one
quotation after the other, each with one call that waits for the result, while nearly all of the batch still waits.
The first one comes while Temporal and worker still take in the last quotations of the batch.
Each call to Odoo takes a while, so the batch fills all slots of the worker.

One slot is the time for which a step holds a slot of the worker: the mean of a quotation that is made alone, from
Temporal's history. A step that is next waits less than that, because one of several slots is free sooner.
"""

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from statistics import mean, median

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

from benchmarks.measurements import names
from benchmarks.samples import Samples
from benchmarks.sides import batch
from benchmarks.sides.clients import Caller, check, rest, waiting
from benchmarks.sides.requests import new_request
from benchmarks.stage import OdooSide
from quotation.messages import task_queue
from sandbox.processes import SandboxError
from sandbox.system import System

_CALL_SECONDS = 0.3
_WAIT_SECONDS = 20
_OF_BATCH, _OF_ONE = "key-of-batch", "key-of-one"
_SETTINGS = {
    "GATEWAY_API_KEYS": f"batch:{_OF_BATCH}:dev,one:{_OF_ONE}:dev",
    "TRACKING_SECRET": "of-the-benchmark",
}


async def measure(client: Client, side: OdooSide, samples: Samples, number: int, rounds: int) -> None:
    """Measure so many quotations alone, and so many behind a batch of `number`.

    Raises `SandboxError` if the batch was done too soon.
    """
    alone: list[float] = []
    behind: list[float] = []
    with _gateway_with_keys(side) as gateway:
        async with (
            _slow_odoo(side),
            rest(gateway, key=_OF_BATCH) as by_batch,
            rest(gateway, key=_OF_ONE) as by_one,
        ):
            quote = waiting(by_one)

            async def timed() -> float:
                began = time.perf_counter()
                await quote()
                return 1000 * (time.perf_counter() - began)

            await quote()
            slot = await _slot(client, by_one)
            alone += [await timed() for _ in range(rounds)]
            ids = [one async for one in batch.start(by_batch, number)]
            try:
                behind += [await timed() for _ in range(rounds)]
                if (await by_batch.status(ids[-1]))["completed_at"] is not None:
                    raise SandboxError("The batch was done before the quotations behind it")
            finally:
                await batch.end(client, ids)
    for one, other in zip(alone, behind, strict=True):
        samples.add(names.BEHIND, names.ONE_ALONE, one)
        samples.add(names.BEHIND, names.ONE_BEHIND, other)
        samples.add(names.BEHIND, names.LESS_ONE_SLOT, other - slot)
    samples.add(names.BEHIND, names.FIRST_BEHIND, behind[0] / median(alone))
    samples.add(names.BEHIND, names.SLOT, slot)


@contextmanager
def _gateway_with_keys(side: OdooSide) -> Iterator[str]:
    """Serve the product by one more gateway, which knows the callers by their keys; yield its address."""
    product = side.system
    folder = product.folder / "keys"
    folder.mkdir()
    system = System(folder, product.temporal, product.s3_url, product.odoo, {**product.extra, **_SETTINGS})
    try:
        system.start_gateway()
        yield system.gateway_url
        system.check()
    finally:
        system.stop()


@asynccontextmanager
async def _slow_odoo(side: OdooSide) -> AsyncIterator[None]:
    await side.set_latency(_CALL_SECONDS)
    try:
        yield
    finally:
        await side.set_latency(0)


async def _slot(client: Client, caller: Caller) -> float:
    """Make a quotation, and return the milliseconds that a step of it took on average."""
    status = await caller.start(new_request(), _WAIT_SECONDS)
    check(status)
    begun: dict[int, float] = {}
    scheduled: set[int] = set()
    taken: list[float] = []
    async for event in client.get_workflow_handle(status["tracking_id"]).fetch_history_events():
        at = event.event_time.ToNanoseconds() / 1e6
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
            # the log has slots of its own
            if event.activity_task_scheduled_event_attributes.task_queue.name == task_queue("dev"):
                scheduled.add(event.event_id)
        elif event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED:
            begun[event.activity_task_started_event_attributes.scheduled_event_id] = at
        elif event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
            step = event.activity_task_completed_event_attributes.scheduled_event_id
            if step in scheduled:
                taken.append(at - begun[step])
    return mean(taken)
