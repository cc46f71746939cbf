import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.processes import ROOT, environment
from tests.support.watchdog import EXIT_HUNG

CONFTEST = """
import asyncio
import pytest
from tests.support.watchdog import Watchdog

def pytest_configure(config):
    config.pluginmanager.register(Watchdog(config, test_seconds=20, teardown_seconds=0.5))

async def ignore_cancel():
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            pass

@pytest.fixture
async def hanging():
    yield
    await ignore_cancel()
"""

TESTS = {
    "fixture": """
async def test_before():
    assert 'the first' == 'failure'

async def test_with_it(hanging):
    pass
""",
    "task": """
import asyncio
from conftest import ignore_cancel

async def test_before():
    assert 'the first' == 'failure'

async def test_with_it():
    test_with_it.task = asyncio.create_task(ignore_cancel())
""",
}


def run(folder: Path, name: str, *options: str) -> subprocess.CompletedProcess[str]:
    (folder / "conftest.py").write_text(CONFTEST)
    (folder / "test_it.py").write_text(TESTS[name])
    (folder / "pytest.ini").write_text(
        "[pytest]\n"
        "asyncio_mode = auto\n"
        "asyncio_default_fixture_loop_scope = session\n"
        "asyncio_default_test_loop_scope = session\n"
    )
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options, folder],
        cwd=folder,
        env=environment({"PYTHONPATH": str(ROOT)}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("name", ["fixture", "task"])
def test_a_teardown_that_hangs_ends_the_run_and_what_had_failed_is_shown(tmp_path: Path, name: str) -> None:
    ended = run(tmp_path, name)
    assert ended.returncode == EXIT_HUNG
    assert "AssertionError: assert 'the first' == 'failure'" in ended.stdout
    assert "in ignore_cancel" in ended.stderr
    last = "The teardown after test_it.py::test_with_it took longer than 0.5 s: the test process ends"
    assert ended.stderr.splitlines()[-1] == last


@pytest.mark.slow
def test_side_by_side_it_is_one_failed_test(tmp_path: Path) -> None:
    ended = run(tmp_path, "fixture", "--numprocesses", "1")
    assert ended.returncode == pytest.ExitCode.TESTS_FAILED
    assert "crashed while running 'test_it.py::test_with_it'" in ended.stdout
    assert "2 failed" in ended.stdout
