"""How often somebody may do something."""

import time
from collections.abc import Callable

_MINUTE = 60.0
_FORGET_ABOVE = 1000
_ROUNDING = 1e-6


class RateLimit:
    """A token bucket for each caller: it holds the requests of one minute and fills up evenly.

    Each replica of the gateway counts on its own.
    """

    def __init__(self, per_minute: int, now: Callable[[], float] = time.monotonic) -> None:
        self._size = per_minute
        self._now = now
        # when each caller's bucket will be full again
        self._full_at: dict[str, float] = {}

    def seconds_to_wait(self, name: str) -> float:
        """Use up a token and return 0, or return the seconds until there is one."""
        now = self._now()
        # each token adds one interval until the bucket is full; an empty one needs a minute
        full_at = max(self._full_at.get(name, now), now) + _MINUTE / self._size
        missing = full_at - now - _MINUTE
        if missing > _ROUNDING:
            return missing
        if name not in self._full_at and len(self._full_at) >= _FORGET_ABOVE:
            # a full bucket is as good as none
            self._full_at = {other: at for other, at in self._full_at.items() if at > now}
        self._full_at[name] = full_at
        return 0
