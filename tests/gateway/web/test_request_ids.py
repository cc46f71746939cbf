"""An answer and its log lines are found together by the request's id."""

import json
import re
from pathlib import Path
from typing import Any

import httpx2
import pytest
from temporalio.client import Client

from tests.gateway.web.test_unexpected import broken
from tests.support import callers
from tests.support.callers import ANA, bearer

__all__ = ["broken"]

PATH = "/api/quotation/async"
ID = "X-Request-Id"


@pytest.mark.parametrize("given", ["a", "3f2a-77.b:c/d+e=f~g_h", "x" * 128])
async def test_a_well_formed_id_is_kept(http: httpx2.AsyncClient, given: str) -> None:
    assert (await http.get("/healthz", headers={ID: given})).headers[ID] == given


@pytest.mark.parametrize(
    "given", [None, "", "two words", "x" * 129, "id\tid", '"id"', "[id]", "\xe9".encode("latin-1")]
)
async def test_any_other_is_replaced(http: httpx2.AsyncClient, given: Any) -> None:
    headers = {} if given is None else {ID: given}
    ids = {(await http.get("/healthz", headers=headers)).headers[ID] for _ in range(2)}
    assert len(ids) == 2
    assert all(re.fullmatch("[0-9a-f]{32}", each) for each in ids)


@pytest.mark.parametrize(
    ("method", "path", "changes", "status"),
    [
        ("POST", PATH, {}, 401),
        ("POST", "/mcp", {}, 401),
        ("GET", "/docs", {"Host": "attacker.example"}, 421),
        ("GET", "/nowhere", bearer(ANA), 404),
        ("POST", PATH, bearer(ANA), 422),
        ("POST", "/healthz", {}, 405),
        ("POST", "/mcp", bearer(ANA), 400),
    ],
)
async def test_refusals_have_one(keyed: str, method: str, path: str, changes: dict[str, str], status: int) -> None:
    async with callers.rest(keyed) as http:
        response = await http.request(method, path, headers={ID: "mine", **changes})
    assert (response.status_code, response.headers.get_list(ID)) == (status, ["mine"])


async def test_a_call_over_mcp_has_one(http: httpx2.AsyncClient) -> None:
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    response = await http.post("/mcp", json=call, headers={ID: "mine", "Accept": "application/json"})
    assert (response.status_code, response.headers[ID]) == (200, "mine")


async def test_an_unexpected_error_is_logged_with_its_origin_and_id(
    http: httpx2.AsyncClient, broken: str, gateway_log: Path
) -> None:
    response = await http.get(f"/api/quotation/status/{broken}", headers={ID: "mine-1"})
    call = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": "dev_get_quotation_status", "arguments": {"tracking_id": broken}},
    }
    await http.post("/mcp", json=call, headers={ID: "mine-2", "Accept": "application/json"})

    log = text_of(gateway_log)
    assert response.headers[ID] == "mine-1"
    for request_id, action in (("mine-1", "a request"), ("mine-2", "a tool")):
        line = rf"\[{request_id}\] {action} failed with an unexpected \w+ at \S+\.py:\d+.* \[{broken}\]$"
        assert re.search(line, log, re.MULTILINE), log[-2000:]


def text_of(log: Path) -> str:
    return log.read_text()


def audited(log: Path, tracking_id: str) -> list[dict[str, Any]]:
    lines = [line.partition(" gateway.audit:")[2] for line in text_of(log).splitlines()]
    entries = [json.loads(line[line.index("{") :]) for line in lines if line]
    return [entry for entry in entries if entry["tracking_id"] == tracking_id]


async def test_start_cancel_and_retry_leave_one_line_each(
    http: httpx2.AsyncClient, temporal: Client, request_body: dict[str, Any], gateway_log: Path
) -> None:
    key = {"Idempotency-Key": "audited"}
    for request_id in ("one", "two"):
        started = await http.post(PATH, json=request_body, headers={ID: request_id, **key})
    tracking_id = started.json()["tracking_id"]
    await http.post(f"/api/quotation/{tracking_id}/cancel", headers={ID: "three"})
    await http.post(f"/api/quotation/{tracking_id}/retry", headers={ID: "refused"})
    await temporal.get_workflow_handle(tracking_id).terminate()
    await http.post(f"/api/quotation/{tracking_id}/retry", headers={ID: "four"})
    await http.post(f"/api/quotation/{tracking_id}/retry", headers={ID: "refused"})

    entries = audited(gateway_log, tracking_id)
    assert [(entry["action"], entry["request_id"]) for entry in entries] == [
        ("start", "one"),
        ("cancel", "three"),
        ("retry", "four"),
    ]
    for entry in entries:
        assert (entry["owner"], entry["environment"]) == ("", "dev")
        assert entry["time"].endswith("+00:00")


@pytest.mark.parametrize("transport", callers.TRANSPORTS)
async def test_a_tool_call_is_audited_with_its_own_request(
    gateway: str, request_body: dict[str, Any], gateway_log: Path, transport: str
) -> None:
    async with callers.mcp(gateway, {}, transport) as client:
        ids = set()
        for _ in range(2):
            created: Any = await client.call_tool("dev_create_quotation", request_body)
            (entry,) = audited(gateway_log, created.structured_content["tracking_id"])
            ids.add(entry["request_id"])
    assert len(ids) == 2
