"""Histories that real workers of every version wrote: today's workflows must still take the same way through them.

`python -m tests.histories.record` saves those of the code of a commit (CONTRIBUTING.md, Change a workflow).
"""

import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer, WorkflowInstance, WorkflowInstanceDetails, WorkflowRunner

from quotation.messages import WARN_SIGNAL
from quotation.warning import QuotationWarning
from tests.histories.record import HISTORIES
from tests.workflows.conftest import Bench
from workflows.log import QuotationLogWorkflow
from workflows.lookup import CheckWorkflow, PartnerLookupWorkflow, ProductLookupWorkflow
from workflows.quotation import QuotationWorkflow
from workflows.runner import RUNNER

WORKFLOWS = [QuotationWorkflow, QuotationLogWorkflow, ProductLookupWorkflow, PartnerLookupWorkflow, CheckWorkflow]

SAVED = sorted(HISTORIES.glob("*/*.json"))
VERSIONS = sorted(folder.name for folder in HISTORIES.iterdir())
"""The commits with whose code the histories were recorded."""


@pytest.mark.parametrize("version", VERSIONS)
def test_histories_of_each_outcome_are_there(version: str) -> None:
    assert {path.stem for path in SAVED if path.parent.name == version} >= {
        "completed",
        "failed",
        "cancelled",
        "retried",
    }


@pytest.mark.parametrize("path", SAVED, ids=lambda path: f"{path.parent.name} {path.stem}")
async def test_a_saved_history_replays(path: Path) -> None:
    await replay(path.read_text())  # noqa: ASYNC240  # nothing else waits for this loop


async def test_todays_commands_are_in_a_saved_history(bench: Bench) -> None:
    handle = await bench.start()
    await handle.result()
    today = commands((await handle.fetch_history()).to_json())

    saved = [commands(path.read_text()) for path in SAVED if path.stem in ("completed", "retried")]
    assert today in saved, "The workflow's commands changed: CONTRIBUTING.md, Change a workflow, says what to do."


def commands(history: str) -> Counter[tuple[str, str]]:
    """Return what the workflow asked Temporal for, apart from search attributes, which not all gateways know."""
    asked: Counter[tuple[str, str]] = Counter()
    for event in json.loads(history)["events"]:
        about: dict[str, Any] = next((value for key, value in event.items() if key.endswith("Attributes")), {})
        match event["eventType"].removeprefix("EVENT_TYPE_"):
            case "ACTIVITY_TASK_SCHEDULED" as kind:
                asked[kind, about["activityType"]["name"]] += 1
            case "MARKER_RECORDED" | "WORKFLOW_PROPERTIES_MODIFIED" | "TIMER_STARTED" as kind:
                asked[kind, json.dumps(about.get("details", {}), sort_keys=True)] += 1
    return asked


async def test_a_warning_that_an_older_worker_passed_over_is_no_obstacle(bench: Bench) -> None:
    handle = await bench.start()
    await handle.signal("unknown", QuotationWarning(code="already_asked", message="These fields differed: notes."))
    await handle.result()
    history = (await handle.fetch_history()).to_json()

    await replay(history.replace('"signalName": "unknown"', f'"signalName": "{WARN_SIGNAL}"'))


class RunOf(WorkflowRunner):
    """Runs workflows under the id that the run had, which the replayer takes from before a reset."""

    def __init__(self, run_id: str) -> None:
        self._run_id = run_id

    def prepare_workflow(self, defn: Any) -> None:
        RUNNER.prepare_workflow(defn)

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        return RUNNER.create_instance(replace(det, info=replace(det.info, run_id=self._run_id)))


async def replay(history: str) -> None:
    reset = re.search(r'"newRunId": ?"([^"]+)"', history)
    runner = RunOf(reset[1]) if reset else RUNNER
    replayer = Replayer(workflows=WORKFLOWS, data_converter=pydantic_data_converter, workflow_runner=runner)
    started = json.loads(history)["events"][0]["workflowExecutionStartedEventAttributes"]
    await replayer.replay_workflow(
        WorkflowHistory.from_json(started.get("workflowId", "quot_0123456789ab"), history)
    )
