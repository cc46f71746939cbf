"""`python -m benchmarks.attacks`: the p99 of other clients' requests under each attack, against none, in one run.

The machine is part of every number; the ratios are what can be compared. Before each attack the same is measured
without one, so that both saw the same machine.
"""

import argparse
import asyncio
import json
import multiprocessing
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
from rich.console import Console
from rich.table import Table

from benchmarks.attacks.attackers import ATTACKS, attack
from benchmarks.attacks.measure import Times, Window, measure
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

Results = dict[str, tuple[Window, Window]]


def main() -> int:
    """Run all attacks, print a table, and JSON if asked to. Return the exit code."""
    options = _parse()
    console = Console(highlight=False)
    with tempfile.TemporaryDirectory() as folder:
        plan = Plan(folder=Path(folder), latency="0")
        try:
            with serve(plan, lambda _: None) as sandbox:
                results = asyncio.run(_run(sandbox.system, options.seconds, console))
        except SandboxError as error:
            console.print(f"[red]✗[/] {error}.")
            return EXIT_FAILED
    console.print(_table(results))
    if options.json:
        options.json.write_text(json.dumps(_summary(results), indent=1) + "\n")
    return EXIT_OK


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.attacks", description=__doc__)
    parser.add_argument("--seconds", type=float, default=10, help="of each measurement")
    parser.add_argument("--json", type=Path, help="a file for the numbers")
    return parser.parse_args()


async def _run(system: System, seconds: float, console: Console) -> Results:
    if system.gateway:
        system.gateway.stop()
    system.extra = _SETTINGS
    system.start_gateway()
    tracking_id = await _completed_quotation(system.gateway_url)
    results: Results = {}
    for name in ATTACKS:
        console.print(f"{name} ...")
        alone = await measure(system.gateway_url, _KEY, tracking_id, seconds)
        with _attacked(name, system.gateway_port):
            await asyncio.sleep(_BEGIN_SECONDS)
            results[name] = alone, await measure(system.gateway_url, _KEY, tracking_id, seconds)
        await asyncio.sleep(_BEGIN_SECONDS)
        system.check()
    return results


async def _completed_quotation(url: str) -> str:
    headers = {"X-API-Key": _KEY}
    async with httpx2.AsyncClient(base_url=url, headers=headers, timeout=90, trust_env=False) as client:
        accepted = (await client.post("/api/quotation/async", json=REQUEST)).raise_for_status().json()
        status = await client.get(f"/api/quotation/status/{accepted['tracking_id']}", params={"wait": 60})
    if status.json()["status"] != "completed":
        raise SandboxError("The quotation to read did not complete")
    return str(accepted["tracking_id"])


@contextmanager
def _attacked(name: str, port: int) -> Iterator[None]:
    attacker = multiprocessing.get_context("spawn").Process(target=attack, args=(name, port), daemon=True)
    attacker.start()
    try:
        yield
    finally:
        attacker.kill()
        attacker.join()


def _numbers(alone: Times, attacked: Times) -> dict[str, Any]:
    return {
        "requests": len(attacked.milliseconds),
        "failures": attacked.failures,
        "p50_ms": round(attacked.p50, 1),
        "p99_ms": round(attacked.p99, 1),
        "p99_alone_ms": round(alone.p99, 1),
        "p99_ratio": round(attacked.p99 / alone.p99, 2),
    }


def _summary(results: Results) -> dict[str, Any]:
    return {
        name: {
            "status": _numbers(alone.status, attacked.status),
            "healthz": _numbers(alone.health, attacked.health),
        }
        for name, (alone, attacked) in results.items()
    }


def _table(results: Results) -> Table:
    table = Table(title="Milliseconds under attack, and how many times as long as without one")
    for column in ("attack", "status p50", "p99", "ratio", "health p50", "p99", "ratio", "failed"):
        table.add_column(column, justify="left" if column == "attack" else "right", no_wrap=column == "attack")
    for name, numbers in _summary(results).items():
        status, health = numbers["status"], numbers["healthz"]
        cells = [each[column] for each in (status, health) for column in ("p50_ms", "p99_ms", "p99_ratio")]
        table.add_row(name, *map(str, cells), str(status["failures"] + health["failures"]))
    return table


if __name__ == "__main__":
    end(main())
