"""Lists quotations in the order of Temporal's visibility: running ones first, then the last to end."""

import asyncio
import logging
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime

from pydantic import BaseModel, Field
from temporalio.client import Client, WorkflowExecution
from temporalio.service import RPCError, RPCStatusCode

from gateway.errors import (
    GatewayError,
    ListUnavailableError,
    TemporalUnavailableError,
    UnknownQuotationError,
    UnreadableQuotationError,
)
from gateway.service.lists.cursors import decode_cursor, encode_cursor
from gateway.service.lists.latest import latest_of
from gateway.service.lists.query import list_query
from gateway.service.lists.wanted import Wanted
from gateway.service.status.reading import told_by_temporal
from gateway.service.temporal import run_status
from gateway.service.temporal.attributes import QuotationAttributes
from gateway.service.temporal.deadlines import answered_within
from gateway.service.temporal.runs import QuotationRuns
from quotation.environment import Environment
from quotation.identity import is_tracking_id
from quotation.status import Failure, QuotationStatus, Retrying, State, Step
from runtime import temporal

logger = logging.getLogger(__name__)

# clients are promised an answer within 10 s (docs/reference.md, Errors)
_SECONDS = 7.0
_ANSWER_SECONDS = 2.0
_FIRST_LOOK_SECONDS = 2.0
_MOST_QUERIES = 20


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
    owner: str = Field("", exclude=True)
    """For operators; empty for the local caller."""
    retrying: Retrying | None = Field(None, exclude=True)
    """The step that is being retried; known in everyone's list only, which operators read."""

    def fits(self, wanted: Wanted) -> bool:
        """Return True if the quotation is one of the wanted; its time and its owner are the query's matter."""
        code = self.error.code if self.error else None
        return (
            wanted.status in (None, self.status)
            and wanted.error_code in (None, code)
            and wanted.names(self.tracking_id, self.sale_order_name, code, self.owner)
        )


class QuotationPage(BaseModel):
    """Some quotations; `next_cursor` is null on the last page. A page may hold fewer than were asked for."""

    items: list[ListedQuotation]
    next_cursor: str | None


class Listing:
    """Lists quotations of the configured environments."""

    def __init__(
        self,
        client: Client,
        runs: QuotationRuns,
        environments: Iterable[Environment],
        attributes: QuotationAttributes,
    ) -> None:
        self._client = client
        self._runs = runs
        self._labels = {environment.task_queue: environment.label for environment in environments}
        self._attributes = attributes

    async def page(
        self, owner: str | None, environments: Collection[Environment], wanted: Wanted
    ) -> QuotationPage:
        """Return a page of this owner's wanted quotations in these environments; None is for everyone's.

        Raises:
            ListUnavailableError: Temporal's visibility did not answer.
            TemporalUnavailableError: Temporal itself did not.
        """
        if not environments:
            return QuotationPage(items=[], next_cursor=None)
        async with self._saying_what_is_away(), answered_within(_SECONDS):
            if self._attributes.are_registered is None:
                await self._attributes.look(_FIRST_LOOK_SECONDS)
            try:
                return await self._page(owner, environments, wanted, self._attributes.registered or frozenset())
            except RPCError as error:
                if error.status is not RPCStatusCode.INVALID_ARGUMENT or not self._attributes.registered:
                    raise
                self._attributes.refused()
                return await self._page(owner, environments, wanted, frozenset())

    @asynccontextmanager
    async def _saying_what_is_away(self) -> AsyncIterator[None]:
        try:
            yield
        except TemporalUnavailableError:
            self._attributes.not_answered()
            if await temporal.answers(self._client, _ANSWER_SECONDS):
                raise ListUnavailableError from None
            raise

    async def _page(
        self,
        owner: str | None,
        environments: Collection[Environment],
        wanted: Wanted,
        registered: Collection[str],
    ) -> QuotationPage:
        # without attributes, every quotation of the environments is examined
        query = list_query(owner, environments, wanted, registered)
        items: dict[str, ListedQuotation] = {}
        token = decode_cursor(wanted.cursor) if wanted.cursor else None
        # a dropped run leaves room for another one on the page
        for _ in range(_MOST_QUERIES):
            runs, token = await self._search(query, wanted.limit - len(items), token)
            owned = [run for run in runs if await _is_owned(run, owner, wanted.owner)]
            latest = await latest_of(self._client, owned)
            found = await asyncio.gather(*(self._item(run, tells_retries=owner is None) for run in latest))
            for run, item in zip(latest, found, strict=True):
                if item is not None and item.fits(wanted):
                    items.setdefault(run.id, item)
            if token is None or len(items) == wanted.limit:
                break
        return QuotationPage(items=list(items.values()), next_cursor=encode_cursor(token) if token else None)

    async def _search(
        self, query: str, size: int, token: bytes | None
    ) -> tuple[Sequence[WorkflowExecution], bytes | None]:
        pages = self._client.list_workflows(query, page_size=size, next_page_token=token)
        await pages.fetch_next_page()
        return pages.current_page or [], pages.next_page_token

    async def _item(self, run: WorkflowExecution, *, tells_retries: bool) -> ListedQuotation | None:
        """Return the quotation of a run; None if it is encrypted with an unknown key, or just gone."""
        with suppress(UnreadableQuotationError, UnknownQuotationError):
            status = await run_status.published_status(run)
            if status is None or not status.status.is_final:
                status = await self._told(run)
            return ListedQuotation(
                tracking_id=run.id,
                status=status.status,
                step=status.step,
                environment=status.environment,
                created_at=status.created_at or run.start_time,
                completed_at=status.completed_at,
                sale_order_name=status.result.sale_order_name,
                error=status.error,
                owner=await run_status.owner(run),
                retrying=await self._retrying(run, status) if tells_retries else None,
            )
        return None

    async def _retrying(self, run: WorkflowExecution, status: QuotationStatus) -> Retrying | None:
        # attempts are not in the history
        if status.status is not State.PROCESSING:
            return None
        return await run_status.retrying(await self._runs.describe(run.id))

    async def _told(self, run: WorkflowExecution) -> QuotationStatus:
        try:
            return await told_by_temporal(self._runs, run)
        except GatewayError:
            raise
        except Exception as error:  # noqa: BLE001  # one unreadable run must not break the list for everyone
            logger.warning("the memo of a run could not be read: %s", type(error).__name__)
            return QuotationStatus.queued(run.id, self._labels.get(run.task_queue, ""), run.start_time)


async def _is_owned(run: WorkflowExecution, *owners: str | None) -> bool:
    """Return True if it is a quotation of each of these owners; None is anyone."""
    if not is_tracking_id(run.id):
        return False
    with suppress(UnreadableQuotationError):
        return {*owners} <= {None, await run_status.owner(run)}
    return False
