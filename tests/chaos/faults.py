"""The strikes against the system, and their times: each kind goes on by itself, by its own seed."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from tests.chaos.load import Customers
from tests.chaos.targets import WORKERS, Targets

Act = Callable[[Targets, random.Random], Awaitable[None]]


@dataclass(frozen=True)
class Strike:
    """One kind of harm, done again and again; between two are `pause` seconds, least and most, and a quotation."""

    name: str
    act: Act
    pause: tuple[float, float]


@dataclass(frozen=True)
class Phase:
    """The strikes during which a share of the quotations is requested."""

    name: str
    share: int
    strikes: tuple[Strike, ...] = ()
    fault_rate: float = 0.0
    """The share of all calls to Odoo and S3 that the proxies fault."""
    is_s3_away: bool = False


async def _kill_worker(targets: Targets, draw: random.Random) -> None:
    await asyncio.to_thread(targets.system.replace_worker, draw.randrange(WORKERS))


async def _kill_gateway(targets: Targets, draw: random.Random) -> None:
    await asyncio.to_thread(targets.system.kill_gateway)
    await asyncio.sleep(draw.uniform(0, 1))
    await asyncio.to_thread(targets.start_gateway)


async def _kill_temporal(targets: Targets, draw: random.Random) -> None:
    await asyncio.to_thread(targets.temporal.kill)
    await asyncio.sleep(draw.uniform(0, 4))
    await asyncio.to_thread(targets.temporal.start)


async def _kill_odoo(targets: Targets, draw: random.Random) -> None:
    await asyncio.to_thread(targets.own_odoo.stop, kill=True)
    async with targets.odoo_proxy.away():
        await asyncio.sleep(draw.uniform(0, 4))
        await asyncio.to_thread(targets.own_odoo.start)


async def _refuse_login(targets: Targets, _: random.Random) -> None:
    async with targets.installation, targets.login_refused():
        await asyncio.sleep(REFUSED_SECONDS)


async def _move_database(targets: Targets, draw: random.Random) -> None:
    async with targets.installation, targets.database_away():
        await asyncio.sleep(draw.uniform(5, 20))


KILL_WORKERS = Strike("workers", _kill_worker, (3, 6))
KILL_GATEWAY = Strike("gateway", _kill_gateway, (8, 15))
KILL_TEMPORAL = Strike("Temporal", _kill_temporal, (20, 40))
KILL_ODOO = Strike("Odoo", _kill_odoo, (25, 45))
REFUSE_LOGIN = Strike("login refused", _refuse_login, (30, 50))
MOVE_DATABASE = Strike("database away", _move_database, (30, 50))
FAULTED = 0.2
REFUSED_SECONDS = 20.0

STRIKES = (KILL_WORKERS, KILL_GATEWAY, KILL_TEMPORAL, KILL_ODOO, REFUSE_LOGIN, MOVE_DATABASE)


def phases(quotations: int) -> list[Phase]:
    """Return the phases for this many quotations: each harm by turns, then all together."""
    turn = quotations // 9
    by_turns = [
        Phase("workers killed", turn, (KILL_WORKERS,), is_s3_away=True),
        Phase("gateway killed", turn, (KILL_GATEWAY,), is_s3_away=True),
        Phase("Temporal killed", turn, (KILL_TEMPORAL,), is_s3_away=True),
        Phase("calls faulted", turn, fault_rate=FAULTED),
        Phase("Odoo killed", turn, (KILL_ODOO,)),
        Phase("login refused", turn, (REFUSE_LOGIN,)),
        Phase("database away", turn, (MOVE_DATABASE,)),
    ]
    rest = quotations - len(by_turns) * turn
    return [*by_turns, Phase("all together", rest, STRIKES, FAULTED)]


class Harm:
    """Does to a system what a phase says; `kills` counts it."""

    def __init__(self, targets: Targets, customers: Customers, seed: int) -> None:
        self._targets = targets
        self._customers = customers
        # a sequence for each kind, which the timing of the others does not shift
        self._draws = {strike.name: random.Random(f"{seed} {strike.name}") for strike in STRIKES}  # noqa: S311
        self.kills: Counter[str] = Counter()

    async def during(self, phase: Phase, asking: Awaitable[None]) -> None:
        """Send the customers' requests; return when all are sent, and each strike of the phase has hit once."""
        targets = self._targets
        targets.odoo_proxy.rules.rate = targets.s3_proxy.rules.rate = phase.fault_rate
        await (targets.s3_proxy.close() if phase.is_s3_away else targets.s3_proxy.open())
        over = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            for strike in phase.strikes:
                group.create_task(self._go_on(strike, over))
            await asking
            over.set()

    def cease(self) -> None:
        """Pass every call from now on."""
        self._targets.odoo_proxy.rules.rate = self._targets.s3_proxy.rules.rate = 0.0

    async def _go_on(self, strike: Strike, over: asyncio.Event) -> None:
        draw = self._draws[strike.name]
        await self._customers.at_least(1)
        await asyncio.sleep(draw.uniform(0, 1))
        while True:
            await strike.act(self._targets, draw)
            self.kills[strike.name] += 1
            await self._pause(draw.uniform(*strike.pause), over)
            if over.is_set():
                return

    async def _pause(self, seconds: float, over: asyncio.Event) -> None:
        """Return after this time and one more quotation, or when the phase is over."""
        waiting: list[asyncio.Task[Any]] = [
            asyncio.create_task(self._one_more_after(seconds)),
            asyncio.create_task(over.wait()),
        ]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    async def _one_more_after(self, seconds: float) -> None:
        before = self._customers.finished
        await asyncio.sleep(seconds)
        # without it a slow machine would do nothing but start again what was killed
        await self._customers.finished_at_least(before + 1)
