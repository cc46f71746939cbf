"""Histories of quotations that real workers ran: today's workflow must still take the same way through them.

`python -m tests.workflows.save_history TRACKING_ID NAME` saves one from the Temporal of the environment.
"""

from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

from quotation.messages import WARN_SIGNAL
from quotation.warning import QuotationWarning
from tests.workflows.conftest import Bench
from workflows.quotation import QuotationWorkflow
from workflows.runner import RUNNER

HISTORIES = sorted((Path(__file__).parents[1] / "data").glob("*.history.json"))


def test_histories_of_each_outcome_are_there() -> None:
    assert {path.name.partition(".")[0] for path in HISTORIES} >= {"completed", "failed", "cancelled"}


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.name.partition(".")[0])
async def test_a_saved_history_replays(path: Path) -> None:
    await replay(path.read_text())  # noqa: ASYNC240  # nothing else waits for this loop


async def test_a_warning_that_an_older_worker_passed_over_is_no_obstacle(bench: Bench) -> None:
    handle = await bench.start()
    await handle.signal("unknown", QuotationWarning(code="already_asked", message="These fields differed: notes."))
    await handle.result()
    history = (await handle.fetch_history()).to_json()

    await replay(history.replace('"signalName": "unknown"', f'"signalName": "{WARN_SIGNAL}"'))


async def replay(history: str) -> None:
    replayer = Replayer(
        workflows=[QuotationWorkflow], data_converter=pydantic_data_converter, workflow_runner=RUNNER
    )
    await replayer.replay_workflow(WorkflowHistory.from_json("quot_0123456789ab", history))
