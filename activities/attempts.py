"""The notes of an activity's attempts for the next one: how often and for how long it has failed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any


@dataclass(frozen=True)
class Attempts:
    """The attempts of an activity up to this one, which began at `now`, by Temporal's clock."""

    now: datetime
    unexpected: int = 0
    """The number of attempts that met an unknown fault."""
    waiting_since: datetime | None = None
    """The start of the first attempt in an unbroken series of installation faults."""

    @classmethod
    def from_details(cls, details: Sequence[Any], now: datetime) -> "Attempts":
        """Read the heartbeat details of the attempt before. Another version may send more of them, or fewer."""
        unexpected, since, *_ = (*details, None, None)
        waiting_since = None if since is None else datetime.fromtimestamp(since, UTC)
        return cls(now, unexpected or 0, waiting_since)

    @property
    def details(self) -> tuple[int, float | None]:
        """The details of a heartbeat."""
        return self.unexpected, None if self.waiting_since is None else self.waiting_since.timestamp()

    @property
    def waited(self) -> timedelta:
        """How long the installation has been at fault."""
        return self.now - (self.waiting_since or self.now)

    def after(self, *, unexpected: bool, installation: bool) -> "Attempts":
        """Return the attempts with this one, which failed; a fault of another kind ends the wait."""
        since = (self.waiting_since or self.now) if installation else None
        return replace(self, unexpected=self.unexpected + unexpected, waiting_since=since)
