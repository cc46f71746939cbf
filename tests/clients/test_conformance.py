"""The server scenarios of the official conformance suite, in two versions of the protocol."""

import json
import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from sandbox.ports import free_port
from sandbox.processes import start_module, wait_until_healthy
from tests.clients.installed import Node

PASSES = {
    "2025-11-25": {
        "server-initialize",
        "ping",
        "tools-list",
        "resources-list",
        "prompts-list",
        "dns-rebinding-protection",
    },
    "2026-07-28": {
        "server-stateless",
        "tools-list",
        "resources-list",
        "prompts-list",
        "caching",
        "dns-rebinding-protection",
        "http-header-validation",
        "server-sse-multiple-streams",
        "sep-2164-resource-not-found",
        "input-required-result-unsupported-methods",
        "input-required-result-validate-input",
    },
}
"""The scenarios that have to pass in each version, each with a check of the server."""

_FIXTURES = (
    "tools-call-",
    "json-schema-2020-12",
    "elicitation-",
    "http-custom-header-server-validation",
    "input-required-result-",
    "tasks-",
    "resources-read-",
    "resources-templates-",
    "prompts-get-",
)
"""These want what the suite's own server has, by its names: the tool test_simple_text, the prompt
test_prompt_with_arguments, the resource test://static-text and so on. tests/gateway tests tasks."""

_NOT_OFFERED = ("logging-", "completion-", "resources-subscribe", "resources-unsubscribe", "sep-2640-skills-")
"""These are about what the gateway does not offer, and does not advertise."""

_STATEFUL = ("server-session-lifecycle", "server-sse-polling", "server-sse-multiple-streams")
"""These look at sessions and their streams, and find none: Streamable HTTP is stateless and answers in JSON."""

_NOT_APPLICABLE = (*_FIXTURES, *_NOT_OFFERED, *_STATEFUL)

_EXCUSED = {
    # they need the suite's own tools
    "sep-2575-server-rejects-undeclared-capability",
    "sep-2575-missing-capability-http-400",
    "sep-2575-http-server-no-independent-requests-on-stream",
    "sep-2575-server-no-log-without-loglevel",
}
"""Single checks that do not apply, in scenarios that do."""

# each scenario has it: whatever the answer, its form is the protocol's
_FORM = "wire-schema-valid"

# a folder of results: the suite's side, the scenario and the time
_RESULT = re.compile(r"server-(.+)-\d{4}-\d\d-\d\dT.+")

Checks = dict[str, list[tuple[str, str]]]


@pytest.fixture(scope="module", params=PASSES)
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def checks(version: str, node: Node, temporal_address: str, tmp_path_factory: pytest.TempPathFactory) -> Checks:
    """Each scenario's checks with their outcomes, against a gateway without keys: the suite sends no headers."""
    folder = tmp_path_factory.mktemp("conformance")
    port = free_port()
    settings = {"TEMPORAL_ADDRESS": temporal_address, "ENVIRONMENTS": "ventas", "GATEWAY_PORT": str(port)}
    gateway = start_module("gateway", folder / "gateway.log", settings)
    wait_until_healthy(gateway, f"http://127.0.0.1:{port}/readyz")
    command = node.command(
        "@modelcontextprotocol/conformance/dist/index.js",
        *("server", "--url", f"http://127.0.0.1:{port}/mcp", "--suite", "all", "--spec-version", version),
        *("--output-dir", str(folder / "results")),
    )
    # its exit code counts scenarios that do not apply
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    gateway.stop()
    assert "SUMMARY" in done.stdout, done.stdout + done.stderr
    return {
        _RESULT.sub(r"\1", file.parent.name): [
            (check["id"], check["status"]) for check in json.loads(file.read_text())
        ]
        for file in Path(folder / "results").glob("*/checks.json")
    }


def test_what_applies_passes(checks: Checks, version: str) -> None:
    for scenario in PASSES[version]:
        failed = {check for check, outcome in checks[scenario] if outcome == "FAILURE"}
        passed = {check for check, outcome in checks[scenario] if outcome == "SUCCESS"}
        assert failed <= _EXCUSED, scenario
        assert passed - {_FORM}, scenario


def test_every_answer_has_the_protocol_s_form(checks: Checks) -> None:
    outcomes = Counter(outcome for found in checks.values() for check, outcome in found if check == _FORM)

    assert set(outcomes) == {"SUCCESS"}
    assert outcomes["SUCCESS"] > 10


def test_every_scenario_was_judged(checks: Checks, version: str) -> None:
    """A new version of the suite may bring scenarios that do apply."""
    assert PASSES[version] <= set(checks)
    assert {name for name in checks if not name.startswith(_NOT_APPLICABLE)} <= PASSES[version]
