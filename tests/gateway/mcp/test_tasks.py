"""Quotations as tasks of MCP (SEP-2663): the real workflow, with activities that do what a test tells them."""

import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from mcp.client.client import Client
from mcp.client.sse import sse_client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from mcp_types import CallToolResult
from temporalio.client import Client as Temporal

from activities.failures import RequestError
from gateway.mcp.tasks import IDENTIFIER
from odoo_client import OdooUnavailableError
from quotation import steps
from quotation.errors import ErrorCode
from quotation.identity import new_tracking_id
from sandbox.processes import ROOT
from tests.gateway.conftest import StartGateway
from tests.support import callers
from tests.support.callers import ANA, BOB, BOSS, bearer, words_of
from tests.support.quotations import NOBODYS_ID
from tests.support.script import Script
from tests.support.scripted_worker import ENVIRONMENT, StartWork
from tests.support.task_client import Json, PolledTasks, ask, declaring, ended, started

A_DAY_MS = 24 * 60 * 60 * 1000
"""The retention of Temporal's dev server."""

METHODS: dict[str, Json] = {"tasks/get": {}, "tasks/update": {"inputResponses": {}}, "tasks/cancel": {}}

TRANSPORTS: dict[str, Callable[[str, str], Any]] = {
    "streamable": lambda url, _: f"{url}/mcp",
    "sse": lambda url, _: sse_client(f"{url}/mcp/sse"),
    "stdio": lambda _, address: stdio_client(
        StdioServerParameters(
            command=sys.executable,
            args=["-m", "gateway.stdio"],
            cwd=ROOT,
            env={"TEMPORAL_ADDRESS": address, "ENVIRONMENTS": f"dev,{ENVIRONMENT}"},
        )
    ),
}


@pytest.fixture(params=TRANSPORTS)
def transport(request: pytest.FixtureRequest, gateway: str, temporal_address: str) -> Any:
    return TRANSPORTS[request.param](gateway, temporal_address)


@pytest.fixture
def mcp(gateway: str) -> str:
    return f"{gateway}/mcp"


async def status_of(client: Client, task_id: str) -> CallToolResult:
    return await client.call_tool(f"{ENVIRONMENT}_get_quotation_status", {"tracking_id": task_id})


async def refusal(client: Client, method: str, task_id: str, **params: Any) -> MCPError:
    with pytest.raises(MCPError) as refused:
        await ask(client.session, method, task_id, **params)
    return refused.value


async def test_a_quotation_is_a_task_that_ends_with_its_status(
    transport: Any, start_work: StartWork, request_body: Json
) -> None:
    async with declaring(transport) as client:
        assert client.server_capabilities.extensions == {IDENTIFIER: {}}
        task = await started(client, request_body, ENVIRONMENT)
        first = await ask(client.session, "tasks/get", task["taskId"])
        await start_work()
        final = await ended(client.session, task["taskId"])
        status = await status_of(client, task["taskId"])

    assert task == first | {"resultType": "task"}
    assert final["createdAt"] == first["createdAt"]
    assert first == {
        "resultType": "complete",
        "taskId": task["taskId"],
        "status": "working",
        "statusMessage": "En cola",
        "createdAt": first["createdAt"],
        "lastUpdatedAt": first["createdAt"],
        "ttlMs": A_DAY_MS,
        "pollIntervalMs": 5000,
    }
    assert status.structured_content
    assert status.structured_content["tracking_id"] == task["taskId"]
    assert status.structured_content["status"] == "completed"
    assert final == {
        "resultType": "complete",
        "taskId": task["taskId"],
        "status": "completed",
        "statusMessage": "Completado",
        "createdAt": status.structured_content["created_at"],
        "lastUpdatedAt": status.structured_content["completed_at"],
        "ttlMs": A_DAY_MS,
        "result": status.model_dump(mode="json", by_alias=True, exclude_none=True, exclude={"meta"}),
    }
    assert not final["result"]["isError"]


async def test_a_host_that_waits_for_tasks_gets_a_result_as_the_tool_declares_it(
    mcp: str, start_work: StartWork, request_body: Json
) -> None:
    await start_work()
    async with declaring(mcp) as client:
        await client.list_tools()
        # the SDK checks it against the schema in the list
        result = await client.call_tool(f"{ENVIRONMENT}_create_quotation", request_body)

    assert result.structured_content
    assert result.structured_content["result"]["sale_order_name"] == "S15433"


async def test_a_failed_quotation_is_a_task_that_completes_with_an_error(
    mcp: str, start_work: StartWork, script: Script, request_body: Json
) -> None:
    script.fail_always(steps.AUTHENTICATE, RequestError(ErrorCode.PRODUCT_NOT_FOUND, "Product 1 does not exist."))
    await start_work()
    async with declaring(mcp) as client:
        task = await started(client, request_body, ENVIRONMENT)
        final = await ended(client.session, task["taskId"])
        status = await status_of(client, task["taskId"])

    assert (final["status"], final["statusMessage"]) == ("completed", "Product 1 does not exist.")
    assert final["result"]["isError"]
    assert final["result"]["structuredContent"] == status.structured_content
    assert final["result"]["structuredContent"]["error"]["code"] == "product_not_found"
    assert not status.is_error


async def test_a_retry_is_no_task_for_a_task_that_ended_begins_no_more(
    mcp: str, start_work: StartWork, script: Script, request_body: Json
) -> None:
    wrong_product = RequestError(ErrorCode.PRODUCT_NOT_FOUND, "Product 1 does not exist.")
    script.fail(steps.AUTHENTICATE, wrong_product)
    await start_work()
    async with declaring(mcp) as client:
        task = await started(client, request_body, ENVIRONMENT)
        await ended(client.session, task["taskId"])
        arguments = {"tracking_id": task["taskId"], "corrections": {"product_id": 26174}}
        retried = await client.session.call_tool(f"{ENVIRONMENT}_retry_quotation", arguments, allow_claimed=True)
        await ended(client.session, task["taskId"])

    assert isinstance(retried, CallToolResult)
    assert retried.structured_content
    assert retried.structured_content["tracking_id"] == task["taskId"]


async def test_a_task_is_cancelled(mcp: str, start_work: StartWork, script: Script, request_body: Json) -> None:
    script.hold(steps.CREATE_LEAD)
    await start_work()
    async with declaring(mcp) as client:
        task = await started(client, request_body, ENVIRONMENT)
        await script.reached(steps.CREATE_LEAD)
        acknowledged = await ask(client.session, "tasks/cancel", task["taskId"])
        # what is under way is awaited
        under_way = await ask(client.session, "tasks/get", task["taskId"])
        script.release(steps.CREATE_LEAD)
        final = await ended(client.session, task["taskId"])
        again = await ask(client.session, "tasks/cancel", task["taskId"])

    assert acknowledged == again == {"resultType": "complete"}
    assert (under_way["status"], under_way["statusMessage"]) == ("working", "Creando lead...")
    assert under_way["createdAt"] < under_way["lastUpdatedAt"]
    assert (final["status"], final["statusMessage"]) == ("cancelled", "La cotización fue cancelada.")
    assert "result" not in final
    assert steps.CREATE_SALE_ORDER not in script.calls


async def test_a_finished_task_stays_what_it_is(mcp: str, start_work: StartWork, request_body: Json) -> None:
    await start_work()
    async with declaring(mcp) as client:
        task = await started(client, request_body, ENVIRONMENT)
        final = await ended(client.session, task["taskId"])
        for method in ("tasks/cancel", "tasks/update"):
            acknowledged = await ask(client.session, method, task["taskId"], **METHODS[method])
            assert acknowledged == {"resultType": "complete"}
        assert await ask(client.session, "tasks/get", task["taskId"]) == final


async def test_an_outage_of_odoo_shows_and_is_asked_for_less_often(
    mcp: str, start_work: StartWork, script: Script, request_body: Json, temporal: Temporal
) -> None:
    script.fail_always(steps.CREATE_LEAD, OdooUnavailableError("Odoo refused the connection."))
    await start_work()
    async with declaring(mcp) as client:
        task = await started(client, request_body, ENVIRONMENT)
        while (shown := await ask(client.session, "tasks/get", task["taskId"]))["pollIntervalMs"] == 5000:
            pass
    await temporal.get_workflow_handle(task["taskId"]).terminate()

    assert (shown["status"], shown["pollIntervalMs"]) == ("working", 60_000)
    assert shown["statusMessage"].startswith("El sistema de ventas no responde")


async def test_input_that_no_task_asked_for_is_ignored(mcp: str, request_body: Json) -> None:
    async with declaring(mcp) as client:
        task = await started(client, request_body)
        answers = {"name": {"action": "accept", "content": {"input": "Acme"}}}

        acknowledged = await ask(client.session, "tasks/update", task["taskId"], inputResponses=answers)

        assert acknowledged == {"resultType": "complete"}
        assert (await ask(client.session, "tasks/get", task["taskId"]))["status"] == "working"
        for wrong in ({}, {"inputResponses": "SECRET"}):
            assert (await refusal(client, "tasks/update", task["taskId"], **wrong)).code == -32602


@pytest.mark.parametrize("task_id", ["SECRET", "", NOBODYS_ID])
@pytest.mark.parametrize("method", METHODS)
async def test_an_unknown_task(mcp: str, method: str, task_id: str) -> None:
    async with declaring(mcp) as client:
        error = await refusal(client, method, task_id, **METHODS[method])

    assert (error.code, error.message, error.data) == (-32602, "Task not found", None)


@asynccontextmanager
async def declaring_with(key: str, url: str) -> AsyncIterator[Client]:
    async with (
        callers.rest(url, bearer(key)) as http,
        declaring(streamable_http_client(f"{url}/mcp", http_client=http)) as client,
    ):
        yield client


async def test_another_caller_s_task_is_an_unknown_one(keyed: str, request_body: Json) -> None:
    async with declaring_with(ANA, keyed) as ana:
        task = await started(ana, request_body)
        assert (await ask(ana.session, "tasks/get", task["taskId"]))["status"] == "working"
    async with declaring_with(BOB, keyed) as bob:
        for method, params in METHODS.items():
            error = await refusal(bob, method, task["taskId"], **params)
            assert (error.code, error.message, error.data) == (-32602, "Task not found", None)
    async with declaring_with(BOSS, keyed) as boss:
        # whose key reads all and changes nothing of others
        assert (await ask(boss.session, "tasks/get", task["taskId"]))["status"] == "working"
        assert (await refusal(boss, "tasks/cancel", task["taskId"])).message == "Task not found"


@pytest.mark.parametrize("change", [{"email": "SECRET"}, {"discount": 1}])
async def test_a_refused_start_is_no_task(mcp: str, request_body: Json, change: Json) -> None:
    async with declaring(mcp) as client:
        result = await client.call_tool("dev_create_quotation", request_body | change)

    assert result.is_error
    assert words_of(result).startswith("Wrong arguments: ")


async def test_a_dry_run_is_no_task(mcp: str, start_work: StartWork, request_body: Json) -> None:
    await start_work()
    async with declaring(mcp) as client:
        result = await client.session.call_tool(
            f"{ENVIRONMENT}_create_quotation", request_body | {"dry_run": True}, allow_claimed=True
        )

    assert isinstance(result, CallToolResult)
    assert not result.is_error


async def test_a_repeated_start_is_the_same_task(mcp: str, start_work: StartWork, request_body: Json) -> None:
    arguments = request_body | {"idempotency_key": new_tracking_id()}
    async with declaring(mcp) as client:
        first = await started(client, arguments, ENVIRONMENT)
        assert await started(client, arguments, ENVIRONMENT) == first
        await start_work()
        final = await ended(client.session, first["taskId"])

        # the end is told by tasks/get alone, since it has the result
        again = await started(client, arguments, ENVIRONMENT)

        assert (again["taskId"], again["status"], again["createdAt"]) == (
            first["taskId"],
            "working",
            final["createdAt"],
        )
        assert await ask(client.session, "tasks/get", first["taskId"]) == final


async def test_who_does_not_declare_tasks_gets_none(transport: Any, request_body: Json) -> None:
    async with Client(transport) as client:
        assert client.protocol_version == "2026-07-28"
        created = await client.call_tool("dev_create_quotation", request_body)
        assert created.structured_content
        tracking_id = created.structured_content["tracking_id"]
        for method, params in METHODS.items():
            error = await refusal(client, method, tracking_id, **params)
            assert error.code == -32021
            assert error.data == {"requiredCapabilities": {"extensions": {IDENTIFIER: {}}}}


async def test_earlier_versions_of_the_protocol_have_no_tasks(transport: Any, request_body: Json) -> None:
    async with Client(transport, mode="legacy", extensions=[PolledTasks()]) as client:
        assert not client.server_capabilities.extensions
        created = await client.call_tool("dev_create_quotation", request_body)
        assert created.structured_content
        for method, params in METHODS.items():
            error = await refusal(client, method, created.structured_content["tracking_id"], **params)
            assert error.code == -32601


async def test_tasks_can_be_switched_off(serve_gateway: StartGateway, request_body: Json) -> None:
    with serve_gateway(GATEWAY_MCP_TASKS="false") as url:
        async with declaring(f"{url}/mcp") as client:
            assert not client.server_capabilities.extensions
            created = await client.session.call_tool("dev_create_quotation", request_body, allow_claimed=True)
            assert isinstance(created, CallToolResult)
            assert created.structured_content
            error = await refusal(client, "tasks/get", created.structured_content["tracking_id"])

    assert error.code == -32601


async def test_every_client_is_told_the_same_tools(mcp: str) -> None:
    async with Client(mcp) as client:
        plain = {tool.name: tool for tool in (await client.list_tools()).tools}
    async with declaring(mcp) as client:
        told = {tool.name: tool for tool in (await client.list_tools()).tools}

    assert told == plain
    # a start that waits returns the status, and so does a task at its end
    assert "next_action" in (plain["dev_create_quotation"].output_schema or {})["properties"]
