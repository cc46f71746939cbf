"""`python -m benchmarks`: compare the product with the prototype, and with bare Temporal and bare Odoo.

All sides of a measurement run in turn on the same machine, so compare ratios and not times. The quick form shows
in a minute or two that everything runs, and counts what does not depend on the machine.
"""

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.markdown import Markdown

from benchmarks import report
from benchmarks.measurements import behind, counts, crowd, names, rates, reads, times
from benchmarks.measurements.rates import Effort
from benchmarks.samples import Samples
from benchmarks.stage import OdooSide, Stage, serve
from runtime.process import EXIT_FAILED, EXIT_OK, end
from sandbox.processes import ROOT, SandboxError

_RESULTS = ROOT / "benchmarks" / "results"
_QUICK_RESULTS = ROOT / ".cache" / "bench"


@dataclass(frozen=True)
class Size:
    """How often and how long everything is measured."""

    alone_rounds: int
    delayed_rounds: int
    delay_seconds: float
    rates: Effort
    accepted_rounds: int
    standin_rates: Effort
    read_rounds: int
    read_seconds: float
    crowd: int
    crowd_seconds: float
    batch: int
    batch_rounds: int
    count_rounds: int = 8


FULL = Size(
    alone_rounds=8,
    delayed_rounds=3,
    delay_seconds=2.0,
    rates=Effort(rounds=3, quotations=8, at_once=8),
    accepted_rounds=20,
    standin_rates=Effort(rounds=3, quotations=40, at_once=8),
    read_rounds=3,
    read_seconds=2.0,
    crowd=1000,
    # Temporal ends each long poll after 20 s, and the gateway renews it
    crowd_seconds=20.0,
    batch=300,
    batch_rounds=8,
)
QUICK = Size(
    alone_rounds=1,
    delayed_rounds=1,
    delay_seconds=0.1,
    rates=Effort(rounds=1, quotations=2, at_once=2),
    accepted_rounds=2,
    standin_rates=Effort(rounds=1, quotations=2, at_once=2),
    read_rounds=1,
    read_seconds=0.5,
    crowd=20,
    crowd_seconds=1.0,
    batch=20,
    batch_rounds=1,
)


@dataclass
class Benchmarks:
    """One run of all measurements."""

    size: Size
    samples: Samples
    tell: Callable[[str], None]

    async def run(self, folder: Path, odoo: str) -> None:
        """Measure everything. Raises `SandboxError` if a server or a quotation fails."""
        self.tell("starting Temporal and S3")
        async with serve(folder) as stage:
            self.tell("starting the product over a stand-in of Odoo")
            async with stage.standin() as side:
                await self._counts(stage, side)
                if odoo == "standin":
                    await self._on_odoo(side)
                await self._without_latency(stage, side)
            if odoo == "real":
                self.tell("starting a real Odoo and the product over it")
                async with stage.real() as side:
                    await self._on_odoo(side)

    async def _counts(self, stage: Stage, side: OdooSide) -> None:
        self.tell(names.COUNTS)
        await counts.measure(stage.client, side, self.samples, self.size.count_rounds)

    async def _on_odoo(self, side: OdooSide) -> None:
        size, samples = self.size, self.samples
        self.tell(names.ALONE)
        await times.alone(side, samples, size.alone_rounds)
        self.tell(names.DELAYED)
        await times.delayed(side, samples, size.delayed_rounds, size.delay_seconds)
        self.tell(names.RATE)
        await rates.on_odoo(side, samples, size.rates)
        side.system.check()

    async def _without_latency(self, stage: Stage, side: OdooSide) -> None:
        size, samples, bare = self.size, self.samples, stage.bare_temporal
        activities = round(median(samples.values[names.COUNTS][names.ACTIVITIES]))
        self.tell(names.ACCEPTED)
        await times.accepted(side, bare, samples, size.accepted_rounds, activities=activities)
        self.tell(names.STANDIN_RATE)
        await times.without_latency(side, bare, samples, size.accepted_rounds, activities=activities)
        await rates.without_latency(side, bare, samples, size.standin_rates, activities=activities)
        self.tell("status reads a second")
        await reads.measure(
            side, bare, samples, rounds=size.read_rounds, seconds=size.read_seconds, activities=activities
        )
        self.tell(f"{size.crowd:,} quotations in flight")
        await crowd.measure(stage.client, side, samples, size.crowd, size.crowd_seconds)
        self.tell(f"one quotation behind {size.batch} of another caller")
        await behind.measure(stage.client, side, samples, size.batch, size.batch_rounds)
        side.system.check()


def main() -> int:
    """Run all measurements and write the results. Return the exit code."""
    options = _parse()
    console = Console(highlight=False)
    began, load = time.monotonic(), os.getloadavg()[0]
    samples = Samples()

    def tell(line: str) -> None:
        console.print(f"{time.monotonic() - began:6.0f} s  {line}")

    benchmarks = Benchmarks(QUICK if options.quick else FULL, samples, tell)
    odoo = options.odoo or ("standin" if options.quick else "real")
    errors: list[Exception] = []
    with tempfile.TemporaryDirectory() as folder:
        try:
            asyncio.run(benchmarks.run(Path(folder), odoo))
        except* SandboxError as group:
            errors = [*_leaves(group)]
    if errors:
        console.print(f"[red]✗[/] {errors[0]}.")
        return EXIT_FAILED
    run = report.Run(samples, odoo, options.quick, time.monotonic() - began, load)
    files = report.write(run, options.folder or (_QUICK_RESULTS if options.quick else _RESULTS))
    console.print(Markdown(report.markdown(run)))
    for file in files:
        console.print(f"{file}")
    return EXIT_OK


def _leaves(group: ExceptionGroup[SandboxError]) -> Iterator[Exception]:
    for one in group.exceptions:
        if isinstance(one, ExceptionGroup):
            yield from _leaves(one)
        else:
            yield one


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="measure little, on a stand-in of Odoo")
    parser.add_argument("--odoo", choices=["standin", "real"], help="the Odoo to compare on")
    parser.add_argument("--folder", type=Path, help="the folder for the results")
    return parser.parse_args()


if __name__ == "__main__":
    end(main())
