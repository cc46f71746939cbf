"""Histories of quotations that real workers ran: today's workflow must still take the same way through them.

`python -m tests.workflows.save_history TRACKING_ID NAME` saves one from the Temporal of the environment.
"""

from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

from workflows.quotation import QuotationWorkflow
from workflows.runner import RUNNER

HISTORIES = sorted((Path(__file__).parents[1] / "data").glob("*.history.json"))


def test_histories_of_each_outcome_are_there() -> None:
    assert {path.name.partition(".")[0] for path in HISTORIES} >= {"completed", "failed", "cancelled"}


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.name.partition(".")[0])
async def test_a_saved_history_replays(path: Path) -> None:
    replayer = Replayer(
        workflows=[QuotationWorkflow], data_converter=pydantic_data_converter, workflow_runner=RUNNER
    )
    history = path.read_text()  # noqa: ASYNC240  # nothing else waits for this loop
    await replayer.replay_workflow(WorkflowHistory.from_json("quot_0123456789ab", history))
