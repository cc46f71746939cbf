"""How many quotations are ahead of one that waits for its turn (docs/architecture.md, Turns)."""

import asyncio
from dataclasses import dataclass
from datetime import UTC

from temporalio.api.enums.v1 import PendingActivityState, PendingWorkflowTaskState, TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue, TaskQueueStats
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client, WorkflowExecutionDescription

from gateway.errors import GatewayError
from gateway.service.temporal import run_status
from gateway.service.temporal.attributes import QuotationAttributes, owner_value
from gateway.service.temporal.deadlines import answered_within
from gateway.service.temporal.durations import Durations
from gateway.service.temporal.kept import Kept
from quotation import steps
from quotation.messages import OWNER_ATTRIBUTE, WORKFLOW
from quotation.status import Queue

_ANSWER_SECONDS = 1.0
_KEPT_SECONDS = 1.0

_EVENTS_OF_START = 2
"""A run that no worker has taken has so many events, and one for each signal."""


@dataclass(frozen=True)
class _Backlog:
    """The quotations of a queue that have not begun, and how many begin in a second."""

    waiting: int
    begun_per_second: float


class Turns:
    """Asks Temporal about the queue of a run that waits, and for nothing about one that does not."""

    def __init__(self, client: Client, attributes: QuotationAttributes, durations: Durations) -> None:
        self._client = client
        self._attributes = attributes
        self._durations = durations
        self._backlogs: Kept[_Backlog] = Kept(_KEPT_SECONDS)
        self._earlier: Kept[int] = Kept(_KEPT_SECONDS)

    async def queue_of(self, run: WorkflowExecutionDescription) -> Queue | None:
        """Return the place of a run; None if it is not waiting behind others, or Temporal does not tell."""
        if not _has_not_begun(run):
            return None
        try:
            backlog = await self._backlogs.get(run.task_queue, lambda: self._backlog(run.task_queue))
            if not backlog.waiting:
                return None
            earlier = await self._earlier.get(run.run_id, lambda: self._earlier_than(run))
        except GatewayError:
            return None
        ahead = min(earlier, backlog.waiting)
        if not ahead and backlog.waiting == 1:
            # nobody but this one is waiting
            return None
        if backlog.begun_per_second > 0:
            seconds = (ahead + 1) / backlog.begun_per_second
        else:
            seconds = (ahead + 1) * self._durations.average_seconds(run.task_queue)
        return Queue(ahead=ahead, estimated_seconds=round(seconds, 1))

    async def _backlog(self, queue: str) -> _Backlog:
        untaken, unbegun = await asyncio.gather(
            self._stats(queue, TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW),
            self._stats(queue, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY),
        )
        waiting = untaken.approximate_backlog_count + unbegun.approximate_backlog_count
        return _Backlog(waiting, unbegun.tasks_dispatch_rate)

    async def _stats(self, queue: str, kind: TaskQueueType.ValueType) -> TaskQueueStats:
        """Return the numbers of the tasks with the priority of a quotation's first step."""
        request = DescribeTaskQueueRequest(
            namespace=self._client.namespace,
            task_queue=TaskQueue(name=queue),
            task_queue_type=kind,
            report_stats=True,
        )
        async with answered_within(_ANSWER_SECONDS):
            answer = await self._client.workflow_service.describe_task_queue(request)
        return answer.stats_by_priority_key.get(steps.FIRST_PRIORITY, TaskQueueStats())

    async def _earlier_than(self, run: WorkflowExecutionDescription) -> int:
        """Return how many unfinished quotations of the same owner were started earlier."""
        clauses = [
            f"WorkflowType = '{WORKFLOW}'",
            f"TaskQueue = '{run.task_queue}'",
            "ExecutionStatus = 'Running'",
            f"StartTime < '{run.start_time.astimezone(UTC).isoformat()}'",
        ]
        owner = await run_status.owner(run)
        if owner and self._attributes.are_registered:
            clauses.append(f"{OWNER_ATTRIBUTE} = '{owner_value(owner)}'")
        async with answered_within(_ANSWER_SECONDS):
            return (await self._client.count_workflows(" AND ".join(clauses))).count


def _has_not_begun(run: WorkflowExecutionDescription) -> bool:
    """Return True if no worker has taken the run, or none its first step."""
    if run.close_time is not None:
        return False
    about = run.raw_description
    if about.pending_activities:
        return all(
            activity.activity_type.name == steps.AUTHENTICATE
            and activity.state == PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED
            and activity.attempt <= 1
            for activity in about.pending_activities
        )
    task = about.pending_workflow_task
    return (
        run.history_length <= _EVENTS_OF_START
        and task.state == PendingWorkflowTaskState.PENDING_WORKFLOW_TASK_STATE_SCHEDULED
    )
