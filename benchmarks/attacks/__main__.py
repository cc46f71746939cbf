"""`python -m benchmarks.attacks`: the p99 of other clients' requests under each attack, against none, in one run.

The machine is part of every number, and the attackers and others share it. So each attack is measured several
times, each time after a measurement without one, and the medians of the ratios are what can be compared. The row
`none` has the ratios that chance alone makes. The gateway's processor time is its own, on a busy machine too.
"""

import argparse
import asyncio
import json
import multiprocessing
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import httpx2
from rich.console import Console
from rich.table import Table

from benchmarks.attacks.attackers import ATTACKS, attack
from benchmarks.attacks.measure import Gateway, Times, Window, measure
from runtime.process import EXIT_FAILED, EXIT_OK, end
from sandbox.demo import REQUEST
from sandbox.processes import SandboxError
from sandbox.serve import Plan, serve
from sandbox.system import System

_KEY = "key-of-the-benchmark"
_SETTINGS = {
    "GATEWAY_API_KEYS": f"benchmark:{_KEY}",
    "TRACKING_SECRET": "of-the-benchmark",
    "GATEWAY_RATE_LIMIT": "0",
}
_BEGIN_SECONDS = 3.0
_END_SECONDS = 2.0
_COLUMNS = {
    "connections\na second": "connections_per_second",
    "KiB\na second": "kib_per_second",
    "status\np50": "status_p50_ms",
    "\np99": "status_p99_ms",
    "\nratio": "status_p99_ratio",
    "\nspread": "status_p99_ratio_spread",
    "health\np50": "healthz_p50_ms",
    " \np99": "healthz_p99_ms",
    " \nratio": "healthz_p99_ratio",
    " \nspread": "healthz_p99_ratio_spread",
    "processor\n%": "processor_percent",
    "\nalone": "processor_percent_alone",
    "\nfailed": "failures",
}
_WIDTH = 150


@dataclass(frozen=True)
class _Round:
    """One measurement of an attack, and the one without it that came before."""

    alone: Window
    attacked: Window
    connections_per_second: float
    bytes_per_second: float


Results = dict[str, list[_Round]]


def main() -> int:
    """Run all attacks, print a table, and JSON if asked to. Return the exit code."""
    options = _parse()
    console = Console(highlight=False, width=_WIDTH)
    with tempfile.TemporaryDirectory() as folder:
        plan = Plan(folder=Path(folder), latency="0")
        try:
            with serve(plan, lambda _: None) as sandbox:
                results = asyncio.run(_run(sandbox.system, options, console))
        except SandboxError as error:
            console.print(f"[red]✗[/] {error}.")
            return EXIT_FAILED
    summary = {name: _summary(rounds) for name, rounds in results.items()}
    console.print(_table(summary))
    if options.json:
        options.json.write_text(json.dumps(summary, indent=1) + "\n")
    return EXIT_OK


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.attacks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4, help="of each measurement")
    parser.add_argument("--attack", action="append", choices=ATTACKS, help="only this one; may be repeated")
    parser.add_argument("--json", type=Path, help="a file for the numbers")
    return parser.parse_args()


async def _run(system: System, options: argparse.Namespace, console: Console) -> Results:
    if system.gateway:
        system.gateway.stop()
    system.extra = _SETTINGS
    system.start_gateway()
    if system.gateway is None:
        raise SandboxError("The gateway did not start")
    tracking_id = await _completed_quotation(system.gateway_url)
    gateway = Gateway(system.gateway_url, system.gateway.pid, _KEY, tracking_id)
    results: Results = defaultdict(list)
    for number in range(options.rounds):
        console.print(f"round {number + 1} of {options.rounds} ...")
        for name in options.attack or ATTACKS:
            results[name].append(await _measure(name, gateway, system.gateway_port, options.seconds))
            system.check()
    return results


async def _measure(name: str, gateway: Gateway, port: int, seconds: float) -> _Round:
    alone = await measure(gateway, seconds)
    with _attacked(name, port) as counts:
        await asyncio.sleep(_BEGIN_SECONDS)
        connections, size = counts()
        began = time.monotonic()
        attacked = await measure(gateway, seconds)
        connections, size = (after - before for after, before in zip(counts(), (connections, size), strict=True))
        took = time.monotonic() - began
    await asyncio.sleep(_END_SECONDS)
    return _Round(alone, attacked, connections / took, size / took)


async def _completed_quotation(url: str) -> str:
    headers = {"X-API-Key": _KEY}
    async with httpx2.AsyncClient(base_url=url, headers=headers, timeout=90, trust_env=False) as client:
        accepted = (await client.post("/api/quotation/async", json=REQUEST)).raise_for_status().json()
        status = await client.get(f"/api/quotation/status/{accepted['tracking_id']}", params={"wait": 60})
    if status.json()["status"] != "completed":
        raise SandboxError("The quotation to read did not complete")
    return str(accepted["tracking_id"])


@contextmanager
def _attacked(name: str, port: int) -> Iterator[Callable[[], Sequence[int]]]:
    context = multiprocessing.get_context("spawn")
    counts = context.Array("q", 2, lock=False)
    attacker = context.Process(target=attack, args=(name, port, counts), daemon=True)
    attacker.start()
    try:
        yield lambda: list(counts)
    finally:
        attacker.kill()
        attacker.join()


def _summary(rounds: Sequence[_Round]) -> dict[str, Any]:
    """Return the medians of all rounds."""
    windows = [each.attacked for each in rounds]
    return {
        "rounds": len(rounds),
        "connections_per_second": round(median(each.connections_per_second for each in rounds)),
        "kib_per_second": round(median(each.bytes_per_second for each in rounds) / 1024),
        **_numbers("status", [(each.alone.status, each.attacked.status) for each in rounds]),
        **_numbers("healthz", [(each.alone.health, each.attacked.health) for each in rounds]),
        "processor_percent": round(100 * median(window.processor for window in windows), 1),
        "processor_percent_alone": round(100 * median(each.alone.processor for each in rounds), 1),
        "requests": sum(len(window.status.milliseconds) + len(window.health.milliseconds) for window in windows),
        "failures": sum(window.status.failures + window.health.failures for window in windows),
    }


def _numbers(name: str, pairs: Sequence[tuple[Times, Times]]) -> dict[str, Any]:
    ratios = [attacked.p99 / alone.p99 for alone, attacked in pairs]
    return {
        f"{name}_p50_ms": round(median(attacked.p50 for _, attacked in pairs), 1),
        f"{name}_p99_ms": round(median(attacked.p99 for _, attacked in pairs), 1),
        f"{name}_p99_alone_ms": round(median(alone.p99 for alone, _ in pairs), 1),
        f"{name}_p99_ratio": round(median(ratios), 2),
        f"{name}_p99_ratio_spread": f"{min(ratios):.2f}–{max(ratios):.2f}",
    }


def _table(summary: dict[str, dict[str, Any]]) -> Table:
    table = Table("attack", title="Milliseconds under attack, and how many times as long as without one")
    for column in _COLUMNS:
        table.add_column(column, justify="right", no_wrap=True)
    for name, numbers in summary.items():
        table.add_row(name, *(str(numbers[key]) for key in _COLUMNS.values()))
    return table


if __name__ == "__main__":
    end(main())
