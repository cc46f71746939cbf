"""Every time-out and retry policy, in one place."""

from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.workflow import ActivityCancellationType

with workflow.unsafe.imports_passed_through():
    from quotation import lookups

GIVE_UP_AFTER = timedelta(hours=24)
"""How long a step is tried while Odoo is away (docs/reference.md, Odoo)."""

_BACK_OFF = RetryPolicy(
    initial_interval=timedelta(seconds=1),
    # an attempt is up to five calls, and where each may fail some attempts in a row are no sign of a long outage
    backoff_coefficient=1.5,
    maximum_interval=timedelta(minutes=1),
)

CALLS_TO_ODOO: dict[str, Any] = {
    "schedule_to_close_timeout": GIVE_UP_AFTER,
    # longer than any attempt: at most five calls one after the other, each of which waits 300 s for a slot and
    # then for its answer as long as a setting says, which is 120 s at most
    "start_to_close_timeout": timedelta(minutes=40),
    # a killed worker is noticed by this, not by the time-out above
    "heartbeat_timeout": timedelta(seconds=10),
    "retry_policy": _BACK_OFF,
    # what is under way takes effect in any case, so its outcome is recorded
    "cancellation_type": ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
}

FIRST_LOG: dict[str, Any] = {
    "schedule_to_close_timeout": GIVE_UP_AFTER,
    "start_to_close_timeout": timedelta(seconds=20),
    "heartbeat_timeout": timedelta(seconds=10),
    "retry_policy": _BACK_OFF,
    # a late write is harmless: a document never replaces a later one
    "cancellation_type": ActivityCancellationType.TRY_CANCEL,
}

FINAL_LOG: dict[str, Any] = FIRST_LOG | {
    "schedule_to_close_timeout": timedelta(seconds=5),
    "retry_policy": RetryPolicy(initial_interval=timedelta(milliseconds=200), backoff_coefficient=2),
}

LATE_LOG: dict[str, Any] = FIRST_LOG | {"schedule_to_close_timeout": None}
"""In the child workflow, which goes on until the log is written."""

LOOKUP: dict[str, Any] = {
    # somebody waits for the answer
    "schedule_to_close_timeout": timedelta(seconds=lookups.SECONDS),
    "retry_policy": RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_attempts=2),
}
"""For local activities."""
