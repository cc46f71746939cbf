"""The Desktop Extension passes messages on, and says so in a sentence if it cannot."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from mcp.client.client import Client
from mcp.client.stdio import stdio_client

from sandbox.ports import free_port
from tests.clients.extension import installed_extension
from tests.clients.installed import Node
from tests.clients.settings import CREATE, KEY, STATUS
from tests.support.requests import REQUEST

Say = Callable[..., Coroutine[Any, Any, tuple[list[Any], str, int | None]]]

PING = {"jsonrpc": "2.0", "id": 7, "method": "ping"}


@pytest.fixture
def say(node: Node, home: dict[str, str], tmp_path: Path) -> Say:
    """Starts the extension, writes lines to it and returns what it answers, its complaints and its exit code."""

    async def say(*lines: bytes, **answers: str) -> tuple[list[Any], str, int | None]:
        command = installed_extension(node, tmp_path, home, **answers)
        process = await asyncio.create_subprocess_exec(
            command.command,
            *command.args,
            env=command.env,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        output, complaints = await process.communicate(b"".join(line + b"\n" for line in lines))
        return list(map(json.loads, output.splitlines())), complaints.decode(), process.returncode

    return say


def line(message: Any) -> bytes:
    return json.dumps(message, ensure_ascii=False).encode()


@pytest.mark.parametrize("mode", ["legacy", "2026-07-28"])
async def test_progress_and_all_characters_reach_the_host(
    node: Node, gateway: str, home: dict[str, str], tmp_path: Path, mode: Any
) -> None:
    told: list[str | None] = []

    async def note(progress: float, total: float | None, message: str | None) -> None:
        assert total is None or progress <= total
        told.append(message)

    parameters = installed_extension(node, tmp_path, home, url=f"{gateway}/mcp", api_key=f"Bearer {KEY}")
    async with Client(stdio_client(parameters), mode=mode) as client:
        arguments = REQUEST | {"lead_name": f"Ñandú\u2028 «Ω» 🤖 {mode}", "wait_seconds": 20}
        created = await client.call_tool(CREATE, arguments, progress_callback=note)
        status = await client.call_tool(STATUS, {"tracking_id": created.structured_content["tracking_id"]})

    assert told
    assert created.structured_content["status"] == "completed"
    assert status.structured_content["status"] == "completed"


async def test_each_request_that_is_not_passed_on_is_answered_with_a_sentence(say: Say, gateway: str) -> None:
    cases = {
        "does not accept the API key": {"url": gateway, "api_key": "wrong"},
        "cannot be reached (ECONNREFUSED)": {"url": f"http://127.0.0.2:{free_port()}"},
        "answered with the HTTP status 404": {"url": f"{gateway}/elsewhere", "api_key": KEY},
    }
    for words, answers in cases.items():
        [answer], complaints, code = await say(line(PING), **answers)
        assert answer["id"] == 7
        assert words in answer["error"]["message"]
        assert (complaints, code) == ("", 0)


async def test_malformed_lines_and_notifications_do_not_disturb_the_others(say: Say, gateway: str) -> None:
    noise = [b"{", b"null", b"[]", b"", line({"jsonrpc": "2.0", "method": "notifications/initialized"})]
    cancelled = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 99}}
    answers, complaints, code = await say(*noise, line(cancelled), line(PING), url=gateway, api_key=KEY)
    assert [answer["id"] for answer in answers] == [None, None, None, 7]
    assert answers[-1]["result"] == {}
    assert (complaints, code) == ("", 0)


async def test_a_cancelled_request_is_dropped(say: Say, gateway: str) -> None:
    cancelled = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 7}}
    assert await say(line(PING), line(cancelled), url=gateway, api_key=KEY) == ([], "", 0)


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({}, "not a URL"),
        ({"url": "quotations.example"}, "not a URL"),
        ({"url": "http://quotations.example", "api_key": "secret-key"}, "must begin with https://"),
        ({"url": "file:///etc/passwd"}, "must begin with https://"),
    ],
)
async def test_a_wrong_address_is_named_at_the_start(say: Say, answers: dict[str, str], words: str) -> None:
    said, complaints, code = await say(line(PING), **answers)
    assert (said, code) == ([], 2)
    assert words in complaints
    assert "secret-key" not in complaints
