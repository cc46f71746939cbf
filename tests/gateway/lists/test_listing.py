"""Lists of quotations over REST and MCP: a gateway with keys, and the real workflow with scripted activities."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any

import httpx2
import pytest
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.worker import Worker

from activities.failures import RequestError
from quotation import steps
from quotation.errors import ErrorCode
from quotation.identity import new_tracking_id
from quotation.messages import task_queue
from tests.support.callers import bearer, mcp, rest
from tests.support.requests import body
from tests.support.script import Script
from tests.support.serving import serving

Item = dict[str, Any]

# nobody else's quotations are in these environments
LISTED, OTHER = "lista", "otra"
# two callers for each test, so that it sees its own quotations only
CARLAS = [f"carla-{number}" for number in range(30)]
DORAS = [f"dora-{number}" for number in range(30)]
SETTINGS = {
    "ENVIRONMENTS": f"{LISTED},{OTHER}",
    "TRACKING_SECRET": "tracking-secret",
    "GATEWAY_API_KEYS": ",".join(
        [f"{name}:key-of-{name}:{LISTED}" for name in CARLAS]
        + [f"{name}:key-of-{name}:{LISTED}+{OTHER}" for name in DORAS]
        + [f"jefa:key-of-jefa:{LISTED}:all"]
    ),
}
NO_PRODUCT = RequestError(ErrorCode.PRODUCT_NOT_FOUND, "Product 1 does not exist.")
FIELDS = ("tracking_id", "status", "step", "environment", "created_at", "completed_at", "error")


@pytest.fixture(scope="module")
def lists(serve_gateway: Any) -> Iterator[str]:
    with serve_gateway(**SETTINGS) as url:
        yield url


_numbers = itertools.count()


@pytest.fixture
def number() -> int:
    return next(_numbers)


@pytest.fixture
async def carla(lists: str, number: int) -> AsyncIterator[httpx2.AsyncClient]:
    async with rest(lists, bearer(f"key-of-{CARLAS[number]}")) as http:
        yield http


@pytest.fixture
async def dora(lists: str, number: int) -> AsyncIterator[httpx2.AsyncClient]:
    async with rest(lists, bearer(f"key-of-{DORAS[number]}")) as http:
        yield http


@pytest.fixture
async def jefa(lists: str) -> AsyncIterator[httpx2.AsyncClient]:
    async with rest(lists, bearer("key-of-jefa")) as http:
        yield http


_started: list[str] = []


@pytest.fixture(autouse=True)
async def _leave_no_work(temporal: Client) -> AsyncIterator[None]:
    yield
    while _started:
        with contextlib.suppress(RPCError):
            await temporal.get_workflow_handle(_started.pop()).terminate()


Work = Callable[[Script], Awaitable[None]]


@pytest.fixture
async def work(temporal: Client) -> AsyncIterator[Work]:
    """Starts a worker whose activities follow a script."""
    async with contextlib.AsyncExitStack() as stack:

        async def start(script: Script) -> None:
            await stack.enter_async_context(worker_for(temporal, script))

        yield start


def worker_for(temporal: Client, script: Script) -> AbstractAsyncContextManager[Worker]:
    return serving(temporal, LISTED, script.activities())


async def start(http: httpx2.AsyncClient, environment: str = LISTED) -> str:
    response = await http.post(f"/api/{environment}/quotation/async", json=body())
    assert response.status_code == 202, response.text
    tracking_id = str(response.json()["tracking_id"])
    _started.append(tracking_id)
    return tracking_id


async def items(http: httpx2.AsyncClient, path: str = "/api/quotations", **parameters: Any) -> list[Item]:
    response = await http.get(path, params=parameters)
    assert response.status_code == 200, response.text
    found: list[Item] = response.json()["items"]
    return found


async def listed(
    http: httpx2.AsyncClient,
    *expected: str,
    path: str = "/api/quotations",
    among: Collection[str] | None = None,
    **parameters: Any,
) -> list[Item]:
    """Return the list as soon as it has these ids in this order; Temporal's lists lag a little.

    Of `among` where it is given, and all there are otherwise.
    """
    found: list[Item] = []
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(15):
            while [item["tracking_id"] for item in found] != list(expected):
                await asyncio.sleep(0.1)
                found = await items(http, path, **parameters)
                found = [item for item in found if among is None or item["tracking_id"] in among]
    assert [item["tracking_id"] for item in found] == list(expected)
    return found


async def final(http: httpx2.AsyncClient, tracking_id: str, *states: str) -> Item:
    async with asyncio.timeout(20):
        while True:
            status: Item = (await http.get(f"/api/quotation/status/{tracking_id}")).json()
            if status["status"] in (states or ("completed", "failed", "cancelled")):
                return status
            await asyncio.sleep(0.05)


async def attributes_of(temporal: Client, tracking_id: str) -> dict[str, Any]:
    attributes = (await temporal.get_workflow_handle(tracking_id).describe()).typed_search_attributes
    return {key.name: value for key, value in attributes if not key.name.startswith(("Build", "Temporal"))}


async def closed(temporal: Client, tracking_id: str) -> None:
    async with asyncio.timeout(20):
        while (await temporal.get_workflow_handle(tracking_id).describe()).close_time is None:
            await asyncio.sleep(0.05)


async def test_running_ones_come_first_and_then_the_last_to_end(
    carla: httpx2.AsyncClient, temporal: Client
) -> None:
    first, second, third, fourth = [await start(carla) for _ in range(4)]
    await temporal.get_workflow_handle(third).terminate()
    await temporal.get_workflow_handle(first).terminate()

    found = await listed(carla, fourth, second, first, third)

    assert [item["status"] for item in found] == ["queued", "queued", "failed", "failed"]
    assert set(found[0]) == {*FIELDS, "sale_order_name"}
    assert found[2]["error"]["code"] == "terminated"
    for item in found:
        status = (await carla.get(f"/api/quotation/status/{item['tracking_id']}")).json()
        assert {name: item[name] for name in FIELDS} == {name: status[name] for name in FIELDS}


async def test_each_state_is_found_by_its_word_and_told_as_the_status_tells_it(
    carla: httpx2.AsyncClient, temporal: Client, work: Work
) -> None:
    script = Script()
    script.fail_after(steps.AUTHENTICATE, 1, NO_PRODUCT)
    await work(script)
    completed = await start(carla)
    await final(carla, completed)
    failed = await start(carla)
    await final(carla, failed)
    script.hold(steps.CREATE_LEAD)
    cancelled = await start(carla)
    await final(carla, cancelled, "processing")
    await carla.post(f"/api/quotation/{cancelled}/cancel")
    script.release(steps.CREATE_LEAD)
    await final(carla, cancelled)
    script.hold(steps.CREATE_LEAD)
    processing = await start(carla)
    await final(carla, processing, "processing")
    terminated = await start(carla)
    await temporal.get_workflow_handle(terminated).terminate()
    for tracking_id in (completed, failed, cancelled):
        await closed(temporal, tracking_id)

    await listed(carla, processing, terminated, cancelled, failed, completed)
    found = {
        "completed": await listed(carla, completed, status="completed"),
        "failed": await listed(carla, terminated, failed, status="failed"),
        "cancelled": await listed(carla, cancelled, status="cancelled"),
        "processing": await listed(carla, processing, status="processing"),
    }
    assert await items(carla, status="queued") == []
    for state, ones in found.items():
        for item in ones:
            status = (await carla.get(f"/api/quotation/status/{item['tracking_id']}")).json()
            assert item["status"] == state
            assert {name: item[name] for name in FIELDS} == {name: status[name] for name in FIELDS}
            assert item["sale_order_name"] == status["result"]["sale_order_name"]
    assert found["completed"][0]["sale_order_name"] == "S15433"
    script.release(steps.CREATE_LEAD)


async def test_one_that_was_terminated_while_it_wrote_its_log_is_completed_all_the_same(
    carla: httpx2.AsyncClient, temporal: Client, work: Work
) -> None:
    script = Script()
    script.hold(steps.LOG_TO_S3)
    await work(script)
    tracking_id = await start(carla)
    await final(carla, tracking_id, "completed")
    await temporal.get_workflow_handle(tracking_id).terminate()

    await listed(carla, tracking_id, status="completed")

    await closed(temporal, tracking_id)
    assert await items(carla, status="failed") == []
    assert await items(carla, status="completed") == await items(carla)
    script.release(steps.LOG_TO_S3)


async def test_a_retried_one_is_listed_once_as_it_is_now(
    carla: httpx2.AsyncClient, temporal: Client, work: Work, number: int
) -> None:
    script = Script()
    script.fail(steps.AUTHENTICATE, NO_PRODUCT)
    await work(script)
    retried = await start(carla)
    await final(carla, retried)
    await closed(temporal, retried)
    await listed(carla, retried, status="failed")
    other = await start(carla)
    await final(carla, other)
    assert (await carla.post(f"/api/quotation/{retried}/retry")).status_code == 202
    status = await final(carla, retried, "completed")

    [item, _] = await listed(carla, retried, other, status="completed")

    assert item["created_at"] == status["created_at"]
    assert item["sale_order_name"] == "S15433"
    assert await items(carla, status="failed") == []
    assert [item["tracking_id"] for item in await items(carla)] == [retried, other]
    assert await attributes_of(temporal, retried) == {
        "QuotationOwner": CARLAS[number],
        "QuotationStatus": "completed",
        "QuotationEnvironment": LISTED,
        "QuotationStep": "done",
        "SaleOrder": "S15433",
    }


async def test_pages_hold_each_quotation_once_in_the_order_of_the_whole(
    carla: httpx2.AsyncClient, dora: httpx2.AsyncClient, temporal: Client
) -> None:
    mine = []
    for number in range(5):
        mine.append(await start(carla))
        await start(dora)
        if number < 3:
            await temporal.get_workflow_handle(mine[-1]).terminate()
    whole = [item["tracking_id"] for item in await listed(carla, mine[4], mine[3], mine[2], mine[1], mine[0])]

    pages: list[list[str]] = []
    cursor = ""
    while cursor is not None:
        response = (await carla.get("/api/quotations", params={"limit": 2, "cursor": cursor})).json()
        pages.append([item["tracking_id"] for item in response["items"]])
        cursor = response["next_cursor"]

    assert [tracking_id for page in pages for tracking_id in page] == whole
    assert [len(page) for page in pages][:3] == [2, 2, 1]


async def test_everyone_lists_their_own_and_who_reads_all_lists_everyones(
    carla: httpx2.AsyncClient, dora: httpx2.AsyncClient, jefa: httpx2.AsyncClient
) -> None:
    carlas = await start(carla)
    doras = await start(dora)
    elsewhere = await start(dora, OTHER)

    await listed(jefa, doras, carlas, among=(doras, carlas, elsewhere))
    await listed(carla, carlas)
    await listed(dora, elsewhere, doras)
    await listed(dora, doras, path=f"/api/{LISTED}/quotations")
    await listed(dora, elsewhere, path=f"/api/{OTHER}/quotations")


async def test_rest_and_mcp_list_the_same(
    lists: str, carla: httpx2.AsyncClient, temporal: Client, number: int
) -> None:
    first, second = await start(carla), await start(carla)
    await temporal.get_workflow_handle(first).terminate()
    await listed(carla, second, first)

    async with mcp(lists, bearer(f"key-of-{CARLAS[number]}")) as client:
        page = await client.call_tool(f"{LISTED}_list_quotations", {"limit": "1"})
        failed = await client.call_tool(f"{LISTED}_list_quotations", {"status": "failed"})
        wrong = await client.call_tool(f"{LISTED}_list_quotations", {"status": "SECRET"})

    assert page.structured_content == (await carla.get("/api/quotations?limit=1")).json()
    assert failed.structured_content == (await carla.get("/api/quotations?status=failed")).json()
    assert wrong.is_error
    assert "SECRET" not in str(wrong.content)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("status=SECRET", "status"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("cursor=SECRET", "cursor"),
        ("cursor=eyJTRUNSRVQiOiAxfQ", "cursor"),
        ("cursor=%C3%B1", "cursor"),
        ("owners=SECRET", "owners"),
        ("error_code=SECRET", "error_code"),
        ("since=SECRET", "since"),
    ],
)
async def test_wrong_parameters_are_named(carla: httpx2.AsyncClient, query: str, field: str) -> None:
    response = await carla.get(f"/api/quotations?{query}")

    assert response.status_code == 422
    assert [error["field"] for error in response.json()["errors"]] == [field]
    assert "SECRET" not in response.text


@pytest.mark.parametrize("change", [lambda cursor: cursor[:-4], lambda cursor: cursor[:20] + "x" + cursor[21:]])
async def test_a_cursor_that_was_changed_is_refused_at_once(
    carla: httpx2.AsyncClient, change: Callable[[str], str]
) -> None:
    for _ in range(2):
        await start(carla)
    async with asyncio.timeout(10):
        while not (cursor := (await carla.get("/api/quotations?limit=1")).json()["next_cursor"]):
            await asyncio.sleep(0.1)

    async with asyncio.timeout(2):
        response = await carla.get("/api/quotations", params={"cursor": change(cursor)})

    assert response.status_code == 422


async def test_blank_parameters_are_absent_ones(carla: httpx2.AsyncClient) -> None:
    tracking_id = await start(carla)

    await listed(carla, tracking_id, status="", limit="", cursor="")


@pytest.mark.parametrize(("environment", "status"), [(OTHER, 403), ("staging", 404)])
async def test_an_environment_that_is_not_the_callers_is_refused(
    carla: httpx2.AsyncClient, environment: str, status: int
) -> None:
    assert (await carla.get(f"/api/{environment}/quotations")).status_code == status


async def test_search_attributes_tell_owner_and_status_and_no_customer(
    carla: httpx2.AsyncClient, temporal: Client, number: int
) -> None:
    assert await attributes_of(temporal, await start(carla)) == {
        "QuotationOwner": CARLAS[number],
        "QuotationStatus": "queued",
        "QuotationEnvironment": LISTED,
    }


async def test_search_attributes_of_a_failed_one_tell_what_failed_where(
    carla: httpx2.AsyncClient, temporal: Client, work: Work, number: int
) -> None:
    script = Script()
    script.checked = {"salesperson_id": 9}
    script.fail(steps.CREATE_LEAD, NO_PRODUCT)
    await work(script)
    failed = await start(carla)
    await final(carla, failed)
    await closed(temporal, failed)

    assert await attributes_of(temporal, failed) == {
        "QuotationOwner": CARLAS[number],
        "QuotationStatus": "failed",
        "QuotationEnvironment": LISTED,
        "QuotationStep": "lead",
        "ErrorCode": "product_not_found",
        "Salesperson": "9",
    }
    history = await temporal.get_workflow_handle(failed).fetch_history()
    upserted = [
        set(event.upsert_workflow_search_attributes_event_attributes.search_attributes.indexed_fields)
        for event in history.events
        if event.HasField("upsert_workflow_search_attributes_event_attributes")
    ]
    at_end = {"QuotationStatus", "QuotationStep", "ErrorCode", "Salesperson"}
    # each patch has an event of its own
    assert [names for names in upserted if "QuotationStatus" in names] == [{"QuotationStatus"}, at_end]


async def test_runs_that_cannot_be_read_take_the_list_from_nobody(
    jefa: httpx2.AsyncClient, carla: httpx2.AsyncClient, temporal: Client
) -> None:
    queue = task_queue(LISTED)
    memo = {"environment": {"SECRET": 1}, "status": "SECRET", "environment_name": LISTED}
    broken = await temporal.start_workflow("Quotation", id=new_tracking_id(), task_queue=queue, memo=memo)
    nameless = await temporal.start_workflow("Quotation", id="no-tracking-id", task_queue=queue)
    _started.extend([broken.id, nameless.id])
    mine = await start(carla)

    [_, item] = await listed(jefa, mine, broken.id, among=(mine, broken.id, nameless.id))

    assert (item["status"], item["environment"]) == ("queued", LISTED)
    assert datetime.fromisoformat(item["created_at"])
