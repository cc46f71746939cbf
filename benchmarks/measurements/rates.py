"""How many quotations a second a side makes, and the processor time that each takes."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.measurements import names
from benchmarks.measurements.times import of_product
from benchmarks.processes import Groups
from benchmarks.samples import Samples, Side
from benchmarks.sides.bare_temporal import BareTemporal
from benchmarks.sides.clients import polling, rest, waiting
from benchmarks.stage import OdooSide

# often enough not to wait, and seldom enough not to slow the prototype down
_PROTOTYPE_POLL_SECONDS = 0.1

_CLIENTS = (names.REST_WAIT, names.REST_POLL_10, names.REST_POLL_500, names.MCP_WAIT)


@dataclass(frozen=True)
class Crowd:
    """A side, and how many of its clients come at once."""

    side: Side
    at_once: int


@dataclass(frozen=True)
class Effort:
    """How much is measured."""

    rounds: int
    quotations: int
    """Of each side in each round."""
    at_once: int


async def on_odoo(side: OdooSide, samples: Samples, effort: Effort) -> None:
    """Measure all sides in turn; a bare Odoo client is fastest with half as many at once."""
    at_once = effort.at_once
    async with of_product(side) as clients, rest(side.prototype_url) as prototype:
        crowds = {name: Crowd(clients[name], at_once) for name in _CLIENTS}
        crowds[names.BARE_ODOO] = Crowd(side.bare.quote, max(at_once // 2, 1))
        # the prototype gets slower with more clients on some machines
        prototypes = {
            f"{names.PROTOTYPE}, {number} at once": Crowd(polling(prototype, _PROTOTYPE_POLL_SECONDS), number)
            for number in sorted({max(at_once // 4, 1), max(at_once // 2, 1), at_once})
        }
        for number in range(effort.rounds):
            await _measure(side, names.RATE, _rotated({**crowds, **prototypes}, number), samples, effort)
            best = max(samples.values[names.RATE][name][-1] for name in prototypes)
            samples.add(names.RATE, names.PROTOTYPES_BEST, best)


async def without_latency(
    side: OdooSide, bare: BareTemporal, samples: Samples, effort: Effort, *, activities: int
) -> None:
    """Measure quotations over a stand-in without latency, and bare workflows with as many activities."""

    async def run() -> None:
        await bare.run(activities)

    async with rest(side.system.gateway_url) as by_rest:
        crowds = {
            names.BARE_TEMPORAL: Crowd(run, effort.at_once),
            names.REST_WAIT: Crowd(waiting(by_rest), effort.at_once),
        }
        for number in range(effort.rounds):
            await _measure(side, names.STANDIN_RATE, _rotated(crowds, number), samples, effort)


def _rotated(crowds: Mapping[str, Crowd], number: int) -> dict[str, Crowd]:
    """Return the crowds in another order for each round, so that drift does not always hit the same side."""
    turns = [*crowds.items()]
    first = number % len(turns)
    return dict(turns[first:] + turns[:first])


async def _measure(
    side: OdooSide, measurement: str, crowds: Mapping[str, Crowd], samples: Samples, effort: Effort
) -> None:
    for name, crowd in crowds.items():
        begin, finish = await _repeat(crowd, effort.quotations, side.groups)
        samples.add(measurement, name, effort.quotations / (finish.time - begin.time))
        used = {group: finish.seconds[group] - begin.seconds[group] for group in finish.seconds}
        samples.add_processor(f"{measurement}: {name}", used, effort.quotations)


@dataclass(frozen=True)
class _Reading:
    time: float
    seconds: Mapping[str, float]


async def _repeat(crowd: Crowd, number: int, groups: Groups) -> list[_Reading]:
    """Keep a crowd at work, and return readings at the begin and the end of so many quotations.

    The first ones are not counted: the crowd is not yet spread over all steps.
    """
    readings: list[_Reading] = []
    finished = 0
    last = crowd.at_once + number

    async def client() -> None:
        nonlocal finished
        while finished < last:
            await crowd.side()
            finished += 1
            if finished in (crowd.at_once, last):
                readings.append(_Reading(time.monotonic(), groups.seconds()))

    async with asyncio.TaskGroup() as group:
        for _ in range(crowd.at_once):
            group.create_task(client())
    return readings
