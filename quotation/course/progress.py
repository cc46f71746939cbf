"""How a quotation's status changes: forwards only, and never after it is final."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime

from quotation import texts
from quotation.document import StepTimes
from quotation.status import Failure, QuotationStatus, Result, State, Step
from quotation.warning import QuotationWarning, added

_WORK = [Step.AUTH, Step.PARTNER, Step.LEAD, Step.CONVERT, Step.ORDER, Step.LINE]


def reached(finished: Collection[str]) -> Step:
    """Return the step at which a run is that has finished these: the first unfinished one."""
    return next((step for step in _WORK if step not in finished), Step.LINE)


class Progress:
    """The status of one run and the times of its steps. Callers pass all times, in UTC.

    `existing` holds the records that earlier runs of the quotation left in Odoo. `changed` is called with the
    status after each change of state or step.
    """

    def __init__(
        self,
        tracking_id: str,
        environment: str,
        created_at: datetime,
        existing: Result | None = None,
        warnings: Sequence[QuotationWarning] = (),
        *,
        changed: Callable[[QuotationStatus], None] = lambda _: None,
    ) -> None:
        self._changed = changed
        self.status = QuotationStatus.queued(tracking_id, environment, created_at, existing, warnings)
        self.times: dict[Step, StepTimes] = {}

    @property
    def is_complete(self) -> bool:
        """True if every step is finished."""
        return all(step in self.times and self.times[step].finished_at for step in _WORK)

    def begin(self, step: Step, now: datetime) -> None:
        """Start a step. Steps may run concurrently."""
        self.times[step] = StepTimes(started_at=now)
        self._advance(State.PROCESSING)

    def finish(self, step: Step, now: datetime) -> None:
        """Finish a step."""
        self.times[step].finished_at = now
        self._advance(State.PROCESSING)

    def warn(self, warnings: Iterable[QuotationWarning]) -> None:
        """Add warnings; one that is there already is not repeated."""
        self.status.warnings = added(self.status.warnings, warnings)

    def complete(self, now: datetime) -> None:
        """Complete the quotation."""
        self._end(State.COMPLETED, now)

    def fail(self, failure: Failure, now: datetime) -> None:
        """Fail the quotation; it keeps the step that it reached."""
        self._end(State.FAILED, now, failure)

    def cancel(self, now: datetime) -> None:
        """Cancel the quotation; it keeps the step that it reached."""
        self._end(State.CANCELLED, now)

    def adopt(self, status: QuotationStatus) -> None:
        """End as another run of the quotation has ended."""
        self.status = status
        self._changed(status)

    def _advance(self, state: State) -> None:
        if self.status.status.is_final:
            return
        self.status.status = state
        self.status.step = reached([step for step, times in self.times.items() if times.finished_at])
        self.status.progress = texts.PROGRESS[self.status.step]
        self._changed(self.status)

    def _end(self, state: State, now: datetime, failure: Failure | None = None) -> None:
        if self.status.status.is_final:
            raise ValueError(f"a quotation that is {self.status.status} cannot become {state}")
        self.status.status, self.status.error = state, failure
        if state is State.COMPLETED:
            self.status.step, self.status.progress = Step.DONE, texts.PROGRESS[Step.DONE]
        self.status.completed_at = now
        self.status.elapsed_time = self.status.measured_at(now).elapsed_time
        self._changed(self.status)
