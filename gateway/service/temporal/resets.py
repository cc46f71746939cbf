"""Runs that Temporal has made of an earlier run of a quotation, by a reset (docs/operate.md, Resets)."""

from collections.abc import Iterable

from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowExecutionDescription
from temporalio.converter import DataConverter

from gateway.service.temporal import run_status
from quotation import steps
from quotation.messages import LaterRun, QuotationInput
from quotation.status import QuotationStatus


def is_reset(run: WorkflowExecutionDescription) -> bool:
    """Return True if the run is a reset of another one."""
    return run.raw_description.workflow_extended_info.HasField("last_reset_time")


async def completed_before(client: Client, run: WorkflowExecutionDescription) -> QuotationStatus | None:
    """Return the status that another run of the quotation has completed with; None if there is none."""
    query = f"WorkflowId = '{run.id}' AND ExecutionStatus = 'Completed'"
    async for other in client.list_workflows(query, limit=1):
        return await run_status.published_status(other)
    return None


async def taken_up(events: Iterable[HistoryEvent], converter: DataConverter) -> QuotationInput | None:
    """Return the input of the later run whose outcome or work a reset has taken up; None if it has not."""
    asked: set[int] = set()
    for event in events:
        scheduled, completed = (
            event.activity_task_scheduled_event_attributes,
            event.activity_task_completed_event_attributes,
        )
        if scheduled.activity_type.name == steps.FIND_LATER_RUN:
            asked.add(event.event_id)
        elif completed.scheduled_event_id in asked:
            [later] = await converter.decode(completed.result.payloads, [LaterRun | None])  # type: ignore[list-item]
            return later.quotation if later else None
    return None
