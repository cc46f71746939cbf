"""`python -m benchmarks.protocols`: compare JSON-2 with XML-RPC on a real Odoo with a server of its own.

The protocols take turns, and each round begins with another one, so compare ratios within a round. The kernel
counts processor time in hundredths of a second: each block of calls is long enough for a few per cent.
"""

import argparse
import asyncio
import secrets
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from benchmarks import processes
from benchmarks.processes import Groups
from benchmarks.sides.clients import rest, waiting
from benchmarks.stage import real_server
from odoo_client import Credentials, Json2Odoo, Odoo, OdooBusyError, XmlRpcOdoo, create_once, look_up
from runtime.process import EXIT_OK, end
from sandbox.real_odoo import OdooAccess, Protocol
from sandbox.servers import s3_client, s3_server, temporal_server
from sandbox.system import BUCKET, System, odoo_settings

XMLRPC, WITH_KEY, JSON2 = "XML-RPC", "XML-RPC, key", "JSON-2"
_ENVIRONMENTS = {XMLRPC: "dev", JSON2: "json2"}

_CALLS = 40
_QUOTATIONS = 6

Deed = Callable[[], Awaitable[object]]


@dataclass
class Measured:
    """The milliseconds of one kind of deed: its time and the processor time of each group, a value a round."""

    values: dict[str, dict[str, list[float]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )

    async def add(self, groups: Groups, deeds: Mapping[str, Deed], times: int, number: int) -> None:
        """Do each side's deed so many times in a row; the round's number decides which side is the first."""
        sides = list(deeds)
        first = number % len(sides)
        for side in sides[first:] + sides[:first]:
            used, began = groups.seconds(), time.perf_counter()
            for _ in range(times):
                await deeds[side]()
            self.values[side]["time"].append(1000 * (time.perf_counter() - began) / times)
            for group, seconds in groups.seconds().items():
                self.values[side][group].append(1000 * (seconds - used[group]) / times)

    def rows(self) -> list[tuple[str, ...]]:
        """Return a row for each value: the medians of the sides, and the ratios of the last to the first side."""
        first, *_, last = self.values.values()
        return [
            (
                name,
                *(f"{median(side[name]):.1f}" for side in self.values.values()),
                _ratios(last[name], first[name]),
            )
            for name in first
            # the worker has no part in the calls
            if any(first[name])
        ]


def _ratios(ours: list[float], theirs: list[float]) -> str:
    ratios = [one / other for one, other in zip(ours, theirs, strict=True) if other]
    return f"{median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})" if ratios else ""


@dataclass(frozen=True)
class Stage:
    """A gateway and a worker with an environment for each protocol, and clients of the same Odoo."""

    system: System
    groups: Groups
    clients: Mapping[str, Odoo]


@asynccontextmanager
async def _serve(folder: Path) -> AsyncIterator[Stage]:
    async with AsyncExitStack() as stack:
        access, pids = await stack.enter_async_context(real_server())
        temporal = stack.enter_context(temporal_server(folder))
        s3 = stack.enter_context(s3_server(folder))
        await asyncio.to_thread(s3_client(s3.url).create_bucket, Bucket=BUCKET)
        extra = {"ENVIRONMENTS": ",".join(_ENVIRONMENTS.values()), "GATEWAY_RATE_LIMIT": "0"}
        extra |= odoo_settings(_ENVIRONMENTS[JSON2], replace(access, protocol=Protocol.JSON2))
        system = System(folder, temporal.address, s3.url, access, extra)
        stack.callback(system.stop)
        await asyncio.to_thread(system.start_workers, 1)
        await asyncio.to_thread(system.start_gateway)
        groups = pids | {"worker": processes.tree(system.workers[0].pid)}
        clients = _clients(access)
        for client in clients.values():
            stack.push_async_callback(client.close)
        yield Stage(system, Groups(groups), clients)


def _clients(access: OdooAccess) -> dict[str, Odoo]:
    password = Credentials(access.url, access.db, access.username, access.password)
    key = replace(password, password=access.api_key)
    return {XMLRPC: XmlRpcOdoo(password), WITH_KEY: XmlRpcOdoo(key), JSON2: Json2Odoo(key)}


async def _search(odoo: Odoo) -> None:
    await odoo.call(
        "res.partner", "search_read", [["email", "=", "nobody@acme.test"]], ["name"], returns=list[object]
    )


async def _load(odoo: Odoo) -> None:
    word = secrets.token_hex(6)
    await create_once(odoo, "res.partner", [{"id": f"benchmarks.{word}", "name": word}])


async def _nothing_found(odoo: Odoo) -> None:
    # an error: a traceback over XML-RPC, status 500 over JSON-2
    await look_up(odoo, "benchmarks.nothing")


def _bound(call: Callable[[Odoo], Awaitable[None]], clients: Mapping[str, Odoo]) -> dict[str, Deed]:
    return {name: partial(call, odoo) for name, odoo in clients.items()}


async def measure(rounds: int, tell: Callable[[str], None]) -> dict[str, Measured]:
    """Measure calls and quotations. Raises `SandboxError` if a server or a quotation fails."""
    measured = {name: Measured() for name in ("search_read", "load", "missing external id", "quotation")}
    calls = {"search_read": _search, "load": _load, "missing external id": _nothing_found}
    with tempfile.TemporaryDirectory() as folder:
        tell("starting Odoo, Temporal, S3, worker and gateway")
        async with AsyncExitStack() as stack:
            stage = await stack.enter_async_context(_serve(Path(folder)))
            quotes: dict[str, Deed] = {}
            for name, environment in _ENVIRONMENTS.items():
                quotes[name] = waiting(
                    await stack.enter_async_context(rest(stage.system.gateway_url, environment))
                )
            deeds = {name: (_bound(call, stage.clients), _CALLS) for name, call in calls.items()}
            deeds["quotation"] = (quotes, _QUOTATIONS)
            for sides, _ in deeds.values():
                # both workers of Odoo, and their caches
                for deed in [*sides.values()] * 4:
                    # they may get in each other's way while they load the database
                    with suppress(OdooBusyError):
                        await deed()
            for number in range(rounds):
                tell(f"round {number + 1} of {rounds}")
                for name, (sides, times) in deeds.items():
                    await measured[name].add(stage.groups, sides, times, number)
            stage.system.check()
    return measured


def main() -> int:
    """Run all rounds, and print a table. Return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.protocols", description=__doc__)
    parser.add_argument("--rounds", type=int, default=8, help="how often each side is measured (8)")
    console = Console(highlight=False)
    measured = asyncio.run(measure(parser.parse_args().rounds, console.print))
    table = Table("", "ms", XMLRPC, WITH_KEY, JSON2, f"{JSON2} of {XMLRPC}", title="Medians of all rounds")
    for name, one in measured.items():
        for value, *medians, ratio in one.rows():
            sides = dict(zip(one.values, medians, strict=True))
            table.add_row(name, value, *(sides.get(side, "") for side in (XMLRPC, WITH_KEY, JSON2)), ratio)
        table.add_section()
    console.print(table)
    return EXIT_OK


if __name__ == "__main__":
    end(main())
