"""The definitions in docs/voice-agents.md are what the platform's own package describes."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from sandbox.processes import ROOT
from tests.clients.installed import PROGRAMS, python_with

TEXT = (Path(ROOT) / "docs" / "voice-agents.md").read_text()
DEFINITIONS = [json.loads(text) for text in re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)]
WEBHOOKS = [tool for tool in DEFINITIONS if tool["type"] == "webhook"]


@pytest.fixture(scope="session")
def python() -> Path:
    return python_with("elevenlabs")


def problems(python: Path, home: dict[str, str], tools: list[dict[str, Any]]) -> Any:
    command: list[str | Path] = [python, PROGRAMS / "elevenlabs_types.py"]
    done = subprocess.run(
        command, input=json.dumps(tools), capture_output=True, text=True, env=home, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_definitions_to_paste_fit_the_types_of_elevenlabs(python: Path, home: dict[str, str]) -> None:
    assert len(WEBHOOKS) == 3
    assert problems(python, home, WEBHOOKS) == [[], [], []]


def test_what_does_not_fit_is_seen(python: Path, home: dict[str, str]) -> None:
    tool = WEBHOOKS[-1]
    [found] = problems(python, home, [{**tool, "api_schema": {**tool["api_schema"], "timeout": 3}}])
    assert found == [".api_schema.timeout is not known"]
