"""Schemathesis asks whatever /openapi.json lists, rightly and wrongly, and compares the answers."""

import subprocess
from pathlib import Path

from tests.clients.installed import HERE
from tests.clients.settings import AUTHORIZATION
from tests.processes import BIN

_SEED = "20251222"


def test_the_gateway_answers_as_its_openapi_document_says(gateway: str, tmp_path: Path) -> None:
    command: list[str | Path] = [BIN / "schemathesis", "--config-file", HERE / "schemathesis.toml"]
    command += ["run", f"{gateway}/openapi.json", "--header", f"Authorization: {AUTHORIZATION}", "--no-color"]
    # the examples are the same in each run
    command += ["--seed", _SEED, "--generation-deterministic", "--max-examples", "10", "--workers", "2"]

    # in a folder of its own, where it leaves what it remembers
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=110, check=False)

    assert done.returncode == 0, done.stdout[-20_000:]
    assert "Operations:" in done.stdout
