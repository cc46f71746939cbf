"""The query for Temporal's visibility that finds the quotations of a list, and perhaps a few more."""

from collections.abc import Collection

from gateway.service.temporal.attributes import owner_value
from quotation.environment import Environment
from quotation.messages import OWNER_ATTRIBUTE, STATUS_ATTRIBUTE, WORKFLOW
from quotation.status import State

_ENDS: dict[State, tuple[str, ...]] = {
    State.COMPLETED: ("Completed",),
    State.FAILED: ("Failed", "Terminated", "TimedOut"),
    State.CANCELLED: ("Canceled",),
}

_WITHOUT_ATTRIBUTES = f"{STATUS_ATTRIBUTE} IS NULL"
"""Finds quotations that were started while Temporal did not take the attributes; every other one has a status."""


def list_query(
    owner: str | None, environments: Collection[Environment], status: State | None, *, searchable: bool
) -> str:
    """Return a query for at least all quotations of this owner with this status; None stands for any.

    It uses the search attributes only if Temporal is `searchable` by them.
    """
    queues = ", ".join(sorted(f"'{environment.task_queue}'" for environment in environments))
    clauses = [f"WorkflowType = '{WORKFLOW}'", f"TaskQueue IN ({queues})"]
    if searchable and owner is not None:
        clauses.append(f"({_WITHOUT_ATTRIBUTES} OR {OWNER_ATTRIBUTE} = '{owner_value(owner)}')")
    if status is not None:
        clauses.append(_status_clause(status, searchable=searchable))
    return " AND ".join(clauses)


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
