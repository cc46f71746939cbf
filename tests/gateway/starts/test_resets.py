"""Temporal's own batch reset of failed runs: it matches old runs of quotations that were retried since."""

import asyncio
import contextlib
import subprocess
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowFailureError

from activities.failures import RequestError
from quotation import steps
from quotation.errors import ErrorCode
from quotation.messages import task_queue
from sandbox.processes import BIN
from tests.support.callers import rest
from tests.support.requests import body
from tests.support.script import Script
from tests.support.scripted_worker import sweep
from tests.support.serving import serving

# nobody else's quotations are in this environment
HERE = "repuesta"
NO_PRODUCT = RequestError(ErrorCode.PRODUCT_NOT_FOUND, "Product 1 does not exist.")
NO_USER = RequestError(ErrorCode.USER_NOT_FOUND, "User 1 does not exist.")
CORRECTED = 7

Status = dict[str, Any]


@pytest.fixture(scope="module")
def url(serve_gateway: Any) -> Iterator[str]:
    with serve_gateway(ENVIRONMENTS=HERE) as url:
        yield url


@pytest.fixture
async def http(url: str) -> AsyncIterator[httpx2.AsyncClient]:
    async with rest(url) as http:
        yield http


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def now() -> str:
    return datetime.now(UTC).isoformat()


@pytest.fixture(autouse=True)
async def _work(temporal: Client, script: Script) -> AsyncIterator[None]:
    await sweep(temporal, HERE)
    async with serving(temporal, HERE, script.activities()):
        yield
    await sweep(temporal, HERE)


async def start(http: httpx2.AsyncClient) -> Status:
    status: Status = (await http.post("/api/quotation/async?wait=30", json=body())).json()
    return status


async def retry(http: httpx2.AsyncClient, tracking_id: str, **corrections: Any) -> None:
    response = await http.post(f"/api/quotation/{tracking_id}/retry", json=corrections)
    assert response.status_code == 202, response.text


async def read(http: httpx2.AsyncClient, tracking_id: str, wait: int = 30) -> Status:
    status: Status = (await http.get(f"/api/quotation/status/{tracking_id}", params={"wait": wait})).json()
    return status


async def run_of(temporal: Client, tracking_id: str) -> str:
    return (await temporal.get_workflow_handle(tracking_id).describe()).run_id


async def reset_all_failed(temporal: Client, since: str, expected: int, kind: str = "FirstWorkflowTask") -> None:
    """Reset the failed runs of the environment, as soon as Temporal lists so many that began since then."""
    query = f"TaskQueue = '{task_queue(HERE)}' AND QuotationStatus = 'failed' AND StartTime >= '{since}'"
    async with asyncio.timeout(20):
        while (await temporal.count_workflows(query)).count != expected:
            await asyncio.sleep(0.1)
    await reset_by(temporal, "--query", query, "--type", kind, "--yes")


async def closed_after(temporal: Client, tracking_id: str, run_id: str) -> WorkflowExecutionStatus | None:
    """Return how a later run has ended."""
    async with asyncio.timeout(30):
        while True:
            run = await temporal.get_workflow_handle(tracking_id).describe()
            if run.run_id != run_id and run.close_time is not None:
                return run.status
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("kind", ["FirstWorkflowTask", "LastWorkflowTask"])
async def test_a_quotation_that_a_retry_has_completed_stays_completed(
    http: httpx2.AsyncClient, temporal: Client, script: Script, now: str, kind: str
) -> None:
    script.fail(steps.AUTHENTICATE, NO_PRODUCT)
    finished = (await start(http))["tracking_id"]
    await retry(http, finished, product_id=CORRECTED)
    before = await read(http, finished)
    script.fail(steps.AUTHENTICATE, NO_PRODUCT)
    failed = (await start(http))["tracking_id"]
    runs = {one: await run_of(temporal, one) for one in (finished, failed)}
    # until their logs are written
    for one, run_id in runs.items():
        with contextlib.suppress(WorkflowFailureError):
            await temporal.get_workflow_handle(one, run_id=run_id).result()
    orders = len(script.orders)
    documents = len(script.documents)

    seen: list[str] = []
    await reset_all_failed(temporal, now, 2, kind)
    async with asyncio.timeout(30):
        while await run_of(temporal, finished) == runs[finished]:
            seen.append((await read(http, finished, 0))["status"])
    seen += [(await read(http, finished, 0))["status"] for _ in range(5)]
    end = await closed_after(temporal, finished, runs[finished])
    await closed_after(temporal, failed, runs[failed])

    assert before["status"] == "completed"
    assert end is WorkflowExecutionStatus.COMPLETED
    assert await read(http, finished) == before
    assert set(seen) == {"completed"}
    [item] = (await http.get("/api/quotations?status=completed&words=" + finished)).json()["items"]
    assert item["sale_order_name"] == before["result"]["sale_order_name"]
    # the other one was the last run of its quotation, so it ran again
    again = await read(http, failed)
    if kind == "FirstWorkflowTask":
        assert again["status"] == "completed"
        assert (len(script.orders) - orders, len(script.documents) - documents) == (1, 2)
    else:
        assert again["status"] == "failed"
        assert len(script.orders) == orders


async def test_a_second_reset_of_the_same_runs_changes_nothing_either(
    http: httpx2.AsyncClient, temporal: Client, script: Script, now: str
) -> None:
    script.fail(steps.AUTHENTICATE, NO_PRODUCT)
    tracking_id = (await start(http))["tracking_id"]
    first = await run_of(temporal, tracking_id)
    await reset_all_failed(temporal, now, 1)
    await closed_after(temporal, tracking_id, first)
    before, second = await read(http, tracking_id), await run_of(temporal, tracking_id)
    assert before["status"] == "completed"
    orders = len(script.orders)

    await reset_all_failed(temporal, now, 1)
    await closed_after(temporal, tracking_id, second)

    assert await read(http, tracking_id) == before
    assert len(script.orders) == orders


async def test_a_quotation_whose_retry_failed_too_stays_as_the_retry_left_it(
    http: httpx2.AsyncClient, temporal: Client, script: Script
) -> None:
    script.fail(steps.AUTHENTICATE, NO_PRODUCT, NO_USER)
    tracking_id = (await start(http))["tracking_id"]
    first = await run_of(temporal, tracking_id)
    await retry(http, tracking_id, product_id=CORRECTED)
    before, second = await read(http, tracking_id), await run_of(temporal, tracking_id)
    assert before["error"]["code"] == "user_not_found"

    await reset(temporal, tracking_id, first)
    await closed_after(temporal, tracking_id, second)
    assert await read(http, tracking_id) == before

    # and the next retry goes on from there
    await retry(http, tracking_id)
    assert (await read(http, tracking_id))["status"] == "completed"
    assert [one.product_ids for one in script.requests][-1] == [CORRECTED]


async def test_a_reset_during_a_retry_takes_up_its_work(
    http: httpx2.AsyncClient, temporal: Client, script: Script
) -> None:
    script.fail(steps.AUTHENTICATE, NO_PRODUCT)
    tracking_id = (await start(http))["tracking_id"]
    first = await run_of(temporal, tracking_id)
    script.hold(steps.CREATE_LEAD)
    await retry(http, tracking_id, product_id=CORRECTED)
    await script.reached(steps.CREATE_LEAD)

    await reset(temporal, tracking_id, first)
    script.release(steps.CREATE_LEAD)
    status = await read(http, tracking_id)

    assert status["status"] == "completed"
    assert [one.product_ids for one in script.requests][-1] == [CORRECTED]


async def reset(temporal: Client, tracking_id: str, run_id: str) -> None:
    """Reset this run, as soon as Temporal lists the others."""
    async with asyncio.timeout(20):
        while (await temporal.count_workflows(f"WorkflowId = '{tracking_id}'")).count < 2:
            await asyncio.sleep(0.1)
    await reset_by(temporal, "--workflow-id", tracking_id, "--run-id", run_id, "--event-id", "3")


async def reset_by(temporal: Client, *options: str) -> None:
    address = str(temporal.service_client.config.target_host)
    command = [str(BIN / "temporal"), "workflow", "reset", "--address", address, "--reason", "test", *options]
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.DEVNULL)
    assert await process.wait() == 0
