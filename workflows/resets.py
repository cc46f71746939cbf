"""Resets in Temporal of a run that another one has followed: the quotation stays as that one left it.

Who resets all failed runs also resets those whose quotation was retried since (docs/operate.md, Resets).
"""

import asyncio

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from quotation import steps
    from quotation.messages import LaterRun
    from quotation.status import Step
    from workflows import policies


class SupersededError(Exception):
    """The run is a reset of one that another run has followed."""

    def __init__(self, later: LaterRun) -> None:
        super().__init__()
        self.later = later


class ResetCheck:
    """Finds out, once in a run that is a reset, whether it is superseded. In any other run it does nothing."""

    def __init__(self) -> None:
        info = workflow.info()
        self._is_due = info.original_execution_run_id not in ("", info.run_id)
        self._calls = 0
        self._asking: asyncio.Task[LaterRun | None] | None = None

    async def check(self) -> None:
        """Call this before whatever a reset must not repeat. Raises `SupersededError`."""
        if not self._is_due:
            return
        if self._asking is None:
            self._calls += 1
            # the part of the history from before the reset has no such marker, and replays as it was
            if not workflow.patched(f"reset check {self._calls}"):
                return
            self._asking = asyncio.create_task(_later_run())
        later = await asyncio.shield(self._asking)
        self._is_due = False
        if later is not None:
            raise SupersededError(later)


async def _later_run() -> LaterRun | None:
    try:
        later: LaterRun | None = await workflow.execute_activity(
            steps.FIND_LATER_RUN,
            result_type=LaterRun | None,  # type: ignore[arg-type]  # mypy does not accept a union as a type
            summary="Was the quotation run again since?",
            # before the first steps of other quotations
            priority=policies.turn_of(Step.DONE, workflow.info().priority),
            **policies.CALLS_TO_ODOO,
        )
    except ActivityError:
        # Temporal's visibility has been away for a day
        return None
    return later
