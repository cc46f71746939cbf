"""One run of the suite: the phases, the rest after them, and the count."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from quotation import messages
from sandbox.fault_proxy import Fault
from sandbox.real_odoo import Protocol
from tests.chaos.count import Count, count
from tests.chaos.faults import Harm, phases
from tests.chaos.load import Customers, Requests
from tests.chaos.targets import Targets, serve

REST_SECONDS = 300.0
"""How long everything may take to come to rest when nothing is broken any more."""

_ASK_AGAIN_SECONDS = 0.5


@dataclass
class Plan:
    """The options of a run; the seed decides everything but what the machine's speed decides."""

    quotations: int
    seed: int
    protocol: Protocol = Protocol.XMLRPC
    in_flight: int = 24
    """How many are under way at most; one group more may be."""
    patience: float = 120.0
    """How many seconds a phase goes on at most after its last start: each failed attempt makes the pause before
    the next one longer, so that what has met much harm takes minutes."""


@dataclass
class Outcome:
    """The outcome of a run."""

    plan: Plan
    seconds: float
    kills: Counter[str]
    faults: Counter[Fault]
    calls: int
    """To Odoo and S3, faulted or not."""
    met: Counter[str]
    count: Count
    problems: list[str]


async def run(plan: Plan, folder: Path, tell: Callable[[str], None]) -> Outcome:
    """Run the plan; processes write their logs to `folder`, and `tell` shows a line of progress.

    Raises `sandbox.real_odoo.RealOdooError` where this machine cannot have a real Odoo.
    """
    begun = time.monotonic()

    def say(line: str) -> None:
        tell(f"{time.monotonic() - begun:6.1f} s  {line}")

    say("starting Temporal, Odoo, S3, workers and gateway")
    async with (
        serve(folder, plan.seed, plan.protocol) as targets,
        Customers(targets.system.gateway_url, Requests(plan.seed), plan.in_flight) as customers,
    ):
        harm = Harm(targets, customers, plan.seed)
        for phase in phases(plan.quotations):
            say(f"{phase.name}: {phase.share} quotations")
            await harm.during(phase, _ask(customers, phase.share, plan.patience))
            say(f"{phase.name}: over, {customers.finished} of {customers.accepted} quotations are final")
        harm.cease()
        temporal = await Client.connect(targets.temporal.address, data_converter=pydantic_data_converter)
        unfinished = await _come_to_rest(targets, temporal)
        say("everything is at rest; counting")
        counted = await count(targets, temporal, customers.starts)
        proxies = targets.odoo_proxy, targets.s3_proxy
        return Outcome(
            plan,
            seconds=time.monotonic() - begun,
            kills=harm.kills,
            faults=proxies[0].met + proxies[1].met,
            calls=sum(proxy.passed + proxy.met.total() for proxy in proxies),
            met=customers.met,
            count=counted,
            problems=unfinished + customers.wrong + counted.problems,
        )


async def _ask(customers: Customers, quotations: int, patience: float) -> None:
    await customers.ask_for(quotations)
    # the slower half of them meets the next phase's harm too
    with suppress(TimeoutError):
        async with asyncio.timeout(patience):
            await customers.at_most(quotations // 2)


async def _come_to_rest(targets: Targets, temporal: Client) -> list[str]:
    """Wait until all runs are closed, logs included, and no call is on its way; tell what does not end."""
    deadline = time.monotonic() + REST_SECONDS
    types = f"'{messages.WORKFLOW}', '{messages.LOG_WORKFLOW}'"
    running = f"WorkflowType IN ({types}) AND ExecutionStatus = 'Running'"
    while (await temporal.count_workflows(running)).count:
        if time.monotonic() > deadline:
            return [f"{one.id} has not ended" async for one in temporal.list_workflows(running)]
        await asyncio.sleep(_ASK_AGAIN_SECONDS)
    # what arrives late must find everything done already
    await targets.odoo_proxy.idle()
    await targets.s3_proxy.idle()
    return []
