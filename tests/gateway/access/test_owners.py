"""Whose quotation it is: over REST, every transport of MCP, and stdio."""

import sys
from typing import Any

import httpx2
import pytest
from mcp.client.client import Client as McpClient
from mcp.client.stdio import StdioServerParameters, stdio_client
from temporalio.client import Client

from sandbox.processes import ROOT
from tests.support import callers
from tests.support.callers import ANA, ANAS_NEW, BOB, BOSS, CHIEF, TRANSPORTS, bearer, words_of

Body = dict[str, Any]

NOT_FOUND = "There is no quotation with that tracking_id."


async def started(url: str, body: Body, key: str | None = None, environment: str = "dev") -> str:
    """Start a quotation; give its tracking id."""
    async with callers.rest(url, bearer(key) if key else None) as http:
        response = await http.post(f"/api/{environment}/quotation/async", json=body)
        tracking_id: str = response.json()["tracking_id"]
        return tracking_id


async def failed(temporal: Client, tracking_id: str) -> str:
    """Make a quotation one that can be retried."""
    await temporal.get_workflow_handle(tracking_id).terminate()
    return tracking_id


async def owner_of(temporal: Client, tracking_id: str) -> Any:
    return (await (await temporal.get_workflow_handle(tracking_id).describe()).memo()).get("owner")


def assert_unknown(response: httpx2.Response) -> None:
    assert response.status_code == 404
    assert response.json()["detail"] == NOT_FOUND


@pytest.mark.parametrize("key", [ANA, ANAS_NEW])
async def test_every_key_of_a_caller_reads_and_changes_its_quotations(
    keyed: str, temporal: Client, request_body: Body, key: str
) -> None:
    tracking_id = await started(keyed, request_body, ANA)

    async with callers.rest(keyed, bearer(key)) as http:
        status = await http.get(f"/api/quotation/status/{tracking_id}")
        cancelled = await http.post(f"/api/quotation/{tracking_id}/cancel")
        await failed(temporal, tracking_id)
        retried = await http.post(f"/api/quotation/{tracking_id}/retry")

    assert (status.status_code, cancelled.status_code, retried.status_code) == (200, 202, 202)
    # the retry is a new run
    assert await owner_of(temporal, tracking_id) == "ana"


@pytest.mark.parametrize("key", [BOB, BOSS])
async def test_another_caller_changes_nothing(keyed: str, temporal: Client, request_body: Body, key: str) -> None:
    tracking_id = await started(keyed, request_body, ANA)

    async with callers.rest(keyed, bearer(key)) as http:
        assert_unknown(await http.post(f"/api/quotation/{tracking_id}/cancel"))
        await failed(temporal, tracking_id)
        assert_unknown(await http.post(f"/api/quotation/{tracking_id}/retry"))

    history = await temporal.get_workflow_handle(tracking_id).fetch_history()
    assert not any(
        event.HasField("workflow_execution_cancel_requested_event_attributes") for event in history.events
    )


async def test_another_caller_reads_nothing_unless_its_key_reads_all(keyed: str, request_body: Body) -> None:
    tracking_id = await started(keyed, request_body, ANA)

    async with callers.rest(keyed) as http:
        for path in (f"/api/quotation/status/{tracking_id}", f"/api/dev/quotation/status/{tracking_id}"):
            assert_unknown(await http.get(path, headers=bearer(BOB)))
            for key in (BOSS, CHIEF):
                read = await http.get(path, headers=bearer(key))
                assert read.json()["tracking_id"] == tracking_id


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_mcp_keeps_callers_apart_too(
    keyed: str, temporal: Client, request_body: Body, transport: str
) -> None:
    async with callers.mcp(keyed, bearer(ANA), transport) as ana:
        created = await ana.call_tool("dev_create_quotation", request_body)
        assert created.structured_content
        reference = {"tracking_id": created.structured_content["tracking_id"]}
        assert not (await ana.call_tool("dev_get_quotation_status", reference)).is_error
    assert await owner_of(temporal, reference["tracking_id"]) == "ana"

    async with callers.mcp(keyed, bearer(BOB), transport) as bob:
        for action in ("get_quotation_status", "cancel_quotation", "retry_quotation"):
            assert words_of(await bob.call_tool(f"dev_{action}", reference)) == NOT_FOUND
    async with callers.mcp(keyed, bearer(BOSS), transport) as boss:
        assert not (await boss.call_tool("dev_get_quotation_status", reference)).is_error
        for action in ("cancel_quotation", "retry_quotation"):
            assert words_of(await boss.call_tool(f"dev_{action}", reference)) == NOT_FOUND


async def test_stdio_is_the_caller_of_its_key(
    keyed: str, temporal_address: str, temporal: Client, request_body: Body
) -> None:
    of_bob = await started(keyed, request_body, BOB)
    settings = {"TEMPORAL_ADDRESS": temporal_address, **callers.SETTINGS, "GATEWAY_API_KEY": ANA}
    server = StdioServerParameters(command=sys.executable, args=["-m", "gateway.stdio"], cwd=ROOT, env=settings)

    async with McpClient(stdio_client(server)) as client:
        names = {tool.name.partition("_")[0] for tool in (await client.list_tools()).tools}
        created = await client.call_tool("dev_create_quotation", request_body)
        read = await client.call_tool("dev_get_quotation_status", {"tracking_id": of_bob})

    assert names == {"dev"}
    assert created.structured_content
    assert await owner_of(temporal, created.structured_content["tracking_id"]) == "ana"
    assert words_of(read) == NOT_FOUND


async def test_what_nobody_owns_is_read_by_those_who_read_all_and_changed_by_none(
    keyed: str, temporal: Client, request_body: Body
) -> None:
    # as one that was started before there were owners, or without keys
    tracking_id = "quot_abcdef123456"
    await temporal.start_workflow(
        "Quotation",
        {"request": request_body, "environment": "development", "fingerprint": "x"},
        id=tracking_id,
        task_queue="quotations-dev",
        memo={"environment": "development", "environment_name": "dev"},
    )

    async with callers.rest(keyed) as http:
        assert_unknown(await http.get(f"/api/quotation/status/{tracking_id}", headers=bearer(ANA)))
        read = await http.get(f"/api/quotation/status/{tracking_id}", headers=bearer(BOSS))
        assert read.status_code == 200
        assert_unknown(await http.post(f"/api/quotation/{tracking_id}/cancel", headers=bearer(BOSS)))


async def test_the_local_caller_of_a_gateway_without_keys_may_do_everything(
    keyed: str, http: httpx2.AsyncClient, temporal: Client, request_body: Body
) -> None:
    tracking_id = await started(keyed, request_body, ANA)

    # whatever key a client may still have
    status = await http.get(f"/api/quotation/status/{tracking_id}", headers=bearer("key-of-nobody"))
    cancelled = await http.post(f"/api/quotation/{tracking_id}/cancel")
    await failed(temporal, tracking_id)
    retried = await http.post(f"/api/quotation/{tracking_id}/retry")

    assert (status.status_code, cancelled.status_code, retried.status_code) == (200, 202, 202)
    assert await owner_of(temporal, tracking_id) == "ana"
    own = (await http.post("/api/quotation/async", json=request_body)).json()["tracking_id"]
    assert await owner_of(temporal, own) is None
