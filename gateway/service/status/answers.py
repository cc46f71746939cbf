"""The worker's answers to queries, each kept as long as nothing happens in its run."""

from dataclasses import dataclass

from temporalio.client import WorkflowExecutionDescription

from gateway import metrics
from gateway.service.temporal.runs import QuotationRuns
from quotation.status import QuotationStatus

_MOST = 1000


@dataclass(frozen=True)
class _Answer:
    run_id: str
    events: int
    status: QuotationStatus


class WorkersAnswers:
    """Asks the worker for statuses, but not twice about the same events.

    A workflow only changes with a new event in its history, and a description has their number. A query never
    answers with less than the events that were there when it was asked. So a kept answer is as new as its
    description, even if another gateway starts, cancels or retries the run.
    """

    def __init__(self, runs: QuotationRuns, most: int = _MOST) -> None:
        self._runs = runs
        self._most = most
        self._kept: dict[str, _Answer] = {}

    async def status_of(self, run: WorkflowExecutionDescription) -> QuotationStatus | None:
        """Return the status of an open run that was described a moment ago; None if no worker answers."""
        kept = self._kept.pop(run.id, None)
        if kept is None or (kept.run_id, kept.events) != (run.run_id, run.history_length):
            status = await self._runs.query_status(run)
            metrics.STATUS_QUERIES.labels("answered" if status else "unanswered").inc()
            if status is None:
                return None
            kept = _Answer(run.run_id, run.history_length, status)
        # the last one: the first ones are forgotten
        self._kept[run.id] = kept
        if len(self._kept) > self._most:
            del self._kept[next(iter(self._kept))]
        return kept.status
