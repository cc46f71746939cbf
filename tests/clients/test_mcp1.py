import json
import subprocess
from pathlib import Path

import pytest

from tests.clients.installed import PROGRAMS, python_with
from tests.clients.settings import CREATE, KEY, STATUS
from tests.support.requests import REQUEST


@pytest.fixture(scope="session")
def python() -> Path:
    return python_with("mcp1")


@pytest.mark.parametrize("transport", ["streamable", "sse"])
def test_a_client_with_version_1_of_the_sdk_is_served(
    python: Path, gateway: str, home: dict[str, str], transport: str
) -> None:
    command: list[str | Path] = [
        python,
        PROGRAMS / "mcp1_client.py",
        transport,
        gateway,
        KEY,
        CREATE,
        STATUS,
        json.dumps(REQUEST),
    ]

    done = subprocess.run(command, capture_output=True, text=True, env=home, timeout=60, check=False)

    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["protocol"] == "2025-11-25"
    assert {CREATE, STATUS} <= set(said["tools"])
    created = said["created"]["structured"]
    assert (said["created"]["is_error"], created["status"]) == (False, "queued")
    assert json.loads(said["created"]["words"]) == created
    status = said["status"]["structured"]
    assert not said["status"]["is_error"]
    assert status["tracking_id"] == created["tracking_id"]
    assert status["status"] in {"queued", "processing", "completed"}
    assert said["unknown"] == {"error": -32602, "words": "Unknown tool"}
    assert said["wrong"]["is_error"]
    assert "email: must be a bare e-mail address" in said["wrong"]["words"]
