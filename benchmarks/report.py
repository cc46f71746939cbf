"""The results of a run: JSON with every value, tables in Markdown, and a plot."""

import json
import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.figures import Measured, measured, middle_half
from benchmarks.plot import plot
from benchmarks.samples import Samples

_MARKS = {True: "yes", False: "no", None: ""}
_SMALL = 10
_LARGE = 100


@dataclass(frozen=True)
class Run:
    """One run of the benchmarks."""

    samples: Samples
    odoo: str
    """`real` or `standin`."""
    is_quick: bool
    seconds: float
    load_before: float
    """The machine's load average over a minute when the run began: others share its processors."""

    def as_json(self) -> dict[str, Any]:
        """Return everything as plain data."""
        return {
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": {"cores": os.cpu_count(), "system": platform.system(), "load": self.load_before},
            "python": platform.python_version(),
            "odoo": self.odoo,
            "quick": self.is_quick,
            "seconds": round(self.seconds),
            "figures": [one.as_json() for one in measured(self.samples)],
            **self.samples.as_json(),
        }


def write(run: Run, folder: Path) -> list[Path]:
    """Write the results into a folder, in place of earlier ones, and return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    contents = {
        "results.json": json.dumps(run.as_json(), indent=1, ensure_ascii=False) + "\n",
        "results.md": markdown(run),
        "results.svg": plot(run.samples),
    }
    for name, content in contents.items():
        (folder / name).write_text(content)
    return [folder / name for name in contents]


def markdown(run: Run) -> str:
    """Return the tables."""
    about = f"{os.cpu_count()} cores, Odoo: {run.odoo}, {run.seconds:.0f} s, load {run.load_before:.1f} before"
    if run.is_quick:
        about += "; the quick form shows that everything runs, but its times mean little"
    return "\n".join(
        [
            "# Results of `make bench`",
            "",
            f"{about}. Each value is the median of its rounds, with the middle half of them in parentheses.",
            "",
            *_figures(measured(run.samples)),
            "## All sides",
            "",
            *_sides(run.samples),
            *_processor(run.samples),
        ]
    )


def _figures(figures: Iterable[Measured]) -> list[str]:
    rows = [
        (
            one.figure.measurement,
            one.figure.side + (f" / {one.figure.of}" if one.figure.of else ""),
            f"**{number(one.value)}** {_spread(one.values)}",
            one.figure.goal,
            _MARKS[one.reaches_goal],
            one.figure.next_best_goal,
            _MARKS[one.reaches_next_best],
        )
        for one in figures
    ]
    return _table(("measurement", "figure", "value", "goal", "reached", "next best", "held"), rows)


def _sides(samples: Samples) -> list[str]:
    rows = [
        (measurement, side, f"{number(median(values))} {_spread(values)}")
        for measurement, sides in samples.values.items()
        for side, values in sides.items()
    ]
    return _table(("measurement (times in ms)", "side", "value"), rows)


def _processor(samples: Samples) -> list[str]:
    if not samples.processor:
        return []
    groups = list(dict.fromkeys(group for used in samples.processor.values() for group in used))
    rows = []
    for side, used in samples.processor.items():
        medians = [median(used[group]) if group in used else 0.0 for group in groups]
        rows.append((side, *(f"{one:.0f}" for one in medians), f"{sum(medians):.0f}"))
    title = ["## Processor time of a quotation, in ms", ""]
    return title + _table(("side", *groups, "sum"), rows)


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [header, ["---"] * len(header), *rows]
    return [*(f"| {' | '.join(cells)} |" for cells in lines), ""]


def _spread(values: Sequence[float]) -> str:
    least, most = middle_half(values)
    return "" if least == most else f"({number(least)}–{number(most)})"


def number(value: float) -> str:
    """Return a number with about three digits."""
    digits = 2 if abs(value) < _SMALL else 1 if abs(value) < _LARGE else 0
    return f"{value:.{digits}f}".removesuffix(".00")
