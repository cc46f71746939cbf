"""A step starts with the answer to the workflow task that schedules it, without a way through the queue."""

import httpx2

from tests.support import quotations
from tests.support.temporal_requests import asked

QUOTATIONS = 5
STEPS = 6
"""The activities of a quotation with a queue in common; the log has one of its own."""


async def test_most_steps_are_not_polled_for(ana: httpx2.AsyncClient, temporal_metrics_port: int) -> None:
    asked_before = await asked(temporal_metrics_port)
    for _ in range(QUOTATIONS):
        assert (await quotations.final(ana, await quotations.start(ana)))["status"] == "completed"
    polls = (await asked(temporal_metrics_port) - asked_before)["PollActivityTaskQueue"]
    logs = QUOTATIONS
    assert polls - logs < QUOTATIONS * STEPS / 2
