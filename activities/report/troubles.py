"""The failures of the moment, as the last attempts at activities told."""

import time
from collections.abc import Callable, Iterator

from quotation.errors import ErrorCode

_NEWS_SECONDS = 300.0
"""How long a failure counts without a further attempt; a step is tried again within a minute."""

_OUTSIDE = {
    ErrorCode.ODOO_AUTH_FAILED,
    ErrorCode.ODOO_ACCESS_DENIED,
    ErrorCode.ODOO_UNAVAILABLE,
    "log_unavailable",
}
"""The codes of failures that are nobody's request's fault."""


class Troubles:
    """The failures of the last minutes for which an Odoo or a bucket is the reason, one of each activity."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._latest: dict[tuple[str, str], tuple[float, str]] = {}

    def failed(self, environment: str, activity: str, code: str | None, sentence: str) -> None:
        """Remember a failed attempt; the sentence holds no customer's data."""
        if code in _OUTSIDE:
            self._latest[environment, activity] = (self._clock(), sentence)

    def worked(self, environment: str, activity: str) -> None:
        """Forget the failures of this activity."""
        self._latest.pop((environment, activity), None)

    def sentences(self) -> Iterator[str]:
        """Yield a sentence for each activity that fails."""
        since = self._clock() - _NEWS_SECONDS
        for (environment, activity), (time_of_failure, sentence) in self._latest.items():
            if time_of_failure >= since:
                yield f"{environment}: {activity} fails: {sentence}"
