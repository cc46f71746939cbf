"""How many quotations are ahead of one that waits for its turn (docs/architecture.md, Turns)."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from temporalio.api.enums.v1 import PendingActivityState, PendingWorkflowTaskState, TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client, WorkflowExecutionDescription

from gateway.errors import GatewayError
from gateway.service.temporal import run_status
from gateway.service.temporal.attributes import QuotationAttributes, owner_value
from gateway.service.temporal.deadlines import answered_within
from gateway.service.temporal.durations import Durations
from gateway.service.temporal.kept import Kept
from quotation import steps
from quotation.messages import WORKFLOW
from quotation.shown.search_attributes import OWNER_ATTRIBUTE
from quotation.status import Queue

_ANSWER_SECONDS = 1.0
_KEPT_SECONDS = 1.0

_RECENT = timedelta(seconds=30)
"""The time over which the quotations that end are counted."""

_EVENTS_OF_START = 2
"""A run that no worker has taken has so many events, and one for each signal."""


@dataclass(frozen=True)
class _Backlog:
    """The quotations of a queue that wait for a turn, and how many of all end in a second."""

    waiting: int
    ended_per_second: float


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
        return Queue(ahead=ahead, estimated_seconds=round((ahead + 1) / backlog.ended_per_second, 1))

    async def _backlog(self, queue: str) -> _Backlog:
        untaken, unbegun, running, ended = await asyncio.gather(
            self._waiting(queue, TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW),
            self._waiting(queue, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY),
            self._count(queue, "ExecutionStatus = 'Running'"),
            self._count(queue, f"CloseTime > '{(datetime.now(UTC) - _RECENT).isoformat()}'"),
        )
        waiting = untaken + unbegun
        # early in a batch few have ended: then each that has begun takes as long as the last ones did
        by_begun = max(running - waiting, 1) / self._durations.average_seconds(queue)
        return _Backlog(waiting, max(ended / _RECENT.total_seconds(), by_begun))

    async def _waiting(self, queue: str, kind: TaskQueueType.ValueType) -> int:
        request = DescribeTaskQueueRequest(
            namespace=self._client.namespace,
            task_queue=TaskQueue(name=queue),
            task_queue_type=kind,
            report_stats=True,
        )
        async with answered_within(_ANSWER_SECONDS):
            answer = await self._client.workflow_service.describe_task_queue(request)
        return answer.stats.approximate_backlog_count

    async def _earlier_than(self, run: WorkflowExecutionDescription) -> int:
        """Return how many unfinished quotations of the same owner were started earlier."""
        clauses = ["ExecutionStatus = 'Running'", f"StartTime < '{run.start_time.astimezone(UTC).isoformat()}'"]
        owner = await run_status.owner(run)
        if owner and self._attributes.are_registered:
            clauses.append(f"{OWNER_ATTRIBUTE} = '{owner_value(owner)}'")
        return await self._count(run.task_queue, *clauses)

    async def _count(self, queue: str, *clauses: str) -> int:
        """Return how many quotations of a queue fit."""
        query = " AND ".join([f"WorkflowType = '{WORKFLOW}'", f"TaskQueue = '{queue}'", *clauses])
        async with answered_within(_ANSWER_SECONDS):
            return (await self._client.count_workflows(query)).count


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
