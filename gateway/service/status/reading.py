"""Reads the status of a quotation, after checking the caller's access to it."""

from dataclasses import dataclass
from datetime import UTC, datetime

from temporalio.client import WorkflowExecution, WorkflowExecutionDescription

from gateway.errors import ForgottenQuotationError, MalformedTrackingIdError, UnknownQuotationError
from gateway.service.callers import Caller
from gateway.service.environments import ConfiguredEnvironments
from gateway.service.status.answers import WorkersAnswers
from gateway.service.status.past import PastQuotation, PastQuotations
from gateway.service.status.telling import ToldStatus
from gateway.service.temporal import run_status
from gateway.service.temporal.runs import QuotationRuns
from gateway.service.temporal.turns import Turns
from quotation.identity import is_tracking_id
from quotation.status import QuotationStatus, State
from runtime.logs.ids import enter_quotation


@dataclass(frozen=True)
class FoundQuotation:
    """A quotation that a caller has access to."""

    environment: str
    """The name of the environment that it was started in."""
    owner: str
    """Who started it; empty for the local caller."""
    run: WorkflowExecutionDescription
    """Its last run."""


class StatusReader:
    """Finds quotations and reads their status."""

    def __init__(
        self,
        runs: QuotationRuns,
        environments: ConfiguredEnvironments,
        turns: Turns,
        past: PastQuotations,
    ) -> None:
        self._runs = runs
        self._past = past
        self._answers = WorkersAnswers(runs)
        self._turns = turns
        self._environments = environments

    async def find_any(
        self, caller: Caller, tracking_id: str, environment: str | None = None, *, to_change: bool = False
    ) -> FoundQuotation | PastQuotation:
        """Return a quotation as `find` does; if Temporal no longer holds it, a worker is asked for its log.

        Raises as `find`, and as `PastQuotations.find`.
        """
        try:
            return await self.find(caller, tracking_id, environment, to_change=to_change)
        except ForgottenQuotationError:
            asked = self._environments.usable_by(caller)
            if environment is not None:
                asked = [self._environments.named(environment, caller)]
            past = await self._past.find(caller, tracking_id, asked)
            if to_change and not caller.may_change(past.owner, past.environment):
                raise UnknownQuotationError from None
            return past

    async def find(
        self, caller: Caller, tracking_id: str, environment: str | None = None, *, to_change: bool = False
    ) -> FoundQuotation:
        """Return a quotation that the caller may read, or change; no worker is asked.

        Raises as `ConfiguredEnvironments.named` if an environment is given, and:

        Raises:
            MalformedTrackingIdError: No quotation can have that id.
            UnknownQuotationError: There is none, or not in that environment, or the caller may not know of it. If
                Temporal has no run of that id, it is a `ForgottenQuotationError`.
            TemporalUnavailableError: Temporal did not answer.
        """
        if not is_tracking_id(tracking_id):
            raise MalformedTrackingIdError
        enter_quotation(tracking_id)
        if environment is not None:
            self._environments.named(environment, caller)
        try:
            run = await self._runs.describe(tracking_id)
        except UnknownQuotationError:
            raise ForgottenQuotationError from None
        if not run_status.is_quotation(run):
            raise UnknownQuotationError
        started_in, owner = await run_status.environment_name(run), await run_status.owner(run)
        may = caller.may_change if to_change else caller.may_read
        if environment not in (None, started_in) or not may(owner, started_in):
            raise UnknownQuotationError
        return FoundQuotation(started_in, owner, run)

    async def status_of(
        self, run: WorkflowExecutionDescription, *, ask_worker: bool = True, told: QuotationStatus | None = None
    ) -> QuotationStatus:
        """Return the status of a quotation whose last run this is.

        Temporal itself knows all but the last moment. A worker is asked about an open run only, not if nothing has
        happened in it since the last answer, and not if its history has just `told` the status.
        """
        status = await self._latest(run, told if run.close_time is None else None, ask_worker=ask_worker)
        if status.created_at is None:
            status = status.model_copy(update={"created_at": run.start_time})
        if status.status is State.PROCESSING:
            status = status.model_copy(update={"retrying": await run_status.retrying(run)})
        if not status.status.is_final:
            status = status.model_copy(update={"queue": await self._turns.queue_of(run)})
        return status.measured_at(datetime.now(UTC))

    async def before_waiting(self, run: WorkflowExecutionDescription) -> QuotationStatus:
        """Return the status of a quotation that somebody begins to wait for.

        Only the final one is up to date: a thousand who wait must keep neither a worker nor Temporal busy, and the
        watch tells the rest.
        """
        status = await run_status.published_status(run) or await run_status.queued_status(run)
        if run.close_time is not None or status.status.is_final:
            return await self.status_of(run, ask_worker=False)
        return status

    async def read_again(self, tracking_id: str, told: QuotationStatus | None = None) -> QuotationStatus:
        """Return the status of a quotation that the caller has found before; no worker is asked.

        `told` is as in `status_of`.
        """
        return await self.status_of(await self._runs.describe(tracking_id), ask_worker=False, told=told)

    async def _latest(
        self, run: WorkflowExecutionDescription, told: QuotationStatus | None, *, ask_worker: bool
    ) -> QuotationStatus:
        # a worker that takes such a run ends it, whatever the run that it is a reset of had published
        completed = await self._runs.completed_before(run)
        if completed is not None:
            return completed
        published = await run_status.published_status(run)
        if published is not None and published.status.is_final:
            return published
        answer = told
        if answer is None and ask_worker and run.close_time is None:
            answer = await self._answers.status_of(run)
        return answer or await told_by_temporal(self._runs, run)


async def told_by_temporal(runs: QuotationRuns, run: WorkflowExecution) -> QuotationStatus:
    """Return what Temporal itself knows of a run that has published no final status.

    That is the result of a completed run, and otherwise what its history tells.
    """
    result = await runs.result(run)
    if result is not None:
        return result
    told = ToldStatus(run.id, runs.converter)
    for event in await runs.history(run):
        await told.hear(event)
    latest = told.status or await run_status.published_status(run) or await run_status.queued_status(run)
    return latest if run.close_time is None or latest.status.is_final else run_status.ended_status(latest, run)
