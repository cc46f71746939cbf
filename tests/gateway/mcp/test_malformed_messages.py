"""Messages that are not JSON-RPC are answered with an error of ours, over each transport."""

import json
import subprocess
import sys
from typing import Any

import httpx2
import pytest
from mcp.client.client import Client
from mcp_types import INVALID_REQUEST, PARSE_ERROR

from sandbox.processes import ROOT, environment

HEADERS = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
VERSIONS = ["2025-06-18", "2026-07-28"]


def request(**members: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"SECRET": "SECRET"}} | members


WRONG_IDS: list[Any] = [1.5, None, {}, [], True, {"SECRET": 1}]

MALFORMED: list[tuple[bytes, int, int | str | None]] = [
    *((json.dumps(request(id=wrong)).encode(), INVALID_REQUEST, None) for wrong in WRONG_IDS),
    (b"[]", INVALID_REQUEST, None),
    (json.dumps([request(), request(id=2)]).encode(), INVALID_REQUEST, None),
    (json.dumps([request(id=1.5)]).encode(), INVALID_REQUEST, None),
    (b'"SECRET"', INVALID_REQUEST, None),
    (b"null", INVALID_REQUEST, None),
    (b"{}", INVALID_REQUEST, None),
    (json.dumps(request(method=5)).encode(), INVALID_REQUEST, 1),
    (json.dumps(request(id="one", params=["SECRET"])).encode(), INVALID_REQUEST, "one"),
    (json.dumps(request(jsonrpc="1.0")).encode(), INVALID_REQUEST, 1),
    (b'{"jsonrpc": "2.0", "id": 1.5, "result": {}}', INVALID_REQUEST, None),
    (b"SECRET", PARSE_ERROR, None),
    (b'{"jsonrpc": "2.0", "id": 1, "method": "SECRET', PARSE_ERROR, None),
    (b"\xff\xfeSECRET", PARSE_ERROR, None),
    (b"[" * 10_000, PARSE_ERROR, None),
]


def assert_is_error_of_ours(answer: Any, code: int, request_id: int | str | None) -> None:
    assert set(answer) == {"jsonrpc", "id", "error"}
    assert (answer["jsonrpc"], answer["id"]) == ("2.0", request_id)
    assert set(answer["error"]) == {"code", "message"}
    assert answer["error"]["code"] == code
    said = json.dumps(answer)
    assert not any(word in said for word in ("SECRET", "validation", "pydantic", "http", "input"))


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("body", "code", "request_id"), MALFORMED)
async def test_over_streamable_http(
    gateway: str, version: str, body: bytes, code: int, request_id: int | str | None
) -> None:
    async with httpx2.AsyncClient(headers={**HEADERS, "MCP-Protocol-Version": version}) as http:
        response = await http.post(f"{gateway}/mcp", content=body)

    assert response.status_code == 400
    assert response.headers["content-type"] == "application/json"
    assert_is_error_of_ours(response.json(), code, request_id)


async def test_over_sse(gateway: str) -> None:
    async with (
        httpx2.AsyncClient(headers=HEADERS, base_url=gateway) as http,
        http.stream("GET", "/mcp/sse") as stream,
    ):
        lines = stream.aiter_lines()
        async for line in lines:
            if line.startswith("data: "):
                address = line.removeprefix("data: ")
                break
        for body, code, request_id in MALFORMED:
            response = await http.post(address, content=body)
            assert response.status_code == 400
            assert_is_error_of_ours(response.json(), code, request_id)

        # the stream goes on
        assert (await http.post(address, json=request(method="ping"))).status_code == 202
        async for line in lines:
            if line.startswith("data: "):
                assert json.loads(line.removeprefix("data: "))["id"] == 1
                break


def test_over_stdio(temporal_address: str) -> None:
    on_one_line = [case for case in MALFORMED if b"\n" not in case[0]]
    said = b"\n".join([*(body for body, _, _ in on_one_line), b"", json.dumps(request(method="ping")).encode()])

    done = subprocess.run(
        [sys.executable, "-m", "gateway.stdio"],
        input=said + b"\n",
        capture_output=True,
        timeout=30,
        check=False,
        cwd=ROOT,
        env=environment({"TEMPORAL_ADDRESS": temporal_address}),
    )

    *errors, pong = map(json.loads, done.stdout.splitlines())
    assert len(errors) == len(on_one_line)
    for answer, (_, code, request_id) in zip(errors, on_one_line, strict=True):
        assert_is_error_of_ours(answer, code, request_id)
    assert (pong["id"], "error" in pong) == (1, False)
    assert done.returncode == 0
    assert b"SECRET" not in done.stderr


@pytest.mark.parametrize("body", [b"[" * 10_000, b"\xff", b"[]", json.dumps(request(id=1.5)).encode()])
async def test_the_gateway_serves_on(gateway: str, body: bytes) -> None:
    async with httpx2.AsyncClient(headers=HEADERS) as http:
        await http.post(f"{gateway}/mcp", content=body)

    async with Client(f"{gateway}/mcp") as client:
        assert (await client.call_tool("dev_get_quotation_status", {})).is_error
