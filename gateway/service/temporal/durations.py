"""How long quotations have taken lately, for callers who want to know how long theirs will take."""

import asyncio
import logging
import time

from temporalio.client import Client, WorkflowExecution

from gateway.errors import GatewayError
from gateway.service.temporal.deadlines import answered_within
from quotation.messages import WORKFLOW

logger = logging.getLogger(__name__)

_RECENT = 20
"""How many quotations the average is of."""

_ASK_AGAIN_SECONDS = 10.0
_ANSWER_SECONDS = 5.0

UNKNOWN_SECONDS = 20.0
"""The time of a quotation as long as none has been measured."""


class Durations:
    """The average of the last quotations in each queue, from Temporal's visibility.

    No caller waits for it: a new one is fetched in the background.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._averages: dict[str, float] = {}
        self._ask_again_at: dict[str, float] = {}
        self._asking: set[asyncio.Task[None]] = set()

    def measured_seconds(self, queue: str) -> float | None:
        """Return the average of the last completed ones, from start to end; None before the first is known."""
        if time.monotonic() >= self._ask_again_at.get(queue, 0.0):
            self._ask_again_at[queue] = time.monotonic() + _ASK_AGAIN_SECONDS
            task = asyncio.create_task(self._ask(queue))
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)
        return self._averages.get(queue)

    def average_seconds(self, queue: str) -> float:
        """Return the same, or `UNKNOWN_SECONDS`."""
        return self.measured_seconds(queue) or UNKNOWN_SECONDS

    async def _ask(self, queue: str) -> None:
        # Temporal lists the last to end first
        query = f"WorkflowType = '{WORKFLOW}' AND TaskQueue = '{queue}' AND ExecutionStatus = 'Completed'"
        try:
            async with answered_within(_ANSWER_SECONDS):
                runs = [run async for run in self._client.list_workflows(query, limit=_RECENT, page_size=_RECENT)]
        except GatewayError:
            return
        except Exception:
            logger.exception("the times of quotations could not be read")
            return
        seconds = [time for time in map(_seconds, runs) if time is not None]
        if seconds:
            self._averages[queue] = sum(seconds) / len(seconds)


def _seconds(run: WorkflowExecution) -> float | None:
    # a paced retry exists before its work begins
    begun = run.execution_time or run.start_time
    return None if run.close_time is None else (run.close_time - begun).total_seconds()
