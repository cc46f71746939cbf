"""Streamable HTTP answers hosts whatever they accept."""

import json
from typing import Any

import httpx2
import pytest
from mcp.client.client import Client

from quotation.identity import new_tracking_id

LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
MODERN = "2026-07-28"

IN_JSON = [
    None,
    "",
    "*/*",
    "application/json",
    "application/*",
    "text/html",
    "text/event-stream;q=0",
    "application/json, text/event-stream",
]
IN_STREAM = [
    "text/event-stream",
    "text/*;q=0.5",
    "Text/Event-Stream; charset=utf-8",
    "text/event-stream, application/json;q=0.0",
]


def modern(method: str) -> dict[str, Any]:
    meta = {
        "io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
    }
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": {"_meta": meta}}


async def post(http: httpx2.AsyncClient, accept: str | None, version: str | None) -> httpx2.Response:
    http.headers.pop("accept")
    headers = {} if accept is None else {"Accept": accept}
    if version is not None:
        headers |= {"MCP-Protocol-Version": version, "Mcp-Method": "tools/list"}
    return await http.post("/mcp", json=modern("tools/list") if version == MODERN else LIST, headers=headers)


def event_of(response: httpx2.Response) -> Any:
    [data] = [line for line in response.text.splitlines() if line.startswith("data: ")]
    return json.loads(data.removeprefix("data: "))


@pytest.mark.parametrize("version", [None, "2025-11-25", MODERN])
@pytest.mark.parametrize("accept", IN_JSON)
async def test_json_is_the_answer_to_all_who_do_not_ask_for_a_stream(
    http: httpx2.AsyncClient, accept: str | None, version: str | None
) -> None:
    response = await post(http, accept, version)

    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    assert response.json()["result"]["tools"]


@pytest.mark.parametrize("version", [None, "2025-11-25", MODERN])
@pytest.mark.parametrize("accept", IN_STREAM)
async def test_a_stream_is_the_answer_to_hosts_that_take_nothing_else(
    http: httpx2.AsyncClient, accept: str, version: str | None
) -> None:
    response = await post(http, accept, version)

    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("text/event-stream")
    assert event_of(response)["result"]["tools"]


async def test_several_accept_headers_are_one_list(http: httpx2.AsyncClient) -> None:
    http.headers.pop("accept")
    response = await http.post(
        "/mcp", json=LIST, headers=[("Accept", "text/event-stream"), ("Accept", "application/json")]
    )

    assert response.headers["content-type"] == "application/json"


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT", "HEAD"])
@pytest.mark.parametrize("accept", ["text/event-stream", "*/*"])
async def test_other_methods_are_refused_at_once(http: httpx2.AsyncClient, method: str, accept: str) -> None:
    response = await http.request(method, "/mcp", headers={"Accept": accept})

    assert response.status_code == 405
    assert response.headers["allow"] == "POST"


async def test_a_call_after_a_refused_stream_works(gateway: str) -> None:
    async with Client(f"{gateway}/mcp") as client:
        refused = await client.call_tool("dev_get_quotation_status", {"tracking_id": new_tracking_id()})

    assert refused.is_error
