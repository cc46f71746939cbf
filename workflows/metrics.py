"""Counts the quotations that ended, with the SDK's own meter: a replay counts nothing."""

from collections.abc import Iterator

from temporalio import workflow
from temporalio.common import MetricMeter

with workflow.unsafe.imports_passed_through():
    from quotation import messages
    from quotation.errors import ErrorCode
    from quotation.status import QuotationStatus, State

_NAME = "worker_quotations"
_DESCRIPTION = "Quotations that ended, by status and error code (`none` if they did not fail)."
_NO_CODE = "none"


def count(status: QuotationStatus) -> None:
    """Count a quotation that has ended, once in its history."""
    queue = workflow.info().task_queue
    meter = workflow.metric_meter()
    code = status.error.code if status.error else _NO_CODE
    meter.create_counter(_NAME, _DESCRIPTION).add(1, _labels(queue, status.status, code))


def begin(meter: MetricMeter, namespace: str, environment: str) -> None:
    """Make all counts of an environment visible: Prometheus sees a first increase only after a zero."""
    counter = meter.create_counter(_NAME, _DESCRIPTION)
    queue = messages.task_queue(environment)
    # those that the SDK adds in a workflow
    own = {"namespace": namespace, "task_queue": queue, "workflow_type": messages.WORKFLOW}
    for state, code in _outcomes():
        counter.add(0, own | _labels(queue, state, code))


def _outcomes() -> Iterator[tuple[State, str]]:
    yield State.COMPLETED, _NO_CODE
    yield State.CANCELLED, _NO_CODE
    for code in ErrorCode:
        # a run that is ended from outside counts nothing
        if code not in (ErrorCode.TERMINATED, ErrorCode.TIMED_OUT):
            yield State.FAILED, code


def _labels(queue: str, state: State, code: str) -> dict[str, str]:
    return {"environment": messages.environment_of(queue), "status": state.value, "error_code": str(code)}
