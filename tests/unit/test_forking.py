"""Forks of `sandbox.forking` behave as the same programs do that Python itself starts."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from sandbox.forking import AS_MODULE, can_fork
from sandbox.processes import ROOT, Process, environment, start_process, wait_until
from tests.support.program import started

WAITS_FOR_TEMPORAL = {"TEMPORAL_ADDRESS": "127.0.0.1:9", "GATEWAY_PORT": "0"}

pytestmark = pytest.mark.slow

Start = Callable[[Path, Mapping[str, str]], Process]


def forked(folder: Path, settings: Mapping[str, str]) -> Process:
    return start_process([*AS_MODULE, "gateway"], folder / "log", settings, own_session=True)


def shipped(folder: Path, settings: Mapping[str, str]) -> Process:
    return start_process([sys.executable, "-um", "gateway"], folder / "log", settings, own_session=True)


BOTH = pytest.mark.parametrize("start", [forked, shipped])


def test_only_what_is_preloaded_is_forked() -> None:
    assert can_fork([*AS_MODULE, "gateway"])
    assert can_fork([*AS_MODULE, "worker", "--check"])
    assert not can_fork([*AS_MODULE, "http.server"])
    assert not can_fork([sys.executable, "worker.py"])
    assert not can_fork(["sleep", "1"])


@BOTH
def test_a_wrong_setting_ends_it_with_its_code_and_sentence(tmp_path: Path, start: Start) -> None:
    process = start(tmp_path, {"GATEWAY_PORT": "many"})

    assert process.wait(20) == 2
    assert process.output.startswith("GATEWAY_PORT is wrong")
    assert not process.is_running


@BOTH
@pytest.mark.parametrize(("stop", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 0), (signal.SIGKILL, -9)])
def test_signals_reach_it(tmp_path: Path, start: Start, stop: signal.Signals, code: int) -> None:
    process = start(tmp_path, WAITS_FOR_TEMPORAL)
    wait_until(lambda: "Temporal does not answer yet" in process.output, process)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.1)

    assert os.getsid(process.pid) == process.pid
    os.kill(process.pid, stop)

    assert process.wait(20) == code


@pytest.mark.parametrize("arguments", [["--help"], ["nonsense"], ["list", "--environment", "nobody"]])
def test_arguments_variables_output_and_errors_are_as_of_the_program(tmp_path: Path, arguments: list[str]) -> None:
    variables = environment({"ENVIRONMENTS": "dev", "COLUMNS": "72", "TEMPORAL_ADDRESS": "127.0.0.1:9"})
    command = [*AS_MODULE, "operate", *arguments]
    shipped = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)

    program = started(tmp_path, "operate", *arguments, variables=variables)

    assert (program.fork.wait(20), program.output, program.errors) == (
        shipped.returncode,
        shipped.stdout,
        shipped.stderr,
    )
    assert shipped.stdout + shipped.stderr
