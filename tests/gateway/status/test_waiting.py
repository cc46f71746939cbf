"""Waiting instead of polling: `?wait=`, `wait_seconds` and server-sent events."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx2
import pytest
from mcp.client.client import Client as McpClient
from temporalio.client import Client
from temporalio.service import RPCError

from log_store import LogStoreError
from odoo_client import OdooUnavailableError
from quotation import steps, texts
from quotation.status import Step
from tests.support.script import Script
from tests.support.scripted_worker import ENVIRONMENT, StartWork
from tests.support.temporal_requests import asked, samples

Body = dict[str, Any]

STATUS = "/api/quotation/status"

CHANGES = 20
"""More than a quotation's history tells of."""


@pytest.fixture
async def tracking_id(http: httpx2.AsyncClient, temporal: Client, request_body: Body) -> AsyncIterator[str]:
    tracking_id = await start(http, request_body)
    yield tracking_id
    with contextlib.suppress(RPCError):
        await temporal.get_workflow_handle(tracking_id).terminate()


async def events(http: httpx2.AsyncClient, tracking_id: str) -> AsyncIterator[Body]:
    async with http.stream("GET", f"/api/quotation/{tracking_id}/events", timeout=60) as response:
        assert response.status_code == 200
        assert response.headers["Content-Type"].startswith("text/event-stream")
        async for line in response.aiter_lines():
            if line.startswith("data: "):
                yield json.loads(line.removeprefix("data: "))


async def all_events(http: httpx2.AsyncClient, tracking_id: str) -> list[Body]:
    return [status async for status in events(http, tracking_id)]


async def start(http: httpx2.AsyncClient, request_body: Body) -> str:
    answer = await http.post(f"/api/{ENVIRONMENT}/quotation/async", json=request_body)
    return str(answer.json()["tracking_id"])


def many_connections(gateway: str) -> httpx2.AsyncClient:
    limits = httpx2.Limits(max_connections=None)
    return httpx2.AsyncClient(base_url=gateway, timeout=httpx2.Timeout(120, pool=None), limits=limits)


async def until(value: Callable[[], Awaitable[float]], expected: float) -> None:
    async with asyncio.timeout(60):
        while await value() != expected:
            await asyncio.sleep(0.2)


async def at_step(http: httpx2.AsyncClient, tracking_id: str, step: str) -> None:
    async with asyncio.timeout(60):
        while (await http.get(f"{STATUS}/{tracking_id}")).json()["step"] != step:
            await asyncio.sleep(0.2)


async def watchers(gateway: str) -> float:
    """How many wait, as the gateway itself tells."""
    return sum(sample.value for sample in await samples(f"{gateway}/metrics", "gateway_watchers"))


async def test_wait_ends_with_the_published_status_not_with_the_log(
    http: httpx2.AsyncClient, start_work: StartWork, script: Script, tracking_id: str
) -> None:
    script.hold(steps.LOG_TO_S3)
    await start_work()
    async with asyncio.timeout(40):
        answer = await http.get(f"{STATUS}/{tracking_id}", params={"wait": 60}, timeout=70)
    assert answer.json()["status"] == "completed"
    assert answer.json()["spoken_status"].startswith("La cotización número S, uno, cinco, cuatro, tres, tres está")
    script.release(steps.LOG_TO_S3)


async def test_wait_ends_after_its_time_with_the_status_so_far(
    http: httpx2.AsyncClient, start_work: StartWork, script: Script, tracking_id: str
) -> None:
    script.hold(steps.CREATE_LEAD)
    await start_work()
    await script.reached(steps.CREATE_LEAD)
    answer = await http.get(f"{STATUS}/{tracking_id}", params={"wait": 1})
    assert (answer.json()["status"], answer.json()["step"]) == ("processing", "lead")
    script.release(steps.CREATE_LEAD)


async def test_wait_without_a_worker_is_answered(http: httpx2.AsyncClient, tracking_id: str) -> None:
    answer = await http.get(f"{STATUS}/{tracking_id}", params={"wait": "0.5"})
    assert (answer.status_code, answer.json()["status"]) == (200, "queued")


async def test_wait_notices_a_terminated_run(http: httpx2.AsyncClient, temporal: Client, tracking_id: str) -> None:
    waiting = asyncio.create_task(http.get(f"{STATUS}/{tracking_id}", params={"wait": 30}, timeout=40))
    await asyncio.sleep(0.5)
    await temporal.get_workflow_handle(tracking_id).terminate()
    assert (await waiting).json()["error"]["code"] == "terminated"


@pytest.mark.parametrize("wait", ["-1", "x", "nan"])
async def test_a_wrong_wait_is_refused(http: httpx2.AsyncClient, tracking_id: str, wait: str) -> None:
    answer = await http.get(f"{STATUS}/{tracking_id}", params={"wait": wait})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "wait")


async def test_events_tell_every_step_and_end_with_the_final_status(
    http: httpx2.AsyncClient, start_work: StartWork, script: Script, tracking_id: str
) -> None:
    script.hold(steps.CREATE_LEAD)
    stream = events(http, tracking_id)
    first = await anext(stream)
    assert (first["status"], first["tracking_id"]) == ("queued", tracking_id)
    await start_work()
    async with asyncio.timeout(30):
        while (status := await anext(stream))["step"] != "lead":
            pass
        script.release(steps.CREATE_LEAD)
        rest = [status async for status in stream]
    assert status["result"]["partner_id"] == 124258
    assert rest[-1]["status"] == "completed"
    assert [status["status"] for status in rest[:-1]].count("completed") == 0
    final = (await http.get(f"{STATUS}/{tracking_id}")).json()
    assert rest[-1] == final


async def test_events_tell_of_an_outage(
    http: httpx2.AsyncClient, start_work: StartWork, script: Script, tracking_id: str
) -> None:
    script.fail_always(steps.CREATE_LEAD, OdooUnavailableError("Odoo refused the connection."))
    await start_work()
    async with asyncio.timeout(30):
        async for status in events(http, tracking_id):
            if status["retrying"]:
                break
    assert status["retrying"]["last_error"] == "Odoo refused the connection."
    script.recover(steps.CREATE_LEAD)


async def test_events_of_a_finished_quotation_are_one(
    http: httpx2.AsyncClient, start_work: StartWork, script: Script, tracking_id: str
) -> None:
    script.fail_always(steps.LOG_TO_S3, LogStoreError("S3 answered 503."))
    await start_work()
    await http.get(f"{STATUS}/{tracking_id}", params={"wait": 60}, timeout=70)
    assert [status["status"] for status in await all_events(http, tracking_id)] == ["completed"]


@pytest.mark.parametrize(("tracking_id", "code"), [("quot_000000000000", 404), ("quot_0", 422)])
async def test_events_of_no_quotation(http: httpx2.AsyncClient, tracking_id: str, code: int) -> None:
    assert (await http.get(f"/api/quotation/{tracking_id}/events")).status_code == code


async def test_a_thousand_who_wait_poll_nothing(
    http: httpx2.AsyncClient,
    gateway: str,
    start_work: StartWork,
    script: Script,
    request_body: Body,
    temporal_metrics_port: int,
) -> None:
    script.hold(steps.CREATE_LEAD)
    await start_work()
    ids = [await start(http, request_body) for _ in range(10)]
    await script.reached(steps.CREATE_LEAD)
    asked_before = await asked(temporal_metrics_port)
    waiting: list[asyncio.Task[httpx2.Response]] = []
    async with contextlib.AsyncExitStack() as clients:
        # one client would look at all of its connections for each request
        for _ in range(10):
            many = await clients.enter_async_context(many_connections(gateway))
            for tracking_id in ids * 10:
                get = many.get(f"{STATUS}/{tracking_id}", params={"wait": 60})
                waiting.append(asyncio.create_task(get))
            await until(lambda: watchers(gateway), len(waiting))
        asked_at_first = await asked(temporal_metrics_port)
        await asyncio.sleep(5)
        asked_at_last = await asked(temporal_metrics_port)
        script.release(steps.CREATE_LEAD)
        answers = await asyncio.gather(*waiting)

    assert {answer.json()["status"] for answer in answers} == {"completed"}
    # whether the caller may know of the quotation, once each
    assert (asked_at_first - asked_before)["DescribeWorkflowExecution"] <= 1000 + 10 * CHANGES
    assert (asked_at_first - asked_before)["QueryWorkflow"] == 0
    # and then one long poll a quotation, which Temporal answers after 20 s
    assert (asked_at_last - asked_at_first)["DescribeWorkflowExecution"] <= 10
    assert (asked_at_last - asked_at_first)["GetWorkflowExecutionHistory"] <= 10


async def test_quotations_that_many_wait_for_are_not_polled_at_each_change(
    http: httpx2.AsyncClient,
    gateway: str,
    start_work: StartWork,
    script: Script,
    request_body: Body,
    temporal_metrics_port: int,
) -> None:
    script.hold(steps.CREATE_LEAD)
    ids = [await start(http, request_body) for _ in range(20)]
    async with many_connections(gateway) as many:
        waiting = [
            asyncio.create_task(many.get(f"{STATUS}/{tracking_id}", params={"wait": 60})) for tracking_id in ids
        ]
        await until(lambda: watchers(gateway), len(ids))
        asked_before = await asked(temporal_metrics_port)
        await start_work()
        for tracking_id in ids:
            await at_step(http, tracking_id, "lead")
        asked_after = await asked(temporal_metrics_port)
        script.release(steps.CREATE_LEAD)
        answers = await asyncio.gather(*waiting)

    assert {answer.json()["status"] for answer in answers} == {"completed"}
    # three steps make up to nine changes in a history
    assert (asked_after - asked_before)["PollWorkflowExecutionHistory"] <= 4 * len(ids)


async def test_many_who_follow_one_quotation_cost_no_more_than_one(
    gateway: str,
    start_work: StartWork,
    script: Script,
    tracking_id: str,
    temporal_metrics_port: int,
) -> None:
    script.hold(steps.CREATE_LEAD)
    await start_work()
    await script.reached(steps.CREATE_LEAD)
    async with many_connections(gateway) as many:
        streams = [asyncio.create_task(all_events(many, tracking_id)) for _ in range(100)]
        await until(lambda: watchers(gateway), 100)
        asked_before = await asked(temporal_metrics_port)
        script.release(steps.CREATE_LEAD)
        told = await asyncio.gather(*streams)
        asked_after = await asked(temporal_metrics_port)

    assert {statuses[-1]["status"] for statuses in told} == {"completed"}
    assert (asked_after - asked_before)["DescribeWorkflowExecution"] <= CHANGES + 10


async def test_a_quotation_without_a_pending_step_is_followed_without_reads(
    http: httpx2.AsyncClient, start_work: StartWork, tracking_id: str, temporal_metrics_port: int
) -> None:
    stream = events(http, tracking_id)
    assert (await anext(stream))["status"] == "queued"
    await asyncio.sleep(1)
    asked_before = await asked(temporal_metrics_port)
    # twice the pause between two reads
    await asyncio.sleep(4.5)
    assert (await asked(temporal_metrics_port) - asked_before)["DescribeWorkflowExecution"] == 0
    await start_work()
    async with asyncio.timeout(30):
        assert [status["status"] async for status in stream][-1] == "completed"


async def test_a_model_waits_in_the_status_tool(
    gateway: str, start_work: StartWork, script: Script, tracking_id: str
) -> None:
    script.hold(steps.CREATE_LEAD)
    await start_work()
    await script.reached(steps.CREATE_LEAD)
    tool, arguments = f"{ENVIRONMENT}_get_quotation_status", {"tracking_id": tracking_id}
    async with McpClient(f"{gateway}/mcp") as client:
        early = (await client.call_tool(tool, arguments | {"wait_seconds": 0.5})).structured_content
        script.release(steps.CREATE_LEAD)
        done = (await client.call_tool(tool, arguments | {"wait_seconds": 20})).structured_content
        wrong = await client.call_tool(tool, arguments | {"wait_seconds": 21})
    assert early
    assert done
    assert (early["status"], early["poll_after_seconds"]) == ("processing", 5)
    assert early["next_action"] == f"Not finished: call {tool} again with wait_seconds 20."
    assert (done["status"], done["poll_after_seconds"]) == ("completed", None)
    assert done["next_action"].startswith("Finished")
    assert wrong.is_error


async def test_progress_never_goes_back(
    gateway: str, start_work: StartWork, script: Script, tracking_id: str
) -> None:
    script.hold(steps.CREATE_LEAD)
    await start_work()
    await script.reached(steps.CREATE_LEAD)
    told: list[str | None] = []

    async def tell(progress: float, total: float | None, message: str | None) -> None:  # noqa: ARG001
        told.append(message)

    async with McpClient(f"{gateway}/mcp") as client:
        arguments = {"tracking_id": tracking_id, "wait_seconds": 1}
        await client.call_tool(f"{ENVIRONMENT}_get_quotation_status", arguments, progress_callback=tell)
    script.release(steps.CREATE_LEAD)

    assert set(told) == {texts.PROGRESS[Step.LEAD]}


@pytest.mark.parametrize(
    ("method", "path", "body", "code", "spoken"),
    [
        ("POST", "/api/quotation/async", {"email": "SECRET"}, "unprocessable_entity", "revise"),
        ("POST", "/api/quotation/async", None, "unprocessable_entity", "No fue posible"),
        ("GET", f"{STATUS}/quot_000000000000", None, "not_found", "No encuentro"),
        ("GET", f"{STATUS}/quot_0", None, "unprocessable_entity", "número de seguimiento"),
    ],
)
async def test_a_refusal_can_be_told_in_the_body(
    http: httpx2.AsyncClient, method: str, path: str, body: Body | None, code: str, spoken: str
) -> None:
    answer = await http.request(method, path, params={"errors": "body"}, json=body)
    assert (answer.status_code, answer.json()["status"]) == (200, "rejected")
    assert answer.json()["error"]["code"] == code
    assert spoken in answer.json()["spoken_status"]
    assert "SECRET" not in answer.text
    assert (await http.request(method, path, json=body)).status_code in (404, 422)
