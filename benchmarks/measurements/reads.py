"""How many status reads a second the gateway answers, against bare queries, which Temporal's worker answers."""

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta

from temporalio.service import RPCError

from benchmarks.measurements import names
from benchmarks.samples import Samples, Side
from benchmarks.sides.bare_temporal import BareTemporal, BareWorkflow, HeldWorkflow
from benchmarks.sides.clients import check, rest
from benchmarks.sides.requests import new_request
from benchmarks.stage import OdooSide

_READERS = 8
_WAIT_SECONDS = 60
_PATIENCE = timedelta(seconds=1)
# longer than the reads of an open quotation take
_HOLD_SECONDS = 20.0


async def measure(
    side: OdooSide, bare: BareTemporal, samples: Samples, *, rounds: int, seconds: float, activities: int
) -> None:
    """Measure reads of one finished quotation and of one that is open, each in turn with queries of its like."""
    async with rest(side.system.gateway_url) as client:
        finished = (await client.start(new_request()))["tracking_id"]
        check(await client.status(finished, _WAIT_SECONDS))
        ended = await bare.start(activities)
        await ended.result()
        held = await bare.hold()

        async def query_finished() -> None:
            await ended.query(BareWorkflow.status, rpc_timeout=_PATIENCE)

        async def query_open() -> None:
            await held.query(HeldWorkflow.status, rpc_timeout=_PATIENCE)

        async def read_finished() -> None:
            await client.status(finished)

        of_finished = {names.BARE_TEMPORAL: query_finished, names.REST: read_finished}
        await _measure(names.FINISHED_READS, of_finished, samples, rounds, seconds)
        await side.set_latency(min(_HOLD_SECONDS, 2 * seconds * rounds + 5))
        try:
            tracking_id = (await client.start(new_request()))["tracking_id"]

            async def read_open() -> None:
                await client.status(tracking_id)

            of_open = {names.BARE_TEMPORAL: query_open, names.REST: read_open}
            await _measure(names.OPEN_READS, of_open, samples, rounds, seconds)
        finally:
            await side.set_latency(0)
        check(await client.status(tracking_id, _WAIT_SECONDS))
        await held.terminate()


async def _measure(
    measurement: str, sides: Mapping[str, Side], samples: Samples, rounds: int, seconds: float
) -> None:
    for _ in range(rounds):
        for name, read in sides.items():
            samples.add(measurement, name, await _rate(read, seconds))


async def _rate(read: Side, seconds: float) -> float:
    """Return the reads a second of several readers."""
    began = time.monotonic()
    number = 0

    async def reader() -> None:
        nonlocal number
        while time.monotonic() < began + seconds:
            # a query is lost now and then, and is not answered then
            with suppress(RPCError):
                await read()
                number += 1

    async with asyncio.TaskGroup() as group:
        for _ in range(_READERS):
            group.create_task(reader())
    return number / (time.monotonic() - began)
