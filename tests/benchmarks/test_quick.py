"""The quick form of `make bench`: that it runs, and the counts, which do not depend on the machine."""

import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from benchmarks.figures import FIGURES
from benchmarks.measurements import names
from sandbox.processes import ROOT, environment

pytestmark = pytest.mark.slow

MOST = {
    names.CALLS_NEW: 9,
    names.CALLS_KNOWN: 9,
    names.EVENTS: 49,
    names.WORKFLOW_TASKS: 7,
    names.ACTIVITIES: 7,
    names.HISTORY_BYTES: 13_900,
}
"""The counts of today. If a change lowers a count, lower its number here too."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of a run."""
    folder = tmp_path_factory.mktemp("bench")
    command = [sys.executable, "-m", "benchmarks", "--quick", "--folder", str(folder)]
    done = subprocess.run(command, cwd=ROOT, env=environment({}), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="module")
def results(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "results.json").read_text())
    return found


def test_every_figure_is_measured(results: dict[str, Any]) -> None:
    found = [(one["measurement"], one["side"], one["of"]) for one in results["figures"]]
    assert found == [(figure.measurement, figure.side, figure.of) for figure in FIGURES]
    # an idle gateway may use less than a tick of the clock
    assert all(one["value"] > 0 for one in results["figures"] if "cores" not in one["side"])


def test_the_processor_time_of_each_group_is_measured(results: dict[str, Any]) -> None:
    used = results["processor"][f"{names.RATE}: {names.REST_WAIT}"]
    assert used.keys() == {"Odoo", "Temporal", "worker", "gateway", "S3", "bare worker", "prototype"}
    assert used["worker"][0] > 0


def test_the_table_has_the_goals_and_the_plot_is_an_image(folder: Path) -> None:
    table = (folder / "results.md").read_text()
    assert all(f"| {figure.goal} |" in table for figure in FIGURES if figure.goal)
    assert ET.parse(folder / "results.svg").getroot().tag.endswith("svg")  # noqa: S314  # our own file


@pytest.mark.parametrize("name", MOST)
def test_a_quotation_takes_no_more_than_it_did(results: dict[str, Any], name: str) -> None:
    # on a busy machine a quotation may take one more workflow task, but not every time
    assert min(results["values"][names.COUNTS][name]) <= MOST[name]
