"""Reads the status of a quotation, after checking the caller's access to it."""

from dataclasses import dataclass
from datetime import UTC, datetime

from temporalio.client import WorkflowExecution, WorkflowExecutionDescription

from gateway import metrics
from gateway.errors import MalformedTrackingIdError, UnknownQuotationError
from gateway.service.callers import Caller
from gateway.service.environments import ConfiguredEnvironments
from gateway.service.temporal import run_status
from gateway.service.temporal.runs import QuotationRuns
from quotation.identity import is_tracking_id
from quotation.status import QuotationStatus, State
from quotation.warning import added


@dataclass(frozen=True)
class FoundQuotation:
    """A quotation that a caller has access to."""

    environment: str
    """The name of the environment that it was started in."""
    run: WorkflowExecutionDescription
    """Its last run."""


class StatusReader:
    """Finds quotations and reads their status."""

    def __init__(self, runs: QuotationRuns, environments: ConfiguredEnvironments) -> None:
        self._runs = runs
        self._environments = environments

    async def find(
        self, caller: Caller, tracking_id: str, environment: str | None = None, *, to_change: bool = False
    ) -> FoundQuotation:
        """Return a quotation that the caller may read, or change; no worker is asked.

        Raises as `ConfiguredEnvironments.named` if an environment is given, and:

        Raises:
            MalformedTrackingIdError: No quotation can have that id.
            UnknownQuotationError: There is none, or not in that environment, or the caller may not know of it.
            TemporalUnavailableError: Temporal did not answer.
        """
        if not is_tracking_id(tracking_id):
            raise MalformedTrackingIdError
        if environment is not None:
            self._environments.named(environment, caller)
        run = await self._runs.describe(tracking_id)
        if not run_status.is_quotation(run):
            raise UnknownQuotationError
        started_in = await run_status.environment_name(run)
        may = caller.may_change if to_change else caller.may_read
        if environment not in (None, started_in) or not may(await run_status.owner(run), started_in):
            raise UnknownQuotationError
        return FoundQuotation(started_in, run)

    async def status_of(self, run: WorkflowExecutionDescription, *, ask_worker: bool = True) -> QuotationStatus:
        """Return the status of a quotation whose last run this is.

        Temporal itself knows all but the last moment. A worker is asked about an open run only.
        """
        status = await self._latest(run, ask_worker=ask_worker)
        if status.created_at is None:
            status = status.model_copy(update={"created_at": run.start_time})
        if status.status is State.PROCESSING:
            status = status.model_copy(update={"retrying": await run_status.retrying(run)})
        return status.measured_at(datetime.now(UTC))

    async def read_again(self, tracking_id: str) -> QuotationStatus:
        """Return the status of a quotation that the caller has found before; no worker is asked."""
        return await self.status_of(await self._runs.describe(tracking_id), ask_worker=False)

    async def _latest(self, run: WorkflowExecutionDescription, *, ask_worker: bool) -> QuotationStatus:
        published = await run_status.published_status(run)
        if published is not None and published.status.is_final:
            return published
        answer = None
        if ask_worker and run.close_time is None:
            answer = await self._runs.query_status(run)
            metrics.STATUS_QUERIES.labels("answered" if answer else "unanswered").inc()
        if answer is not None:
            return answer
        latest = published or await run_status.queued_status(run)
        if latest.status is State.QUEUED:
            warnings = added(latest.warnings, await self._runs.untaken_warnings(run))
            latest = latest.model_copy(update={"warnings": warnings})
        return await ended(self._runs, run, latest)


async def ended(runs: QuotationRuns, run: WorkflowExecution, latest: QuotationStatus) -> QuotationStatus:
    """Return the latest known status of an open run, and the final one of a closed run."""
    if run.close_time is None or latest.status.is_final:
        return latest
    return await runs.result(run) or run_status.ended_status(latest, run)
