"""How long a quotation takes alone, and how long it takes until it is accepted."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from benchmarks.measurements import names
from benchmarks.samples import Samples, Side
from benchmarks.sides.bare_temporal import BareTemporal
from benchmarks.sides.clients import Caller, Quote, check, mcp, polling, rest, waiting
from benchmarks.sides.requests import new_request
from benchmarks.stage import SLOW, OdooSide

_WAIT_SECONDS = 20
_OFTEN_SECONDS = 0.01
_SELDOM_SECONDS = 0.5


@asynccontextmanager
async def of_product(side: OdooSide) -> AsyncIterator[dict[str, Quote]]:
    """Open the clients of the product: each kind, over REST and MCP."""
    async with rest(side.system.gateway_url) as by_rest, mcp(side.system.gateway_url) as by_mcp:
        yield {
            names.REST_WAIT: waiting(by_rest),
            names.REST_POLL_10: polling(by_rest, _OFTEN_SECONDS),
            names.REST_POLL_500: polling(by_rest, _SELDOM_SECONDS),
            names.MCP_WAIT: waiting(by_mcp),
            names.MCP_POLL_10: polling(by_mcp, _OFTEN_SECONDS),
            names.MCP_POLL_500: polling(by_mcp, _SELDOM_SECONDS),
        }


async def alone(side: OdooSide, samples: Samples, rounds: int) -> None:
    """Measure one quotation at a time."""
    async with of_product(side) as clients, rest(side.prototype_url) as prototype:
        sides: dict[str, Side] = {
            names.PROTOTYPE: polling(prototype, _OFTEN_SECONDS),
            names.BARE_ODOO: side.bare.quote,
            **clients,
        }
        await _warm_up(sides)
        await samples.time(names.ALONE, sides, rounds)


async def delayed(side: OdooSide, samples: Samples, rounds: int, seconds: float) -> None:
    """Measure quotations while each call to Odoo takes so many seconds more.

    All sides run at the same time: they wait for Odoo, and hardly for a processor.
    """
    async with (
        rest(side.system.gateway_url, SLOW) as product,
        rest(side.slow_prototype_url) as prototype,
    ):
        sides = {
            names.PROTOTYPE: polling(prototype, _OFTEN_SECONDS),
            names.REST_POLL_10: polling(product, _OFTEN_SECONDS),
            names.REST_WAIT: waiting(product),
        }
        await _warm_up(sides)
        side.delay(seconds)
        try:
            for _ in range(rounds):
                alone = (samples.time(names.DELAYED, {name: quote}, 1) for name, quote in sides.items())
                await asyncio.gather(*alone)
        finally:
            side.delay(0)


async def accepted(side: OdooSide, bare: BareTemporal, samples: Samples, rounds: int, *, activities: int) -> None:
    """Measure starts alone: each has ended before the next one begins."""
    async with rest(side.system.gateway_url) as by_rest, mcp(side.system.gateway_url) as by_mcp:
        started: list[Side] = []

        async def start_bare() -> None:
            handle = await bare.start(activities)

            async def end() -> None:
                await handle.result()

            started.append(end)

        def starting(caller: Caller) -> Side:
            async def start() -> None:
                answer = await caller.start(new_request())

                async def end() -> None:
                    check(await caller.status(answer["tracking_id"], _WAIT_SECONDS))

                started.append(end)

            return start

        sides: dict[str, Side] = {
            names.BARE_TEMPORAL: start_bare,
            names.REST: starting(by_rest),
            names.MCP: starting(by_mcp),
        }
        for _ in range(rounds):
            for name, start in sides.items():
                await samples.time(names.ACCEPTED, {name: start}, 1)
                await started.pop()()


async def without_latency(
    side: OdooSide, bare: BareTemporal, samples: Samples, rounds: int, *, activities: int
) -> None:
    """Measure one quotation at a time against a bare workflow with as many activities."""

    async def run() -> None:
        await bare.run(activities)

    async with rest(side.system.gateway_url) as by_rest:
        sides: Mapping[str, Side] = {names.BARE_TEMPORAL: run, names.REST_WAIT: waiting(by_rest)}
        await _warm_up(sides)
        await samples.time(names.STANDIN_ALONE, sides, rounds)


async def _warm_up(sides: Mapping[str, Side]) -> None:
    for side in sides.values():
        await side()
