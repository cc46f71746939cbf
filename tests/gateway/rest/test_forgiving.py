"""Habits of callers over HTTP and MCP: what stands for nothing is absent, and MCP ignores what hosts add."""

import json
from typing import Any

import httpx2
import pytest
from mcp.client.client import Client as McpClient
from mcp_types import CallToolResult
from temporalio.client import Client

from quotation.identity import fingerprint
from quotation.request import QuotationRequest

N8N = {"tool": "create", "toolCallId": "call_1", "sessionId": "s", "action": "sendMessage", "chatInput": "Hola"}
HABITS: dict[str, Any] = {
    "phone": 525512345678,
    "product_qty": "",
    "user_id": "0",
    "lines": [],
    "contact_name": "null",
    "notes": "N/A",
    "currency": None,
}


async def call(gateway: str, tool: str, arguments: dict[str, Any]) -> CallToolResult:
    async with McpClient(f"{gateway}/mcp") as client:
        return await client.call_tool(tool, arguments)


async def _started_with(temporal: Client, tracking_id: str) -> str:
    memo: str = await (await temporal.get_workflow_handle(tracking_id).describe()).memo_value("fingerprint")
    return memo


def _plain(request_body: dict[str, Any]) -> str:
    absent = {"contact_name", "notes", "product_qty", "user_id", "lines"}
    plain = {name: value for name, value in request_body.items() if name not in absent}
    return fingerprint(QuotationRequest.model_validate(plain | {"phone": "525512345678"}))


@pytest.mark.parametrize("nothing", ["", "null", "undefined"])
async def test_headers_and_parameters_that_stand_for_nothing_are_absent(
    http: httpx2.AsyncClient, temporal: Client, request_body: dict[str, Any], nothing: str
) -> None:
    headers = {"Conversation-Id": nothing, "Idempotency-Key": nothing}
    path = f"/api/quotation/async?dry_run={nothing}&errors={nothing}"

    first = await http.post(path, json=request_body | HABITS, headers=headers)
    second = await http.post(path, json=request_body | HABITS, headers=headers)

    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json()["tracking_id"] != second.json()["tracking_id"]
    assert await _started_with(temporal, first.json()["tracking_id"]) == _plain(request_body)


@pytest.mark.parametrize(
    ("wait", "status"),
    [("", 200), ("null", 200), ("90", 200), ("1e9", 200), ("-1", 422), ("x", 422), ("nan", 422)],
)
async def test_wait_is_absent_if_blank_and_60_if_it_is_more(
    http: httpx2.AsyncClient, temporal: Client, request_body: dict[str, Any], wait: str, status: int
) -> None:
    started = (await http.post("/api/quotation/async", json=request_body)).json()
    await temporal.get_workflow_handle(started["tracking_id"]).terminate()

    assert (await http.get(started["status_url"], params={"wait": wait})).status_code == status


@pytest.mark.parametrize(
    "query", ["status=&limit=&cursor=", "limit=20.0&status=COMPLETED", "status=null&limit=%20"]
)
async def test_parameters_of_a_list_may_be_blank(http: httpx2.AsyncClient, query: str) -> None:
    assert (await http.get(f"/api/quotations?{query}")).status_code == 200


@pytest.mark.parametrize(
    "body", [{"error_code": "", "since": "null", "limit": "20", "environment": " "}, {}, None]
)
async def test_parameters_of_a_bulk_retry_may_be_blank(http: httpx2.AsyncClient, body: Any) -> None:
    assert (await http.post("/api/quotations/retry?dry_run=true", json=body)).status_code == 200
    wrong = await http.post("/api/quotations/retry?dry_run=&errors=", json={"errorCode": "x"})
    assert "did you mean error_code?" in wrong.json()["errors"][0]["message"]


async def test_additions_of_hosts_are_ignored_over_mcp_only(
    gateway: str, http: httpx2.AsyncClient, temporal: Client, request_body: dict[str, Any]
) -> None:
    sent = request_body | HABITS | N8N | {"idempotency_key": "", "conversation_id": None, "dry_run": "false"}

    created = await call(gateway, "dev_create_quotation", sent)
    refused = await http.post("/api/quotation/async", json=request_body | N8N)

    assert created.structured_content
    tracking_id = created.structured_content["tracking_id"]
    assert await _started_with(temporal, tracking_id) == _plain(request_body)
    read = await call(
        gateway, "dev_get_quotation_status", {"tracking_id": f" {tracking_id}", "wait_seconds": None} | N8N
    )
    assert not read.is_error
    assert refused.status_code == 422
    assert {error["field"] for error in refused.json()["errors"]} == set(N8N)


async def test_lines_and_corrections_may_come_as_their_json_text(
    gateway: str, temporal: Client, request_body: dict[str, Any]
) -> None:
    lines = json.dumps([{"product_id": request_body["product_id"]}])
    sent = {name: value for name, value in request_body.items() if not name.startswith("product")} | {
        "lines": lines
    }

    created = await call(gateway, "dev_create_quotation", sent)

    assert created.structured_content
    tracking_id = created.structured_content["tracking_id"]
    run = temporal.get_workflow_handle(tracking_id)
    await run.cancel()
    await run.terminate()
    corrections = json.dumps({"product_id": 7, "email": "", "product_qty": "", "lines": [], "user_id": 0})
    retried = await call(gateway, "dev_retry_quotation", {"tracking_id": tracking_id, "corrections": corrections})
    assert not retried.is_error
    wrong = await call(gateway, "dev_retry_quotation", {"tracking_id": tracking_id, "corrections": "{x"})
    assert wrong.is_error
    await run.terminate()


@pytest.mark.parametrize("version", ["2025-06-18", "2026-07-28"])
async def test_arguments_may_come_as_their_json_text_or_in_an_envelope(
    gateway: str, request_body: dict[str, Any], version: str
) -> None:
    sent = request_body | {"idempotency_key": f"an envelope {version}"}
    started = set()
    for arguments in (sent, json.dumps(sent), {"kwargs": sent}, {"args": [], "input": json.dumps(sent)} | N8N):
        result = await _called_by_hand(gateway, version, "dev_create_quotation", arguments)
        assert not result.get("isError"), result
        started.add(result["structuredContent"]["tracking_id"])
    assert len(started) == 1

    assert not (await _called_by_hand(gateway, version, "dev_list_quotations", "")).get("isError")
    status = {"input": {"tracking_id": started.pop()}, "task_progress": "- [x] buscar"}
    assert not (await _called_by_hand(gateway, version, "dev_get_quotation_status", status)).get("isError")


async def _called_by_hand(gateway: str, version: str, tool: str, arguments: Any) -> dict[str, Any]:
    """Return the result of a call that no SDK would send in this form."""
    meta = {
        "io.modelcontextprotocol/protocolVersion": version,
        "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/clientInfo": {"name": "by hand", "version": "1"},
    }
    params = {"name": tool, "arguments": arguments, "_meta": meta}
    headers = {"MCP-Protocol-Version": version, "Mcp-Method": "tools/call", "Mcp-Name": tool}
    async with httpx2.AsyncClient(headers=headers) as http:
        message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
        response = await http.post(f"{gateway}/mcp", json=message)
    result: dict[str, Any] = response.json()["result"]
    return result
