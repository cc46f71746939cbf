"""The bars of the last 24 hours, as numbers for an SVG."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.service.lists.counts import Hour
from quotation.status import State

WIDTH, HEIGHT = 240, 48
_GAP = 2
_LEAST = 2
ORDER = (State.COMPLETED, State.CANCELLED, State.FAILED)
"""From the bottom of a bar to its top."""


@dataclass(frozen=True)
class Bar:
    """A rectangle, from the top left."""

    state: State
    x: float
    y: float
    width: float
    height: float


def bars(hours: Sequence[Hour]) -> list[Bar]:
    """Return the bars: those of one hour stand on each other, and the tallest hour fills the height."""
    most = max((sum(hour.by_status.values()) for hour in hours), default=0)
    if not most:
        return []
    width = WIDTH / len(hours)
    drawn = []
    for number, hour in enumerate(hours):
        top = float(HEIGHT)
        for state in ORDER:
            if count := hour.by_status.get(state, 0):
                # a single failure among a thousand must be seen
                height = min(max(count / most * HEIGHT, _LEAST), top)
                top -= height
                drawn.append(
                    Bar(state, round(number * width, 2), round(top, 2), round(width - _GAP, 2), round(height, 2))
                )
    return drawn
