"""The values that were measured: of each measurement and side those of all rounds, in their order."""

import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

Side = Callable[[], Awaitable[None]]


class Samples:
    """The values of one run of the benchmarks."""

    def __init__(self) -> None:
        self.values: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
        self.processor: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
        """For each side and group of processes: processor milliseconds a quotation."""

    def add(self, measurement: str, side: str, value: float) -> None:
        """Add a value."""
        self.values[measurement][side].append(value)

    def add_processor(self, side: str, seconds: Mapping[str, float], quotations: float) -> None:
        """Add the processor time that so many quotations took."""
        for group, used in seconds.items():
            # a process that ended takes its time with it
            self.processor[side][group].append(max(1000 * used / quotations, 0.0))

    async def time(self, measurement: str, sides: Mapping[str, Side], rounds: int) -> None:
        """Add the milliseconds that each side takes, in turn; each round begins with another side."""
        names = list(sides)
        for number in range(rounds):
            first = number % len(names)
            for name in names[first:] + names[:first]:
                before = time.perf_counter()
                await sides[name]()
                self.add(measurement, name, 1000 * (time.perf_counter() - before))

    def as_json(self) -> dict[str, Any]:
        """Return all values, rounded."""
        return {
            name: _rounded(values) for name, values in (("values", self.values), ("processor", self.processor))
        }


def _rounded(values: Mapping[str, Mapping[str, list[float]]]) -> dict[str, dict[str, list[float]]]:
    return {
        name: {side: [round(value, 4) for value in all_of_it] for side, all_of_it in sides.items()}
        for name, sides in values.items()
    }
