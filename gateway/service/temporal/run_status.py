"""Reads what Temporal itself knows of a run, without a worker: its memo, its end and its pending activities.

Every reader of a memo raises `UnreadableQuotationError` if it is encrypted with an unknown key.
"""

import copy
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from temporalio.api.enums.v1 import PendingActivityState
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.client import WorkflowExecution, WorkflowExecutionDescription, WorkflowExecutionStatus
from temporalio.exceptions import ApplicationError, FailureError

from gateway.errors import UnreadableQuotationError
from quotation import messages, texts
from quotation.errors import ErrorCode
from quotation.status import Failure, QuotationStatus, Retrying, State, Step
from quotation.steps import STEP_OF
from runtime.encryption import PayloadKeyError

logger = logging.getLogger(__name__)

ENVIRONMENT_MEMO = "environment"
"""Memo field with the environment's label, e.g. `development`."""

ENVIRONMENT_NAME_MEMO = "environment_name"
"""Memo field with the environment's name, e.g. `dev`."""

FINGERPRINT_MEMO = "fingerprint"
"""Memo field with the fingerprint of the request that the run was started with."""

KEY_MEMO = "key"
"""Memo field with the digest of the idempotency key that the quotation was started with."""

_ORDER = list(Step)

ENDED_BY = {
    ErrorCode.TIMED_OUT: "The quotation took longer than it may and was given up.",
    ErrorCode.TERMINATED: "The quotation was terminated by an operator before it was finished.",
}
"""The messages of failures that are Temporal's own."""


def is_quotation(description: WorkflowExecutionDescription) -> bool:
    """Return True if the run is a quotation's; the namespace may have other workflows."""
    return description.workflow_type == messages.WORKFLOW


async def environment_name(description: WorkflowExecutionDescription) -> str:
    """Return the name of the environment that the quotation was started in; empty if the memo has none."""
    return await _memo(description, ENVIRONMENT_NAME_MEMO)


async def owner(run: WorkflowExecution) -> str:
    """Return the name of the caller who owns the quotation; empty for the local caller."""
    return await _memo(run, messages.OWNER_MEMO)


async def key_digest(description: WorkflowExecutionDescription) -> str:
    """Return the digest of the key that the quotation was started with; empty without a key."""
    return await _memo(description, KEY_MEMO)


async def first_fingerprint(description: WorkflowExecutionDescription) -> str:
    """Return the fingerprint of the quotation's first request; empty if the memo has none."""
    return await _memo(description, FINGERPRINT_MEMO)


async def published_status(description: WorkflowExecution) -> QuotationStatus | None:
    """Return the status that the run last published, or None if it cannot be read."""
    try:
        with decrypting():
            return await description.memo_value(messages.STATUS_MEMO, None, type_hint=QuotationStatus)
    except UnreadableQuotationError:
        raise
    except Exception as error:  # noqa: BLE001  # there are other ways to a status
        # a newer worker may publish what this gateway does not know yet
        logger.warning("the status of a run could not be read: %s", type(error).__name__)
        return None


async def lasting_memo(description: WorkflowExecutionDescription) -> dict[str, Any]:
    """Return the memo that a further run is started with: that of the quotation, without that of the run."""
    with decrypting():
        memo = await description.memo()
    return {name: value for name, value in memo.items() if name != messages.STATUS_MEMO}


async def queued_status(description: WorkflowExecution) -> QuotationStatus:
    """Return the status of a run that no worker has taken yet."""
    label = await _memo(description, ENVIRONMENT_MEMO)
    return QuotationStatus.queued(description.id, label, description.start_time)


def ended_status(status: QuotationStatus, description: WorkflowExecution) -> QuotationStatus:
    """Return the status of a closed run whose last readable `status` is not final (docs/reference.md, Status)."""
    ended = {"completed_at": description.close_time}
    if description.status is WorkflowExecutionStatus.COMPLETED:
        # only a newer version can read what it created
        return status.model_copy(
            update=ended
            | {"status": State.COMPLETED, "step": Step.DONE, "progress": texts.PROGRESS[Step.DONE], "error": None}
        )
    if description.status is WorkflowExecutionStatus.CANCELED:
        return status.model_copy(update=ended | {"status": State.CANCELLED})
    has_timed_out = description.status is WorkflowExecutionStatus.TIMED_OUT
    code = ErrorCode.TIMED_OUT if has_timed_out else ErrorCode.TERMINATED
    failure = Failure(code=code, message=ENDED_BY[code], step=status.step)
    return status.model_copy(update=ended | {"status": State.FAILED, "error": failure})


async def retrying(description: WorkflowExecutionDescription) -> Retrying | None:
    """Return the earliest step that is being retried; the log does not count."""
    again = [
        activity
        for activity in description.raw_description.pending_activities
        if activity.activity_type.name in STEP_OF and activity.HasField("last_failure")
    ]
    if not again:
        return None
    earliest = min(again, key=lambda activity: _ORDER.index(_step_of(activity)))
    with decrypting():
        # with PAYLOAD_KEYS the text is a payload
        last_error = await description.data_converter.decode_failure(copy.deepcopy(earliest.last_failure))
    return Retrying(
        step=_step_of(earliest),
        attempt=earliest.attempt,
        code=_code(last_error),
        last_error=last_error.message if isinstance(last_error, FailureError) else str(last_error),
        next_attempt_at=_next_attempt_at(earliest),
    )


async def _memo(run: WorkflowExecution, field: str) -> str:
    with decrypting():
        return await run.memo_value(field, "", type_hint=str)


@contextmanager
def decrypting() -> Iterator[None]:
    """Raise `UnreadableQuotationError` if what is read inside is encrypted with an unknown key."""
    try:
        yield
    except PayloadKeyError as error:
        logger.warning("PAYLOAD_KEYS lacks the key %r that a quotation is encrypted with", error.key_id)
        raise UnreadableQuotationError from None


def _code(error: BaseException) -> ErrorCode:
    if isinstance(error, ApplicationError) and error.type in set(ErrorCode):
        return ErrorCode(error.type)
    # the worker was killed, or is a newer one
    return ErrorCode.ODOO_UNAVAILABLE


def _step_of(activity: PendingActivityInfo) -> Step:
    return STEP_OF[activity.activity_type.name]


def _next_attempt_at(activity: PendingActivityInfo) -> datetime | None:
    is_waiting = activity.state == PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED
    if is_waiting and activity.HasField("next_attempt_schedule_time"):
        return activity.next_attempt_schedule_time.ToDatetime(UTC)
    return None
