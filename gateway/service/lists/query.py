"""The query for Temporal's visibility that finds the quotations of a list, and perhaps a few more."""

from collections.abc import Collection
from datetime import datetime

from gateway.service.lists.wanted import Wanted
from gateway.service.temporal.attributes import owner_value
from quotation.environment import Environment
from quotation.messages import WORKFLOW
from quotation.shown.search_attributes import ERROR_ATTRIBUTE, ORDER_ATTRIBUTE, OWNER_ATTRIBUTE, STATUS_ATTRIBUTE
from quotation.status import State

_ENDS: dict[State, tuple[str, ...]] = {
    State.COMPLETED: ("Completed",),
    State.FAILED: ("Failed", "Terminated", "TimedOut"),
    State.CANCELLED: ("Canceled",),
}

_MOST_WORDS = 5
"""More of them would make a query too long."""

_NAMES = (ORDER_ATTRIBUTE, ERROR_ATTRIBUTE, OWNER_ATTRIBUTE)

_WITHOUT_ATTRIBUTES = f"{STATUS_ATTRIBUTE} IS NULL"
"""Finds quotations that were started while Temporal did not take the attributes; every other one has a status."""


def base_query(environments: Collection[Environment]) -> str:
    """Return a query for the quotations in these environments, to which clauses can be added."""
    queues = ", ".join(sorted(f"'{environment.task_queue}'" for environment in environments))
    return f"WorkflowType = '{WORKFLOW}' AND TaskQueue IN ({queues})"


def list_query(
    owner: str | None, environments: Collection[Environment], wanted: Wanted, registered: Collection[str]
) -> str:
    """Return a query for at least all wanted quotations of this owner; None stands for any.

    It uses only the `registered` search attributes. Words find an older quotation, which lacks some of them, only
    by its id and its owner.
    """
    clauses = [base_query(environments)]
    searchable = {OWNER_ATTRIBUTE, STATUS_ATTRIBUTE} <= {*registered}
    if searchable:
        clauses += [
            f"({_WITHOUT_ATTRIBUTES} OR {OWNER_ATTRIBUTE} = '{owner_value(one)}')"
            for one in (owner, wanted.owner)
            if one is not None
        ]
    status = wanted.status or (State.FAILED if wanted.error_code else None)
    if status is not None:
        clauses.append(_status_clause(status, searchable=searchable))
    if wanted.error_code and ERROR_ATTRIBUTE in registered:
        clauses.append(f"({ERROR_ATTRIBUTE} = '{wanted.error_code}' OR {ERROR_ATTRIBUTE} IS NULL)")
    if {*_NAMES} <= {*registered}:
        clauses += map(_named, (wanted.words or "").split()[:_MOST_WORDS])
    clauses += [_moved(">=", time) for time in (wanted.since,) if time is not None]
    clauses += [_moved("<=", time) for time in (wanted.until,) if time is not None]
    return " AND ".join(clauses)


def _named(word: str) -> str:
    forms = {owner_value(form) for form in (word, word.lower(), word.upper())}
    starts = [
        *((name, form) for name in ("WorkflowId", *_NAMES) for form in sorted(forms)),
        # as `Wanted.names`: people copy an id without its beginning
        ("WorkflowId", f"quot_{owner_value(word.lower())}"),
    ]
    clauses = [f"{name} STARTS_WITH '{form}'" for name, form in starts]
    return f"({' OR '.join(clauses)})"


def _moved(comparison: str, time: datetime) -> str:
    at = f"{comparison} '{time.isoformat()}'"
    return f"(CloseTime {at} OR (CloseTime IS NULL AND StartTime {at}))"


def _status_clause(status: State, *, searchable: bool) -> str:
    has_status = f"{STATUS_ATTRIBUTE} = '{status}'"
    if not status.is_final:
        return "ExecutionStatus = 'Running'" + (
            f" AND ({has_status} OR {_WITHOUT_ATTRIBUTES})" if searchable else ""
        )
    ends = ", ".join(f"'{end}'" for end in _ENDS[status])
    # the status is final a little before the run has ended, or has been terminated
    early = "ExecutionStatus IN ('Running', 'Terminated')"
    if searchable:
        early = f"{has_status} OR ({_WITHOUT_ATTRIBUTES} AND {early})"
    return f"({early} OR ExecutionStatus IN ({ends}))"
