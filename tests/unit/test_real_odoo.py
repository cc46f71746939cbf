"""The tests leave a real Odoo running that ran before them, even if it was too busy to answer."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import real_odoo
from sandbox.real_odoo.layout import Layout, State, locate
from sandbox.real_odoo.processes import ProcessRecord


@pytest.fixture
def layout(monkeypatch: pytest.MonkeyPatch) -> Iterator[Layout]:
    """A cache folder without servers, which every user can reach."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        monkeypatch.setenv("ODOO_CACHE", folder)
        yield locate()


def test_a_server_that_does_not_answer_is_started_until_it_ends(layout: Layout) -> None:
    assert not real_odoo.is_started()

    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as silent:
        layout.write_state(State(postgres=ProcessRecord.of(silent.pid)))
        assert real_odoo.running() is None
        assert real_odoo.is_started()
        silent.kill()

    assert not real_odoo.is_started()
