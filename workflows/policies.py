"""All time-outs and retry policies, in one place."""

from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import Priority, RetryPolicy
from temporalio.workflow import ActivityCancellationType

with workflow.unsafe.imports_passed_through():
    from quotation import lookups, turns
    from quotation.status import Step

GIVE_UP_AFTER = timedelta(hours=24)
"""The time for which a step is tried while Odoo is away (docs/reference.md, Odoo)."""

_BACK_OFF = RetryPolicy(
    initial_interval=timedelta(seconds=1),
    # an attempt makes up to five calls, so a few failed attempts in a row do not mean a long outage
    backoff_coefficient=1.5,
    maximum_interval=timedelta(minutes=1),
)

CALLS_TO_ODOO: dict[str, Any] = {
    "schedule_to_close_timeout": GIVE_UP_AFTER,
    # longer than any attempt: at most five sequential calls, each of which waits up to 300 s for a slot and up to
    # 120 s, the largest setting, for its answer
    "start_to_close_timeout": timedelta(minutes=40),
    # this detects a killed worker, long before the time-out above
    "heartbeat_timeout": timedelta(seconds=10),
    "retry_policy": _BACK_OFF,
    # a call in progress takes effect in any case, so its outcome is recorded
    "cancellation_type": ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
}

FIRST_LOG: dict[str, Any] = {
    "summary": "Write the first log",
    "schedule_to_close_timeout": GIVE_UP_AFTER,
    # a slow store may take 40 s for a log
    "start_to_close_timeout": timedelta(seconds=50),
    "heartbeat_timeout": timedelta(seconds=10),
    "retry_policy": _BACK_OFF,
    # a late write is harmless: a log never replaces a later one
    "cancellation_type": ActivityCancellationType.TRY_CANCEL,
}

FINAL_LOG: dict[str, Any] = FIRST_LOG | {
    "summary": "Write the final log",
    "schedule_to_close_timeout": timedelta(seconds=5),
    "retry_policy": RetryPolicy(initial_interval=timedelta(milliseconds=200), backoff_coefficient=2),
}

LATE_LOG: dict[str, Any] = FIRST_LOG | {"summary": "Write the log", "schedule_to_close_timeout": None}
"""For the child workflow, which tries until the log is written."""

LOOKUP: dict[str, Any] = {
    # a caller waits for the answer
    "schedule_to_close_timeout": timedelta(seconds=lookups.SECONDS),
    "retry_policy": RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_attempts=2),
}
"""For local activities."""


def turn_of(step: Step, run: Priority) -> Priority:
    """Return the turn of a step of this run: callers take turns, and later steps go before first ones."""
    if step is Step.AUTH:
        return run
    key = turns.key_of_next_steps(run.fairness_key or "")
    return Priority(fairness_key=key, fairness_weight=turns.NEXT_WEIGHT)
