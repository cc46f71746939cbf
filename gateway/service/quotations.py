"""The service behind both interfaces: REST and MCP only translate for it."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel
from temporalio.client import Client

from gateway.errors import FinishedError, GatewayError, NotKeptError
from gateway.service import audit
from gateway.service.bulk_retries import BulkRetries, FailedOnes, Retried
from gateway.service.callers import Caller
from gateway.service.environments import ConfiguredEnvironments
from gateway.service.lists.counts import Counting, Counts
from gateway.service.lists.listing import Listing, QuotationPage
from gateway.service.lists.temporal_pages import TemporalPages
from gateway.service.lists.wanted import Wanted
from gateway.service.lookups import Lookups
from gateway.service.starts.idempotency import IdempotencyKey
from gateway.service.starts.retrying import Retries
from gateway.service.starts.starting import Accepted, Started, Starts
from gateway.service.status.logged import last_log
from gateway.service.status.past import PastQuotation, PastQuotations
from gateway.service.status.reading import StatusReader
from gateway.service.status.streams import Streams
from gateway.service.status.watching import See, Watches
from gateway.service.stories import Correctable, Stories, Story
from gateway.service.temporal.attributes import QuotationAttributes
from gateway.service.temporal.durations import Durations
from gateway.service.temporal.readiness import Readiness
from gateway.service.temporal.retention import Retention
from gateway.service.temporal.runs import QuotationRuns
from gateway.service.temporal.turns import Turns
from gateway.service.temporal.unwritten_logs import UnwrittenLogs
from gateway.settings import GatewaySettings
from quotation import texts
from quotation.document import LogDocument
from quotation.environment import Environment
from quotation.request import QuotationRequest
from quotation.status import QuotationStatus, State


class CancelRequested(BaseModel):
    """A requested cancel; the status shows its outcome."""

    tracking_id: str
    status: State
    message: str = texts.CANCEL_REQUESTED
    environment: str


class QuotationService:
    """Starts quotations, reads their status, cancels them and runs failed ones again.

    Every method raises `TemporalUnavailableError` within 10 seconds if Temporal is away. Those that take the name
    of an environment raise as `ConfiguredEnvironments.named`.
    """

    def __init__(self, client: Client, settings: GatewaySettings) -> None:
        attributes = QuotationAttributes(client)
        self.environments = ConfiguredEnvironments(settings.configured_environments)
        self.lookups = Lookups(client, self.environments)
        self.readiness = Readiness(client, attributes)
        self.retention = Retention(client)
        self.unwritten_logs = UnwrittenLogs(client, self.environments)
        self._runs = QuotationRuns(client, attributes, shows_customers=settings.shows_customers)
        durations = Durations(client)
        self._starts = Starts(self._runs, settings.tracking_secret.get_secret_value(), durations)
        self._retries = Retries(self._runs, durations)
        self._reader = StatusReader(
            self._runs, self.environments, Turns(client, attributes, durations), PastQuotations(client)
        )
        self._watches = Watches(client, self._reader.read_again)
        self._streams = Streams(self._watches)
        self._listing = Listing(client, self._runs, self.environments, attributes)
        self._counting = Counting(client, attributes)
        self._bulk_retries = BulkRetries(self._listing, self._reader, self._retries)
        self.temporal_pages = TemporalPages(settings.temporal_ui_url, client.namespace, attributes)
        self._stories = Stories(self._runs, self._reader, self.temporal_pages)

    async def stop_waiting(self) -> None:
        """Answer all waiting callers with the last known status, because the process is stopping."""
        await self._watches.close()

    async def start(
        self,
        caller: Caller,
        environment: str,
        request: QuotationRequest,
        key: IdempotencyKey | None = None,
        *,
        wait: float = 0,
        see: See | None = None,
    ) -> Started:
        """Start a quotation, and wait up to `wait` seconds for it to be final. Raises as `Starts.start`."""
        accepted = await self._starts.start(caller, self.environments.named(environment, caller), request, key)
        if wait or accepted.is_replayed:
            # it is started, so the caller must get its id even if its status cannot be read
            with contextlib.suppress(GatewayError):
                status = await self._status(caller, accepted.tracking_id, wait=wait, see=see)
                return Started.seen(accepted, status)
        return Started(accepted)

    async def list_quotations(
        self, caller: Caller, wanted: Wanted, environment: str | None = None
    ) -> QuotationPage:
        """Return a page of the wanted quotations that the caller may read. Raises as `Listing.page`."""
        return await self._listing.page(caller.read_owner, self._chosen(caller, environment), wanted)

    async def counts(self, caller: Caller, environment: str | None = None) -> Counts | None:
        """Return how many quotations that the caller may read there are, or None as `Counting.counts`."""
        return await self._counting.counts(caller.read_owner, self._chosen(caller, environment))

    async def status(
        self,
        caller: Caller,
        tracking_id: str,
        environment: str | None = None,
        *,
        wait: float = 0,
        see: See | None = None,
    ) -> QuotationStatus:
        """Return a quotation's status, at once or after waiting up to `wait` seconds for it to be final.

        `see` is called with each status meanwhile. Raises as `StatusReader.find_any`.
        """
        return await self._status(caller, tracking_id, environment, wait=wait, see=see, ask_worker=True)

    async def _status(
        self,
        caller: Caller,
        tracking_id: str,
        environment: str | None = None,
        *,
        wait: float,
        see: See | None,
        ask_worker: bool = False,
    ) -> QuotationStatus:
        found = await self._reader.find_any(caller, tracking_id, environment)
        if isinstance(found, PastQuotation):
            return found.status
        if wait and see is None:
            status = await self._reader.before_waiting(found.run)
        else:
            # a caller who sees each status must see none that is older than what it knows
            status = await self._reader.status_of(found.run, ask_worker=ask_worker and not wait)
        if not wait or status.status.is_final:
            return status
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait):
                return (await self._watches.final(status, see)).measured_at(datetime.now(UTC))
        return await self._reader.read_again(tracking_id)

    async def find(
        self, caller: Caller, tracking_id: str, *, ask_worker: bool = True
    ) -> tuple[str, QuotationStatus]:
        """Return the name of a quotation's environment, and its status. Raises as `StatusReader.find_any`."""
        found = await self._reader.find_any(caller, tracking_id)
        if isinstance(found, PastQuotation):
            return found.environment, found.status
        return found.environment, await self._reader.status_of(found.run, ask_worker=ask_worker)

    async def story(self, caller: Caller, tracking_id: str) -> Story:
        """Return a quotation as operators see it. Raises as `StatusReader.find_any`."""
        return await self._stories.story(caller, tracking_id)

    async def correctable(self, caller: Caller, tracking_id: str) -> Correctable:
        """Return what can be corrected in a quotation when it is retried. Raises as `StatusReader.find_any`."""
        return await self._stories.correctable(caller, tracking_id)

    async def log(self, caller: Caller, tracking_id: str) -> LogDocument | None:
        """Return the last log document of a quotation. Raises as `StatusReader.find_any` and `last_log`."""
        found = await self._reader.find_any(caller, tracking_id)
        if isinstance(found, PastQuotation):
            return found.document()
        return await last_log(self._runs, found.run)

    async def changes(self, caller: Caller, tracking_id: str) -> AsyncGenerator[QuotationStatus, None]:
        """Return the statuses of a quotation, now and at each change. Raises as `find` and `Streams.open`."""
        _, status = await self.find(caller, tracking_id, ask_worker=False)
        return await self._streams.open(caller, status)

    async def cancel(self, caller: Caller, tracking_id: str, environment: str | None = None) -> CancelRequested:
        """Request the cancellation of a quotation; calls in progress finish and are recorded.

        Raises `FinishedError`, and otherwise as `StatusReader.find_any`.
        """
        found = await self._reader.find_any(caller, tracking_id, environment, to_change=True)
        if isinstance(found, PastQuotation):
            raise FinishedError
        status = await self._reader.status_of(found.run)
        if status.status.is_final:
            raise FinishedError
        await self._runs.cancel(tracking_id)
        audit.record("cancel", caller, found.environment, tracking_id, found.owner)
        return CancelRequested(tracking_id=tracking_id, status=status.status, environment=status.environment)

    async def retry(
        self, caller: Caller, tracking_id: str, changes: Mapping[str, Any], environment: str | None = None
    ) -> Accepted:
        """Retry a failed or cancelled quotation, with some fields of its request replaced.

        Records that its earlier runs made in Odoo are used, not made again. Raises as `StatusReader.find_any` and
        `Retries.retry`.
        """
        found = await self._reader.find_any(caller, tracking_id, environment, to_change=True)
        if isinstance(found, PastQuotation):
            raise NotKeptError
        accepted = await self._retries.retry(found.run, await self._reader.status_of(found.run), changes)
        audit.record("retry", caller, found.environment, tracking_id, found.owner)
        return accepted

    async def retry_all(
        self,
        caller: Caller,
        wanted: FailedOnes,
        environment: str | None = None,
        owner: str | None = None,
        words: str | None = None,
        *,
        dry_run: bool = False,
    ) -> Retried:
        """Retry the failed quotations that match and that the caller may change, or only list them.

        With an `owner`, only that one's; `words` as in `Wanted`. Raises as `Listing.page`.
        """
        environments = self._chosen(caller, environment)
        return await self._bulk_retries.retry(caller, environments, wanted, owner, words, dry_run=dry_run)

    def _chosen(self, caller: Caller, environment: str | None) -> list[Environment]:
        if environment is None:
            return self.environments.usable_by(caller)
        return [self.environments.named(environment, caller)]
