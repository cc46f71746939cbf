"""Vercel's AI SDK over both transports, with its mock model in place of one that thinks."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from sandbox.processes import ROOT
from tests.clients.installed import PROGRAMS, Node
from tests.clients.settings import CREATE, KEY, STATUS
from tests.support.documents import blocks
from tests.support.requests import ABSENT, body

# so that the model has no id of a product: a strict one sends 0
ASKED = body(product_id=ABSENT, product="MT1")
WAYS = [("http", "/mcp", "2026-07-28"), ("sse", "/mcp/sse", "2025-11-25")]
REFUSED = [
    {"type": "text", "text": "Wrong arguments: email: must be a bare e-mail address such as compras@acme.mx"}
]

_BEFORE = """
import { createRequire } from "node:module";
const require = createRequire(import.meta.url);
const { createMCPClient } = require("@ai-sdk/mcp");
const { generateText, isStepCount } = require("ai");
const { MockLanguageModelV4 } = require("ai/test");
const usage = { inputTokens: { total: 1 }, outputTokens: { total: 1 } };
const said = { content: [{ type: "text", text: "Hola" }], finishReason: { unified: "stop" }, usage, warnings: [] };
let offered;
const model = new MockLanguageModelV4({ doGenerate: async (call) => ((offered = call.tools), said) });
const prompt = "Cotiza un robot.";
"""
_AFTER = """
await quotations.close();
process.stdout.write(JSON.stringify(offered.map((tool) => tool.name)));
"""


@pytest.mark.parametrize(("transport", "path", "protocol"), WAYS, ids=["http", "sse"])
def test_the_ai_sdk_calls_our_tools_and_its_model_follows_a_quotation(
    node: Node, gateway: str, home: dict[str, str], transport: str, path: str, protocol: str
) -> None:
    arguments = [transport, gateway + path, KEY, CREATE, STATUS, json.dumps(ASKED)]
    command: list[str | Path] = [node.binary, PROGRAMS / "ai_sdk_client.mjs", *arguments]
    environment = home | {"NODE_PATH": str(node.modules)}

    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, check=False)

    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["protocol"] == protocol
    assert {CREATE, STATUS} <= set(said["tools"])
    created = said["created"]["structuredContent"]
    assert (said["created"]["isError"], created["status"]) == (False, "queued")
    assert json.loads(said["created"]["content"][0]["text"]) == created
    # typed: only the object, and only if it fits our output schema
    assert said["status"]["tracking_id"] == created["tracking_id"]
    assert (said["refused"]["isError"], said["refused"]["content"]) == (True, REFUSED)
    assert_followed(said["nulls"], [json.loads(one["value"][0]["text"]) for one in said["nulls"]["read"][1:]])
    assert_followed(said["empties"], [one["value"] for one in said["empties"]["read"][1:]])


def test_the_documented_lines_give_a_model_our_tools(
    node: Node, gateway: str, home: dict[str, str], tmp_path: Path
) -> None:
    [block] = [block for block in blocks(ROOT / "docs" / "llm-hosts.md") if block.language == "js"]
    lines = block.text.replace("https://quotations.example", gateway).replace("KEY", KEY)
    program = tmp_path / "documented.mjs"
    program.write_text(f"{_BEFORE}{lines}{_AFTER}")

    done = subprocess.run(
        [node.binary, program],
        capture_output=True,
        text=True,
        env=home | {"NODE_PATH": str(node.modules)},
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert {CREATE, STATUS} <= set(json.loads(done.stdout))


def assert_followed(conversation: dict[str, Any], read: list[dict[str, Any]]) -> None:
    """Check that the model read a refusal in words, a start and the end of the same quotation."""
    refusal, *_ = conversation["read"]
    assert refusal == {"type": "content", "value": REFUSED}
    started, ended = read
    assert started["status"] == "queued"
    assert (ended["tracking_id"], ended["status"]) == (started["tracking_id"], "completed")
    assert conversation["text"] == "Completado"
