"""Lists quotations as Temporal's visibility has them: running ones first, then the last to end."""

import base64
import binascii
import hashlib
import logging
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field
from temporalio.client import Client, WorkflowExecution, WorkflowExecutionStatus

from gateway.errors import UnreadableQuotationError
from gateway.service import run_status
from gateway.service.attributes import QuotationAttributes, owner_value
from gateway.service.deadlines import answered_within
from quotation import messages
from quotation.environment import Environment
from quotation.identity import is_tracking_id
from quotation.lookups import PageArguments
from quotation.messages import OWNER_ATTRIBUTE, STATUS_ATTRIBUTE
from quotation.status import Failure, QuotationStatus, State, Step
from quotation.values import drop_null_default

logger = logging.getLogger(__name__)

# 10 s is what a caller is promised (contract, section 2)
_SECONDS = 8.0
_MOST_QUERIES = 5
_MOST_RUNS = 1000
_CHECK_BYTES = 6

_ENDS: dict[State, tuple[str, ...]] = {
    State.COMPLETED: ("Completed",),
    State.FAILED: ("Failed", "Terminated", "TimedOut"),
    State.CANCELLED: ("Canceled",),
}


def _check_cursor(cursor: str) -> str:
    _decoded(cursor)
    return cursor


class ListArguments(PageArguments):
    """Which quotations to list."""

    status: State | None = Field(
        None, description="Only those with this status.", json_schema_extra=drop_null_default
    )
    cursor: Annotated[str, Field(max_length=1000), AfterValidator(_check_cursor)] | None = Field(
        None, description="next_cursor of the page before.", json_schema_extra=drop_null_default
    )


class ListedQuotation(BaseModel):
    """One quotation of a list."""

    tracking_id: str
    status: State
    step: Step
    environment: str
    created_at: datetime
    completed_at: datetime | None
    sale_order_name: str | None
    error: Failure | None


class QuotationPage(BaseModel):
    """Some quotations; `next_cursor` is null on the last page. A page may hold fewer than were asked for."""

    items: list[ListedQuotation]
    next_cursor: str | None


class Listing:
    """Lists quotations of the configured environments."""

    def __init__(
        self, client: Client, environments: Iterable[Environment], attributes: QuotationAttributes
    ) -> None:
        self._client = client
        self._labels = {environment.task_queue: environment.label for environment in environments}
        self._attributes = attributes

    async def page(
        self, owner: str | None, environments: Collection[Environment], arguments: ListArguments
    ) -> QuotationPage:
        """Give a page of this owner's quotations in these environments; of everyone's where `owner` is None.

        Raises `TemporalUnavailableError`.
        """
        items: dict[str, ListedQuotation] = {}
        token = _decoded(arguments.cursor) if arguments.cursor else None
        if not environments:
            return QuotationPage(items=[], next_cursor=None)
        async with answered_within(_SECONDS):
            searchable = await self._attributes.are_there()
            query = _query(owner, environments, arguments.status, searchable=searchable)
            # what is dropped from a page leaves room in it
            for _ in range(_MOST_QUERIES):
                runs, token = await self._runs(query, arguments.limit - len(items), token)
                for run in await self._latest(runs):
                    # one that is encrypted with others' keys must not take the list from everyone
                    with suppress(UnreadableQuotationError):
                        if await self._is_listed(run, owner, arguments.status, item := await self._item(run)):
                            items.setdefault(run.id, item)
                if token is None or len(items) == arguments.limit:
                    break
        return QuotationPage(items=list(items.values()), next_cursor=_encoded(token) if token else None)

    async def _runs(
        self, query: str, size: int, token: bytes | None
    ) -> tuple[Sequence[WorkflowExecution], bytes | None]:
        pages = self._client.list_workflows(query, page_size=size, next_page_token=token)
        await pages.fetch_next_page()
        return pages.current_page or [], pages.next_page_token

    async def _latest(self, runs: Sequence[WorkflowExecution]) -> list[WorkflowExecution]:
        """Give those that are the last run of their quotation; a retried one has several."""
        # one that runs has none after it
        ended = {run.id for run in runs if run.close_time is not None and is_tracking_id(run.id)}
        last: dict[str, WorkflowExecution] = {}
        if ended:
            ids = ", ".join(f"'{tracking_id}'" for tracking_id in sorted(ended))
            query = f"WorkflowType = '{messages.WORKFLOW}' AND WorkflowId IN ({ids})"
            every, _ = await self._runs(query, _MOST_RUNS, None)
            for run in sorted(every, key=lambda run: run.start_time):
                last[run.id] = run
        return [
            run
            for run in runs
            if is_tracking_id(run.id) and (run.id not in last or last[run.id].run_id == run.run_id)
        ]

    async def _is_listed(
        self, run: WorkflowExecution, owner: str | None, status: State | None, item: ListedQuotation
    ) -> bool:
        # the query finds a few more than these, and all of everyone's where it cannot ask for the owner
        return status in (None, item.status) and owner in (None, await run_status.owner(run))

    async def _item(self, run: WorkflowExecution) -> ListedQuotation:
        status = await self._status(run)
        return ListedQuotation(
            tracking_id=run.id,
            status=status.status,
            step=status.step,
            environment=status.environment,
            created_at=status.created_at or run.start_time,
            completed_at=status.completed_at,
            sale_order_name=status.result.sale_order_name,
            error=status.error,
        )

    async def _status(self, run: WorkflowExecution) -> QuotationStatus:
        latest = await run_status.published_status(run) or await self._queued(run)
        if run.close_time is None or latest.status.is_final:
            return latest
        return await self._result(run) or run_status.ended_status(latest, run)

    async def _queued(self, run: WorkflowExecution) -> QuotationStatus:
        try:
            return await run_status.queued_status(run)
        except UnreadableQuotationError:
            raise
        except Exception as error:  # noqa: BLE001  # one unreadable run must not take the list from everyone
            logger.warning("the memo of a run could not be read: %s", type(error).__name__)
            return QuotationStatus.queued(run.id, self._labels.get(run.task_queue, ""), run.start_time)

    async def _result(self, run: WorkflowExecution) -> QuotationStatus | None:
        """Give what a run returned that has completed without publishing it."""
        if run.status is not WorkflowExecutionStatus.COMPLETED:
            return None
        handle = self._client.get_workflow_handle(run.id, run_id=run.run_id, result_type=QuotationStatus)
        try:
            result: QuotationStatus | None = await handle.result(follow_runs=False)
        except Exception as error:  # noqa: BLE001  # as above
            logger.warning("the result of a run could not be read: %s", type(error).__name__)
            return None
        return result


def _query(
    owner: str | None, environments: Collection[Environment], status: State | None, *, searchable: bool
) -> str:
    queues = ", ".join(sorted(f"'{environment.task_queue}'" for environment in environments))
    clauses = [f"WorkflowType = '{messages.WORKFLOW}'", f"TaskQueue IN ({queues})"]
    if searchable and owner is not None:
        clauses.append(f"{OWNER_ATTRIBUTE} = '{owner_value(owner)}'")
    if status is not None:
        clauses.append(_status_clause(status, searchable=searchable))
    return " AND ".join(clauses)


def _status_clause(status: State, *, searchable: bool) -> str:
    """Give a condition for at least all that have this status."""
    if not status.is_final:
        unknown = f"{STATUS_ATTRIBUTE} = '{status}' OR {STATUS_ATTRIBUTE} IS NULL"
        return "ExecutionStatus = 'Running'" + (f" AND ({unknown})" if searchable else "")
    ends = ", ".join(f"'{end}'" for end in _ENDS[status])
    # the status is final a little before the run has ended, or has been terminated
    before = f"{STATUS_ATTRIBUTE} = '{status}'" if searchable else "ExecutionStatus IN ('Running', 'Terminated')"
    return f"({before} OR ExecutionStatus IN ({ends}))"


def _encoded(token: bytes) -> str:
    # Temporal takes ten seconds to refuse a token that was cut or changed on its way
    return base64.urlsafe_b64encode(_check(token) + token).decode().rstrip("=")


def _decoded(cursor: str) -> bytes:
    try:
        content = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except (binascii.Error, ValueError):
        content = b""
    check, token = content[:_CHECK_BYTES], content[_CHECK_BYTES:]
    if not token or check != _check(token):
        raise ValueError("must be the next_cursor of an earlier answer")
    return token


def _check(token: bytes) -> bytes:
    return hashlib.sha256(token).digest()[:_CHECK_BYTES]
