"""The MCP inspector's command line, as people try a server with it."""

import json
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from tests.clients.installed import Node
from tests.clients.settings import AUTHORIZATION, CREATE, STATUS
from tests.support.requests import REQUEST

Inspect = Callable[..., Any]

SCRIPT = "@modelcontextprotocol/inspector/clients/launcher/build/index.js"
TOOL_ERROR = 5
WAYS = [("http", "legacy", "/mcp"), ("http", "modern", "/mcp"), ("sse", "legacy", "/mcp/sse")]


@pytest.fixture(params=WAYS, ids=lambda way: f"{way[0]}-{way[1]}")
def inspect(request: pytest.FixtureRequest, node: Node, gateway: str, home: dict[str, str]) -> Inspect:
    """Run the inspector for one method, and give its exit code and what it printed."""
    transport, era, path = request.param

    def run(*arguments: str) -> tuple[int, Any]:
        options = ["--transport", transport, "--protocol-era", era, "--header", f"Authorization: {AUTHORIZATION}"]
        command = node.command(
            SCRIPT, "--cli", gateway + path, *options, "--format", "json", "--quiet", "--method", *arguments
        )
        done = subprocess.run(command, capture_output=True, text=True, env=home, timeout=60, check=False)
        return done.returncode, json.loads(done.stdout or done.stderr)

    return run


def test_the_inspector_lists_and_calls_the_tools(inspect: Inspect, request: pytest.FixtureRequest) -> None:
    # strict: a schema that other hosts could not read is an exit code
    listed, tools = inspect("tools/list", "--strict")
    created, answer = inspect("tools/call", "--tool-name", CREATE, "--tool-args-json", json.dumps(REQUEST))
    quotation = answer["result"]["structuredContent"]
    read, status = inspect(
        "tools/call", "--tool-name", STATUS, "--tool-arg", f"tracking_id={quotation['tracking_id']}"
    )

    assert (listed, created, read) == (0, 0, 0)
    assert {CREATE, STATUS} <= {tool["name"] for tool in tools["result"]["tools"]}
    # in the modern era it declares tasks: the gateway answers with one, which the inspector awaits
    assert quotation["status"] == ("completed" if "modern" in request.node.name else "queued")
    assert status["result"]["structuredContent"]["tracking_id"] == quotation["tracking_id"]


def test_the_inspector_shows_a_wrong_argument_in_words(inspect: Inspect) -> None:
    wrong = json.dumps(REQUEST | {"email": "no address"})

    code, answer = inspect("tools/call", "--tool-name", CREATE, "--tool-args-json", wrong)

    assert code == TOOL_ERROR
    assert "email: must be a bare e-mail address" in answer["result"]["content"][0]["text"]
