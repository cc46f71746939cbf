"""The numbers for operators: `/metrics`."""

import asyncio
import math
from collections.abc import Coroutine
from typing import Any

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families
from temporalio.client import Client, WorkflowHandle

from quotation.identity import new_tracking_id
from quotation.messages import LOG_WORKFLOW, task_queue
from sandbox.ports import free_port
from tests.gateway.conftest import StartGateway
from tests.support import callers
from tests.support.callers import ANA, bearer

Body = dict[str, Any]
Numbers = dict[tuple[str, ...], float]


async def numbers(http: httpx2.AsyncClient, name: str) -> Numbers:
    """The values of one metric by those of its labels, in the order of their names."""
    answer = await http.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    return {
        tuple(sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
        if sample.name == name
    }


@pytest.fixture(scope="module")
def fresh(serve_gateway: StartGateway) -> Any:
    """A gateway that has counted nothing of other tests."""
    with serve_gateway(**callers.SETTINGS) as url:
        yield url


async def test_requests_and_starts_are_counted_without_names(fresh: str, request_body: Body) -> None:
    async with callers.rest(fresh, bearer(ANA)) as http:
        key = {"Idempotency-Key": "once"}
        for _ in range(2):
            started = await http.post("/api/quotation/async", json=request_body, headers=key)
        tracking_id = started.json()["tracking_id"]
        for _ in range(3):
            await http.get(f"/api/quotation/status/{tracking_id}")
        for path in ("SECRET-1", "SECRET-2"):
            await http.get(f"/{path}")
        await http.get("/api/prod/quotation/status/quot_000000000000")

        requests = await numbers(http, "gateway_http_requests_total")
        seconds = await numbers(http, "gateway_http_request_seconds_count")
        starts = await numbers(http, "gateway_quotation_starts_total")
        queries = await numbers(http, "gateway_status_queries_total")
        everything = (await http.get("/metrics")).text
    async with callers.rest(fresh) as nobody:
        assert (await nobody.get("/metrics")).status_code == 401
        assert (await nobody.get("/api/quotations")).status_code == 401
    async with callers.rest(fresh, bearer(ANA)) as http:
        refused = await numbers(http, "gateway_http_requests_total")

    assert requests["POST", "/api/quotation/async", "202"] == 2
    assert requests["GET", "/api/quotation/status/{tracking_id}", "200"] == 3
    assert seconds["GET", "/api/quotation/status/{tracking_id}"] == 3
    assert requests["GET", "/api/{environment}/quotation/status/{tracking_id}", "403"] == 1
    assert requests["GET", "none", "404"] == 2
    # refused before they were routed
    assert refused["GET", "none", "401"] == 2
    assert starts == {("dev", "started"): 1, ("dev", "replayed"): 1}
    assert queries == {("unanswered",): 3}
    for word in ("Acme", "ana", tracking_id, "SECRET"):
        assert word not in everything


async def test_tool_calls_are_counted_by_their_outcome(fresh: str) -> None:
    async with callers.mcp(fresh, bearer(ANA)) as client:
        await client.call_tool("dev_list_quotations", {})
        await client.call_tool("dev_get_quotation_status", {"tracking_id": "quot_000000000000"})
    async with callers.rest(fresh, bearer(ANA)) as http:
        calls = await numbers(http, "gateway_mcp_tool_calls_total")

    assert calls == {("done", "dev_list_quotations"): 1, ("refused", "dev_get_quotation_status"): 1}


async def test_an_outage_of_temporal_is_counted(serve_gateway: StartGateway) -> None:
    with serve_gateway(TEMPORAL_ADDRESS=f"127.0.0.1:{free_port()}", ready="healthz") as url:
        async with callers.rest(url) as http:
            away = await http.get("/api/quotation/status/quot_000000000000")
            failures = await numbers(http, "gateway_temporal_failures_total")

    assert away.status_code == 503
    assert sum(failures.values()) == 1


async def test_logs_that_are_not_written_yet_are_counted(fresh: str, temporal: Client) -> None:
    def start() -> Coroutine[Any, Any, WorkflowHandle[Any, Any]]:
        name = f"{new_tracking_id()}-log"
        return temporal.start_workflow(LOG_WORKFLOW, id=name, task_queue=task_queue("prod"))

    async with callers.rest(fresh, bearer(ANA)) as http:
        before = await numbers(http, "gateway_unwritten_logs")
        waiting = [await start() for _ in range(3)]
        async with asyncio.timeout(30):
            while await numbers(http, "gateway_unwritten_logs") != before | {("prod",): before["prod",] + 3}:
                await asyncio.sleep(0.1)
        for log in waiting:
            await log.terminate()
        async with asyncio.timeout(30):
            while await numbers(http, "gateway_unwritten_logs") != before:
                await asyncio.sleep(0.1)
    assert set(before) >= {("dev",), ("prod",)}


async def test_unwritten_logs_are_no_number_if_temporal_is_away(serve_gateway: StartGateway) -> None:
    with serve_gateway(TEMPORAL_ADDRESS=f"127.0.0.1:{free_port()}", ready="healthz") as url:
        async with callers.rest(url) as http:
            unwritten = await numbers(http, "gateway_unwritten_logs")

    assert list(unwritten) == [("dev",)]
    assert math.isnan(unwritten["dev",])


async def test_an_environment_like_another_part_of_the_path_makes_no_new_series(fresh: str) -> None:
    async with callers.rest(fresh, bearer(ANA)) as http:
        for environment in ("api", "quotation", "x"):
            await http.get(f"/api/{environment}/quotation/status/quot_000000000000/")
        requests = await numbers(http, "gateway_http_requests_total")

    assert requests["GET", "/api/{environment}/quotation/status/{tracking_id}", "404"] == 3
