"""`python -m tests.chaos`: breaks everything while quotations are under way, and counts what is left.

The exit code is 0 only where nothing is lost, twice or missing.
"""

import argparse
import asyncio
import secrets
import shutil
import signal
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from rich.console import Console

from runtime.process import end
from sandbox.real_odoo import Protocol, RealOdooError
from tests.chaos.report import report
from tests.chaos.run import Outcome, Plan, run


def main() -> int:
    """Run as the command line says, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--quotations", type=int, default=300, help="how many are to be accepted (300)")
    parser.add_argument("--seed", type=int, default=None, help="repeats an earlier run (random)")
    parser.add_argument("--protocol", type=Protocol, choices=Protocol, default=Protocol.XMLRPC, help="to Odoo")
    options = parser.parse_args()
    seed = secrets.randbelow(10**6) if options.seed is None else options.seed
    console = Console()
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    what = f"{options.quotations} quotations over {options.protocol}, seed {seed}"
    console.print(f"[bold]{what}[/]; logs of all processes in {folder}")

    def tell(line: str) -> None:
        console.print(line, style="dim", highlight=False)

    try:
        outcome = asyncio.run(_until_stopped(run(Plan(options.quotations, seed, options.protocol), folder, tell)))
    except RealOdooError as error:
        console.print(f"[red]{error}[/]")
        return 1
    except asyncio.CancelledError:
        console.print(f"stopped; logs are in {folder}")
        return 130
    console.print(report(outcome))
    if outcome.problems:
        console.print(
            f"Temporal's database and all logs are in {folder}; repeat it with"
            f" SEED={seed} PROTOCOL={options.protocol}."
        )
        return 1
    shutil.rmtree(folder)
    return 0


async def _until_stopped(running: Coroutine[Any, Any, Outcome]) -> Outcome:
    """Make SIGINT and SIGTERM cancel the run: every process that it started has to end with it."""
    task = asyncio.ensure_future(running)
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    return await task


if __name__ == "__main__":
    end(main())
