"""Finds the quotation's last run for a reset run: an old failure may have been retried since."""

from dataclasses import dataclass
from datetime import UTC, datetime

from temporalio import activity
from temporalio.api.enums.v1 import WorkflowTaskFailedCause
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowExecution, WorkflowHandle
from temporalio.service import RPCError

from activities.failures import VisibilityError
from quotation import messages, steps
from quotation.messages import LaterRun, QuotationInput
from quotation.status import QuotationStatus


@dataclass(frozen=True)
class _Run:
    """A run of the quotation, and its first event, which a reset copies from the run before."""

    handle: "WorkflowHandle[object, object]"
    run: WorkflowExecution
    first: HistoryEvent

    @property
    def order(self) -> tuple[datetime, datetime]:
        """A reset comes after the run that it copies, and before each run that was started later than that one."""
        return self.first.event_time.ToDatetime(UTC), self.run.start_time


@activity.defn(name=steps.FIND_LATER_RUN)
async def find_later_run() -> LaterRun | None:
    """Return the last run of the quotation, or None if the calling run is a reset of that one.

    Raises `VisibilityError`.
    """
    try:
        return await _later_run(activity.client(), activity.info())
    except RPCError as error:
        raise VisibilityError(f"Temporal's visibility does not answer ({error.status.name}).") from None


async def _later_run(client: Client, info: activity.Info) -> LaterRun | None:
    tracking_id, own_run = str(info.workflow_id), str(info.workflow_run_id)
    base = await _base_of(client, tracking_id, own_run)
    runs = [
        await _read(client, run)
        async for run in client.list_workflows(f"WorkflowId = '{tracking_id}'")
        if run.run_id != own_run
    ]
    last = max(runs, key=lambda run: run.order, default=None)
    if last is None or last.run.run_id == base:
        return None
    inputs = last.first.workflow_execution_started_event_attributes.input.payloads
    [quotation] = await client.data_converter.decode(inputs, [QuotationInput])
    return LaterRun(quotation=quotation, status=await _final_status(last))


async def _base_of(client: Client, tracking_id: str, run_id: str) -> str:
    """Return the id of the run that this one is a reset of; the last one, if it was reset several times."""
    base = ""
    async for event in client.get_workflow_handle(tracking_id, run_id=run_id).fetch_history_events():
        told = event.workflow_task_failed_event_attributes
        if told.cause == WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW:
            base = told.base_run_id
    return base


async def _read(client: Client, run: WorkflowExecution) -> _Run:
    handle = client.get_workflow_handle(run.id, run_id=run.run_id)
    return _Run(handle, run, await anext(handle.fetch_history_events(page_size=1)))


async def _final_status(last: _Run) -> QuotationStatus | None:
    description = await last.handle.describe()
    status = await description.memo_value(messages.STATUS_MEMO, None, type_hint=QuotationStatus)
    return status if status is not None and status.status.is_final else None
