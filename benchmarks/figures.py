"""The figures: what each compares, and its goal."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any

from benchmarks.measurements import names
from benchmarks.samples import Samples


@dataclass(frozen=True)
class Figure:
    """One line of the table: the values of a side, or their ratio to those of another side."""

    measurement: str
    side: str
    of: str | None = None
    """The other side; None if the value itself is the figure."""
    at_most: float | None = None
    at_least: float | None = None
    next_best: float | None = None
    """Where the goal is out of reach (docs/scaling.md says why), the bound to hold in its place."""

    @property
    def goal(self) -> str:
        """The goal in words, empty if there is none."""
        return self._in_words(self.at_least if self.at_most is None else self.at_most)

    @property
    def next_best_goal(self) -> str:
        """The bound in place of the goal in words, empty if there is none."""
        return self._in_words(self.next_best)

    def measured(self, samples: Samples) -> "Measured | None":
        """Return the figure with its values, or None if it was not measured."""
        sides = samples.values.get(self.measurement, {})
        if not {self.side, self.of or self.side} <= sides.keys():
            return None
        values = sides[self.side]
        if self.of is not None:
            # both sides of a ratio are of the same round
            values = [one / other for one, other in zip(values, sides[self.of], strict=True)]
        return Measured(self, values)

    def _in_words(self, bound: float | None) -> str:
        if bound is None:
            return ""
        return f"{'≥' if self.at_most is None else '≤'} {bound:g}"


@dataclass(frozen=True)
class Measured:
    """A figure with its value in each round."""

    figure: Figure
    values: Sequence[float]

    @property
    def value(self) -> float:
        """The median of all rounds."""
        return median(self.values)

    @property
    def spread(self) -> tuple[float, float]:
        """The bounds of the middle half of all rounds."""
        return middle_half(self.values)

    @property
    def reaches_goal(self) -> bool | None:
        """True if the goal is reached, None if there is none."""
        figure = self.figure
        return self._holds(figure.at_least if figure.at_most is None else figure.at_most)

    @property
    def reaches_next_best(self) -> bool | None:
        """True if the bound in place of the goal holds, None if there is none."""
        return self._holds(self.figure.next_best)

    def _holds(self, bound: float | None) -> bool | None:
        if bound is None:
            return None
        return self.value >= bound if self.figure.at_most is None else self.value <= bound

    def as_json(self) -> dict[str, Any]:
        """Return the figure as plain data."""
        return {
            "measurement": self.figure.measurement,
            "side": self.figure.side,
            "of": self.figure.of,
            "value": round(self.value, 4),
            "spread": [round(bound, 4) for bound in self.spread],
            "rounds": len(self.values),
            "goal": self.figure.goal,
            "reached": self.reaches_goal,
            "next_best": self.figure.next_best_goal,
            "held": self.reaches_next_best,
        }


def measured(samples: Samples) -> list[Measured]:
    """Return the figures that were measured."""
    return [one for figure in FIGURES if (one := figure.measured(samples)) is not None]


def middle_half(values: Sequence[float]) -> tuple[float, float]:
    """Return the first and the third quartile."""
    if len(values) == 1:
        return values[0], values[0]
    first, _, third = quantiles(values, n=4, method="inclusive")
    return first, third


def _alone(side: str, at_most: float | None = None, next_best: float | None = None) -> Figure:
    return Figure(names.ALONE, side, names.PROTOTYPE, at_most=at_most, next_best=next_best)


def _rate(side: str, of: str, at_least: float | None = None, next_best: float | None = None) -> Figure:
    return Figure(names.RATE, side, of, at_least=at_least, next_best=next_best)


FIGURES = (
    _alone(names.REST_POLL_10, at_most=0.5, next_best=0.8),
    _alone(names.REST_WAIT, at_most=0.5, next_best=0.6),
    _alone(names.REST_POLL_500),
    _alone(names.MCP_WAIT),
    _alone(names.MCP_POLL_10),
    _alone(names.MCP_POLL_500),
    _alone(names.BARE_ODOO),
    Figure(names.DELAYED, names.REST_POLL_10, names.PROTOTYPE, at_most=0.55, next_best=0.6),
    Figure(names.DELAYED, names.REST_WAIT, names.PROTOTYPE, at_most=0.55, next_best=0.6),
    _rate(names.REST_WAIT, names.PROTOTYPES_BEST, at_least=2, next_best=0.95),
    _rate(names.REST_POLL_500, names.PROTOTYPES_BEST, at_least=2, next_best=0.85),
    _rate(names.REST_POLL_10, names.PROTOTYPES_BEST),
    _rate(names.MCP_WAIT, names.PROTOTYPES_BEST),
    _rate(names.REST_WAIT, names.BARE_ODOO, at_least=0.6, next_best=0.35),
    _rate(names.REST_POLL_500, names.BARE_ODOO, at_least=0.6, next_best=0.35),
    _rate(names.PROTOTYPES_BEST, names.BARE_ODOO),
    Figure(names.ACCEPTED, names.REST, names.BARE_TEMPORAL, at_most=1.5, next_best=2),
    Figure(names.ACCEPTED, names.MCP, names.BARE_TEMPORAL, at_most=2.5, next_best=3),
    Figure(names.STANDIN_RATE, names.REST_WAIT, names.BARE_TEMPORAL, at_least=0.7, next_best=0.4),
    Figure(names.STANDIN_ALONE, names.REST_WAIT, names.BARE_TEMPORAL),
    Figure(names.OPEN_READS, names.REST, names.BARE_TEMPORAL, at_least=0.8),
    Figure(names.FINISHED_READS, names.REST, names.BARE_TEMPORAL, at_least=2, next_best=1.7),
    Figure(names.CROWD, names.WAITING_CORES, at_most=0.1),
    Figure(names.CROWD, names.FOLLOWING_CORES, at_most=0.1),
    Figure(names.CROWD, names.WORKER_MB, at_most=400),
    Figure(names.CROWD, names.SLOWEST, at_most=1.3, next_best=1.75),
    Figure(names.BEHIND, names.LESS_ONE_SLOT, names.ONE_ALONE, at_most=1.5),
    Figure(names.BEHIND, names.ONE_BEHIND, names.ONE_ALONE),
    Figure(names.BEHIND, names.FIRST_BEHIND),
    Figure(names.BEHIND, names.SLOT),
    Figure(names.COUNTS, names.CALLS_NEW, at_most=9),
    Figure(names.COUNTS, names.CALLS_KNOWN),
    Figure(names.COUNTS, names.EVENTS, at_most=45, next_best=49),
    Figure(names.COUNTS, names.WORKFLOW_TASKS),
    Figure(names.COUNTS, names.ACTIVITIES),
    Figure(names.COUNTS, names.HISTORY_BYTES),
)
"""All figures, in the order of the table."""
