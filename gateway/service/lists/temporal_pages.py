"""Where Temporal's pages show quotations (docs/operations.md, Ready-made filters)."""

from collections.abc import Collection
from datetime import datetime, timedelta
from urllib.parse import quote

from gateway.service.temporal.attributes import QuotationAttributes
from quotation.errors import ErrorCode
from quotation.messages import WORKFLOW
from quotation.shown.search_attributes import ENVIRONMENT_ATTRIBUTE, ERROR_ATTRIBUTE, STATUS_ATTRIBUTE
from quotation.status import State

LONG = timedelta(minutes=1)
"""How long a quotation takes at most, unless it waits for something."""


class TemporalPages:
    """Makes addresses of Temporal's pages for a namespace. They are None if the `address` is unknown.

    A filter is None too while Temporal lacks a search attribute that it needs.
    """

    def __init__(self, address: str | None, namespace: str, attributes: QuotationAttributes) -> None:
        self._workflows = address and f"{address}/namespaces/{namespace}/workflows"
        self._attributes = attributes

    def run(self, tracking_id: str, run_id: str) -> str | None:
        """Return the address of a run."""
        return self._workflows and f"{self._workflows}/{tracking_id}/{run_id}/history"

    def failed(
        self, since: datetime, environments: Collection[str], error_code: ErrorCode | None = None
    ) -> str | None:
        """Return the address of the runs in these environments that failed since then, with this code if given."""
        clauses = {STATUS_ATTRIBUTE: f"= '{State.FAILED}'", ENVIRONMENT_ATTRIBUTE: _one_of(environments)}
        if error_code is not None:
            clauses[ERROR_ATTRIBUTE] = f"= '{error_code}'"
        return self._filter(clauses, f"CloseTime > '{_text(since)}'")

    def slow(self, now: datetime, environments: Collection[str]) -> str | None:
        """Return the address of the unfinished runs that are older than `LONG`: they are retried, or stuck."""
        began = f"StartTime < '{_text(now - LONG)}'"
        return self._filter({ENVIRONMENT_ATTRIBUTE: _one_of(environments)}, "ExecutionStatus = 'Running'", began)

    def _filter(self, attributes: dict[str, str], *others: str) -> str | None:
        if not self._workflows or not {*attributes} <= (self._attributes.registered or frozenset()):
            return None
        clauses = [f"WorkflowType = '{WORKFLOW}'", *(f"{name} {is_}" for name, is_ in attributes.items()), *others]
        return f"{self._workflows}?query={quote(' AND '.join(clauses), safe='')}"


def _one_of(environments: Collection[str]) -> str:
    names = sorted(f"'{name}'" for name in environments)
    return f"= {names[0]}" if len(names) == 1 else f"IN ({', '.join(names)})"


def _text(time: datetime) -> str:
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"
