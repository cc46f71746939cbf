"""Runs a failed or cancelled quotation again."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from temporalio.client import WorkflowExecutionDescription
from temporalio.common import WorkflowIDReusePolicy

from gateway.errors import NotRetryableError
from gateway.service.starts.corrections import corrected
from gateway.service.starts.starting import Accepted
from gateway.service.temporal import run_status
from gateway.service.temporal.durations import Durations
from gateway.service.temporal.runs import QuotationRuns
from quotation import messages, texts
from quotation.status import QuotationStatus, State
from quotation.warning import about_start, added, warnings_of

_RETRYABLE = (State.FAILED, State.CANCELLED)


class Retries:
    """Starts further runs of quotations."""

    def __init__(self, runs: QuotationRuns, durations: Durations) -> None:
        self._runs = runs
        self._durations = durations

    async def retry(
        self,
        run: WorkflowExecutionDescription,
        status: QuotationStatus,
        changes: Mapping[str, Any],
        delay: timedelta = timedelta(),
    ) -> Accepted:
        """Start a run after this one, which ended with this status, with some fields of its request replaced.

        The run exists at once, and begins its work after `delay`.

        Raises:
            NotRetryableError: The quotation has neither failed nor been cancelled, or has been retried meanwhile.
            InvalidCorrectionError: The corrected request is not valid.
            FixedFieldError: A changed field has taken effect in Odoo already.
            TemporalUnavailableError: Temporal did not answer.
        """
        if status.status not in _RETRYABLE:
            raise NotRetryableError
        last = await self._runs.first_input(run)
        request = corrected(last.request, changes, status.result)
        lasting = about_start(status.warnings)
        corrections = {
            "request": request,
            "created_at": status.created_at,
            "existing": status.result,
            "warnings": lasting,
        }
        warnings = added(warnings_of(request), lasting)
        queued = QuotationStatus.queued(run.id, last.environment, status.created_at, status.result, warnings)
        memo = await run_status.lasting_memo(run) | {messages.STATUS_MEMO: queued}
        await self._runs.wait_until_closed(run)
        await self._require_last(run)
        if not await self._runs.start(
            run.id,
            run.task_queue,
            last.model_copy(update=corrections),
            memo,
            WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
            delay=delay,
        ):
            raise NotRetryableError
        return Accepted(
            tracking_id=run.id,
            estimated_time=texts.estimated_time(self._durations.measured_seconds(run.task_queue)),
            environment=last.environment,
            warnings=warnings,
        )

    async def _require_last(self, run: WorkflowExecutionDescription) -> None:
        # another retry may have run and failed while this one waited: its corrections must not be lost
        last = await self._runs.describe(run.id)
        if last.run_id != run.run_id:
            raise NotRetryableError
