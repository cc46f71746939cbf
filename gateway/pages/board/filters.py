"""The filters of the board, as its addresses hold them."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta
from urllib.parse import urlencode

from gateway.service.bulk_retries import FailedOnes
from gateway.service.lists.wanted import Wanted

_AGO = re.compile(r"([1-9][0-9]{0,3})([hd])", re.ASCII)
_HOURS = {"h": 1, "d": 24}
_TODAY = "today"
_PAGE = 50
_MOST = 1000

SINCE = {
    "1h": "Last hour",
    "24h": "Last 24 hours",
    _TODAY: "Today (UTC)",
    "7d": "Last 7 days",
    "30d": "Last 30 days",
}
"""The choices of `since`; a number of hours or days, or a time, is accepted as well."""


@dataclass(frozen=True)
class Filters:
    """The filters as texts; an empty one matches all."""

    status: str = ""
    environment: str = ""
    error_code: str = ""
    owner: str = ""
    words: str = ""
    since: str = ""

    @classmethod
    def of(cls, parameters: Mapping[str, str]) -> "Filters":
        """Return the filters among the parameters of an address or the fields of a form."""
        return cls(**{field.name: parameters.get(field.name, "").strip() for field in fields(cls)})

    def query(self, **changes: str) -> str:
        """Return the query of an address with these filters, some of them replaced, and other parameters."""
        values = {name: value for name, value in {**asdict(self), **changes}.items() if value}
        return f"?{urlencode(values)}" if values else ""

    def only(self, **changes: str) -> str:
        """Return the query of an address with this environment and these filters."""
        return Filters(environment=self.environment).query(**changes)

    @property
    def given(self) -> dict[str, str]:
        """The filters that are set."""
        return {name: value for name, value in asdict(self).items() if value}

    @property
    def are_set(self) -> bool:
        """Whether any filter is set."""
        return bool(self.given)

    @property
    def may_match_failed(self) -> bool:
        """Whether they select failed quotations only, so that all of them can be retried."""
        return self.status == "failed" or (not self.status and bool(self.error_code))

    def wanted(self, now: datetime, cursor: str) -> Wanted:
        """Return what to list. Raises `pydantic.ValidationError` if a filter is not valid."""
        given = replace(self, environment="").given | {"since": self._since(now)}
        return Wanted.model_validate({**given, "limit": _PAGE, "cursor": cursor})

    def failed(self, now: datetime, until: str = "") -> FailedOnes:
        """Return which failed quotations to retry. Raises `pydantic.ValidationError`."""
        given = {"error_code": self.error_code, "since": self._since(now), "until": until}
        return FailedOnes.model_validate({**given, "limit": _MOST})

    def _since(self, now: datetime) -> str:
        if self.since == _TODAY:
            return now.replace(hour=0, minute=0, second=0, microsecond=0).isoformat()
        if ago := _AGO.fullmatch(self.since):
            return (now - timedelta(hours=int(ago[1]) * _HOURS[ago[2]])).isoformat()
        return self.since
