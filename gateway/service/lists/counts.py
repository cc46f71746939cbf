"""How many quotations there are by status, by error code and by hour, from Temporal's visibility."""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta

from pydantic import BaseModel
from temporalio.client import Client, WorkflowExecution, WorkflowExecutionStatus

from gateway.errors import GatewayError, UnreadableQuotationError
from gateway.service.lists.latest import latest_of
from gateway.service.lists.query import base_query
from gateway.service.temporal import run_status
from gateway.service.temporal.attributes import QuotationAttributes, owner_value
from gateway.service.temporal.deadlines import answered_within
from gateway.service.temporal.kept import Kept
from quotation.environment import Environment
from quotation.errors import ErrorCode
from quotation.identity import is_tracking_id
from quotation.shown.search_attributes import OWNER_ATTRIBUTE, STATUS_ATTRIBUTE
from quotation.status import State

HOURS = 24
"""How far back the counts of ended quotations go."""

_HOUR = timedelta(hours=1)
_ANSWER_SECONDS = 5.0
_KEPT_SECONDS = 5.0
_MOST_RUNS = 1000

_STATES = {
    "Completed": State.COMPLETED,
    "Failed": State.FAILED,
    "Terminated": State.FAILED,
    "TimedOut": State.FAILED,
    "Canceled": State.CANCELLED,
}
_CODES = {
    WorkflowExecutionStatus.TERMINATED: ErrorCode.TERMINATED,
    WorkflowExecutionStatus.TIMED_OUT: ErrorCode.TIMED_OUT,
}


class Hour(BaseModel):
    """The runs that ended in one hour; a retried quotation counts once for each run."""

    start: datetime
    by_status: dict[State, int]


class Counts(BaseModel):
    """Unfinished quotations, and those that ended in the last `HOURS` hours; a retried one counts as it is now."""

    by_status: dict[State, int]
    by_error: dict[ErrorCode, int]
    """The failed ones; of more than 1,000, the last 1,000 to end."""
    messages: dict[ErrorCode, str]
    """For each of these codes, the message of the last one to fail."""
    hours: list[Hour]
    """The last `HOURS` hours, the oldest first; the last one ends now."""


class Counting:
    """Counts quotations; all callers with the same rights share an answer for some seconds."""

    def __init__(
        self,
        client: Client,
        attributes: QuotationAttributes,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._client = client
        self._attributes = attributes
        self._clock = clock
        self._kept: Kept[Counts | None] = Kept(_KEPT_SECONDS)

    async def counts(self, owner: str | None, environments: Collection[Environment]) -> Counts | None:
        """Return the counts of this owner's quotations in these environments; None is everyone's.

        The result is None if they are unknown: Temporal's visibility does not answer within 5 seconds, or lacks
        the search attributes.
        """
        key = (owner, *sorted(environment.name for environment in environments))
        return await self._kept.get(key, lambda: self._ask(owner, environments))

    async def _ask(self, owner: str | None, environments: Collection[Environment]) -> Counts | None:
        query = base_query(environments)
        if owner is not None:
            query += f" AND {OWNER_ATTRIBUTE} = '{owner_value(owner)}'"
        try:
            async with answered_within(_ANSWER_SECONDS):
                if self._attributes.are_registered is None:
                    await self._attributes.look(_ANSWER_SECONDS)
                if not self._attributes.are_registered or not environments:
                    return None
                return await self._counted(query, self._clock())
        except GatewayError:
            return None

    async def _counted(self, query: str, now: datetime) -> Counts:
        starts = [now - _HOUR * hours for hours in range(HOURS, 0, -1)]
        running = f"{query} AND ExecutionStatus = 'Running'"
        (unfinished, queued, unhappy), hours = await asyncio.gather(
            asyncio.gather(
                self._count(running),
                self._count(f"{running} AND {STATUS_ATTRIBUTE} = '{State.QUEUED}'"),
                self._unhappy(query, starts[0]),
            ),
            asyncio.gather(*(self._hour(query, start) for start in starts)),
        )
        by_error: Counter[ErrorCode] = Counter()
        messages: dict[ErrorCode, str] = {}
        by_status = {
            State.QUEUED: queued,
            State.PROCESSING: max(unfinished - queued, 0),
            State.COMPLETED: sum(hour.by_status[State.COMPLETED] for hour in hours),
            State.FAILED: 0,
            State.CANCELLED: 0,
        }
        for run in unhappy:
            if run.status is WorkflowExecutionStatus.CANCELED:
                by_status[State.CANCELLED] += 1
            else:
                by_status[State.FAILED] += 1
                code, message = await _failure(run)
                by_error[code] += 1
                # the last one to end comes first
                messages.setdefault(code, message)
        return Counts(by_status=by_status, by_error=dict(by_error.most_common()), messages=messages, hours=hours)

    async def _count(self, query: str) -> int:
        return (await self._client.count_workflows(query)).count

    async def _hour(self, query: str, start: datetime) -> Hour:
        within = f"CloseTime > '{start.isoformat()}' AND CloseTime <= '{(start + _HOUR).isoformat()}'"
        counted = await self._client.count_workflows(f"{query} AND {within} GROUP BY ExecutionStatus")
        by_status = dict.fromkeys(_STATES.values(), 0)
        for group in counted.groups:
            [end] = group.group_values
            if state := _STATES.get(str(end)):
                by_status[state] += group.count
        return Hour(start=start, by_status=by_status)

    async def _unhappy(self, query: str, since: datetime) -> list[WorkflowExecution]:
        """Return the last runs of quotations that ended without an order since then."""
        ends = ", ".join(f"'{end}'" for end, state in _STATES.items() if state is not State.COMPLETED)
        query = f"{query} AND CloseTime > '{since.isoformat()}' AND ExecutionStatus IN ({ends})"
        runs = [run async for run in self._client.list_workflows(query, page_size=_MOST_RUNS, limit=_MOST_RUNS)]
        return await latest_of(self._client, [run for run in runs if is_tracking_id(run.id)])


async def _failure(run: WorkflowExecution) -> tuple[ErrorCode, str]:
    """Return the code and the message with which a run failed; the message is empty if it cannot be read."""
    if run.status in _CODES:
        return _CODES[run.status], run_status.ENDED_BY[_CODES[run.status]]
    try:
        status = await run_status.published_status(run)
    except UnreadableQuotationError:
        status = None
    return (
        (status.error.code, status.error.message) if status and status.error else (ErrorCode.ODOO_UNEXPECTED, "")
    )
