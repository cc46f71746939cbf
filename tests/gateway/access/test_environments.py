"""A key for one environment touches nothing of another."""

from datetime import UTC, datetime
from typing import Any

import pytest
from mcp.shared.exceptions import MCPError
from temporalio.client import Client

from tests.gateway.access.test_owners import NOT_FOUND, assert_unknown, failed, started
from tests.support import callers
from tests.support.callers import ANA, BOB, BOSS, TRANSPORTS, bearer, words_of

Body = dict[str, Any]

ACTIONS = ("create_quotation", "get_quotation_status", "cancel_quotation", "retry_quotation")


async def begun(temporal: Client, queue: str, since: datetime) -> set[str]:
    """The quotations of a queue that were started since then."""
    query = f"TaskQueue = '{queue}' AND StartTime > '{since.isoformat()}'"
    return {run.id async for run in temporal.list_workflows(query)}


@pytest.mark.parametrize("key", [ANA, BOSS])
async def test_an_environment_that_the_key_may_not_use_is_forbidden(
    keyed: str, temporal: Client, request_body: Body, key: str
) -> None:
    since = datetime.now(UTC)

    async with callers.rest(keyed, bearer(key)) as http:
        # before the body is looked at
        for body in (request_body, {}):
            response = await http.post("/api/prod/quotation/async", json=body)
            assert response.status_code == 403
            assert response.headers["content-type"] == "application/problem+json"
            assert response.json()["detail"] == "You may not use this environment."
        unknown = await http.post("/api/nowhere/quotation/async", json=request_body)

    assert unknown.status_code == 404
    assert not await begun(temporal, "quotations-prod", since)


async def test_without_a_name_the_first_environment_must_be_one_of_the_key_s(
    serve_gateway: Any, request_body: Body
) -> None:
    with serve_gateway(**callers.SETTINGS | {"ENVIRONMENTS": "prod,dev"}) as url:
        async with callers.rest(url) as http:
            refused = await http.post("/api/quotation/async", json=request_body, headers=bearer(ANA))
            named = await http.post("/api/dev/quotation/async", json=request_body, headers=bearer(ANA))
            taken = await http.post("/api/quotation/async", json=request_body, headers=bearer(BOB))

    assert (refused.status_code, named.status_code, taken.status_code) == (403, 202, 202)
    assert taken.json()["environment"] == "production"


@pytest.mark.parametrize("key", [ANA, BOSS])
async def test_quotations_of_another_environment_are_unknown(
    keyed: str, temporal: Client, request_body: Body, key: str
) -> None:
    tracking_id = await started(keyed, request_body, BOB, "prod")

    async with callers.rest(keyed, bearer(key)) as http:
        assert_unknown(await http.get(f"/api/quotation/status/{tracking_id}"))
        assert_unknown(await http.get(f"/api/dev/quotation/status/{tracking_id}"))
        # what the address names is forbidden, whether or not there is such a quotation
        assert (await http.get(f"/api/prod/quotation/status/{tracking_id}")).status_code == 403
        assert_unknown(await http.post(f"/api/quotation/{tracking_id}/cancel"))
        await failed(temporal, tracking_id)
        assert_unknown(await http.post(f"/api/quotation/{tracking_id}/retry"))


async def test_one_s_own_quotations_of_an_environment_that_one_may_no_longer_use_are_unknown(
    keyed: str, temporal: Client, request_body: Body
) -> None:
    await temporal.start_workflow(
        "Quotation",
        {"request": request_body, "environment": "production", "fingerprint": "x"},
        id="quot_abcdef654321",
        task_queue="quotations-prod",
        memo={"environment": "production", "environment_name": "prod", "owner": "ana"},
    )

    async with callers.rest(keyed, bearer(ANA)) as http:
        assert_unknown(await http.get("/api/quotation/status/quot_abcdef654321"))
        assert_unknown(await http.post("/api/quotation/quot_abcdef654321/cancel"))


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_mcp_has_the_tools_of_the_key_s_environments_only(keyed: str, transport: str) -> None:
    async with callers.mcp(keyed, bearer(ANA), transport) as ana:
        tools = {tool.name for tool in (await ana.list_tools()).tools}
    async with callers.mcp(keyed, bearer(BOB), transport) as bob:
        tools_of_bob = {tool.name for tool in (await bob.list_tools()).tools}

    assert tools >= {f"dev_{action}" for action in ACTIONS}
    assert all(name.startswith("dev_") for name in tools)
    assert tools_of_bob >= {f"{environment}_{action}" for environment in ("dev", "prod") for action in ACTIONS}


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_a_tool_of_another_environment_is_an_unknown_one(
    keyed: str, temporal: Client, request_body: Body, transport: str
) -> None:
    since = datetime.now(UTC)
    tracking_id = await started(keyed, request_body, BOB, "prod")

    async with callers.mcp(keyed, bearer(ANA), transport) as client:
        with pytest.raises(MCPError) as unknown:
            await client.call_tool("prod_no_such_tool", {})
        for action in ACTIONS:
            arguments = request_body if action == "create_quotation" else {"tracking_id": tracking_id}
            with pytest.raises(MCPError) as refused:
                await client.call_tool(f"prod_{action}", arguments)
            assert str(refused.value) == str(unknown.value)
        for action in ACTIONS[1:]:
            own = await client.call_tool(f"dev_{action}", {"tracking_id": tracking_id})
            assert words_of(own) == NOT_FOUND

    # Temporal may not list it yet
    assert await begun(temporal, "quotations-prod", since) <= {tracking_id}
