"""Many failed quotations run again with one call: over REST and MCP, with the real workflow."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx2
import pytest
from temporalio.client import Client

from activities.failures import RequestError
from quotation import steps
from quotation.errors import ErrorCode
from tests.support.callers import bearer, mcp, rest
from tests.support.requests import body
from tests.support.script import Script
from tests.support.scripted_worker import sweep
from tests.support.serving import serving

# nobody else's quotations are in these environments
MANY, OTHER = "masa", "resto"
CALLERS = [f"elena-{number}" for number in range(20)]
SETTINGS = {
    "ENVIRONMENTS": f"{MANY},{OTHER}",
    "TRACKING_SECRET": "tracking-secret",
    "GATEWAY_API_KEYS": ",".join([*(f"{name}:key-of-{name}" for name in CALLERS), f"jefa:key-of-jefa:{MANY}:all"]),
}
NO_PRODUCT = RequestError(ErrorCode.PRODUCT_NOT_FOUND, "Product 1 does not exist.")
NO_USER = RequestError(ErrorCode.USER_NOT_FOUND, "User 1 does not exist.")
RETRY = "/api/quotations/retry"

_numbers = itertools.count()


@pytest.fixture(scope="module")
def gateway_url(serve_gateway: Any) -> Iterator[str]:
    with serve_gateway(**SETTINGS) as url:
        yield url


@pytest.fixture
def key() -> str:
    """The key of a caller of this test alone."""
    return f"key-of-{CALLERS[next(_numbers)]}"


@pytest.fixture
async def elena(gateway_url: str, key: str) -> AsyncIterator[httpx2.AsyncClient]:
    async with rest(gateway_url, bearer(key)) as http:
        yield http


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture(autouse=True)
async def _work(temporal: Client, script: Script) -> AsyncIterator[None]:
    # the retries of another test may start late, and would meet this test's script
    await sweep(temporal, MANY)
    async with serving(temporal, MANY, script.activities()):
        yield
    await sweep(temporal, MANY)


async def final(http: httpx2.AsyncClient, tracking_id: str) -> dict[str, Any]:
    response = await http.get(f"/api/quotation/status/{tracking_id}", params={"wait": 30})
    status: dict[str, Any] = response.json()
    assert status["completed_at"] is not None
    return status


async def failed(http: httpx2.AsyncClient, script: Script, *errors: Exception) -> list[dict[str, Any]]:
    """Return the final statuses of quotations that fail one after the other, as soon as all of them are listed."""
    statuses = []
    for error in errors:
        script.fail(steps.AUTHENTICATE, error)
        response = await http.post(f"/api/{MANY}/quotation/async", json=body())
        statuses.append(await final(http, response.json()["tracking_id"]))
    await listed(http, len(errors))
    return statuses


async def listed(http: httpx2.AsyncClient, number: int) -> None:
    """Wait until so many failed ones are in the list, which lags a little."""
    async with asyncio.timeout(60):
        while len((await http.get("/api/quotations", params={"status": "failed"})).json()["items"]) != number:
            await asyncio.sleep(0.1)


async def retry(http: httpx2.AsyncClient, *, dry_run: bool = False, **wanted: Any) -> tuple[list[str], int]:
    """Return the ids and how many remain."""
    response = await http.post(RETRY, params={"dry_run": dry_run}, json=wanted)
    assert response.status_code == (200 if dry_run else 202), response.text
    answer = response.json()
    assert set(answer) == {"tracking_ids", "remaining", "spoken_status"}
    return answer["tracking_ids"], answer["remaining"]


def ids(*statuses: dict[str, Any]) -> list[str]:
    return [status["tracking_id"] for status in statuses]


async def test_all_failed_ones_run_again_under_their_ids_and_the_first_to_fail_comes_first(
    elena: httpx2.AsyncClient, script: Script
) -> None:
    statuses = await failed(elena, script, *[NO_PRODUCT] * 4)
    response = await elena.post(RETRY)
    assert response.status_code == 202
    assert response.json() == {
        "tracking_ids": ids(*statuses),
        "remaining": 0,
        "spoken_status": "Se repiten cuatro cotizaciones fallidas.",
    }
    for status in statuses:
        again = await final(elena, status["tracking_id"])
        assert (again["status"], again["created_at"]) == ("completed", status["created_at"])
    assert await retry(elena) == ([], 0)


async def test_a_dry_run_only_names_them(elena: httpx2.AsyncClient, script: Script) -> None:
    [one] = await failed(elena, script, NO_PRODUCT)
    for _ in range(2):
        assert await retry(elena, dry_run=True) == (ids(one), 0)
    assert await final(elena, one["tracking_id"]) == one


async def test_those_that_fit_run_again(elena: httpx2.AsyncClient, script: Script) -> None:
    first, user, last = await failed(elena, script, NO_PRODUCT, NO_USER, NO_PRODUCT)

    async def named(**wanted: Any) -> list[str]:
        found, remaining = await retry(elena, dry_run=True, **wanted)
        assert remaining == 0
        return found

    assert await named(error_code="user_not_found") == ids(user)
    assert await named(error_code="odoo_auth_failed") == []
    assert await named(since=user["completed_at"]) == ids(user, last)
    assert await named(until=user["completed_at"]) == ids(first, user)
    # without a zone, times are UTC as everywhere
    assert await named(since=user["completed_at"].rstrip("Z")) == ids(user, last)
    assert await named(since=user["completed_at"], until=user["completed_at"]) == ids(user)
    assert await named(environment=MANY) == ids(first, user, last)
    assert await named(environment=OTHER) == []
    assert await retry(elena, error_code="product_not_found", since=last["completed_at"]) == (ids(last), 0)
    assert (await final(elena, last["tracking_id"]))["status"] == "completed"
    await listed(elena, 2)
    assert await named() == ids(first, user)


async def test_a_limit_leaves_the_last_to_fail_for_another_call(elena: httpx2.AsyncClient, script: Script) -> None:
    first, second, third = await failed(elena, script, *[NO_PRODUCT] * 3)
    assert await retry(elena, limit=2) == (ids(first, second), 1)
    for status in (first, second):
        await final(elena, status["tracking_id"])
    await listed(elena, 1)
    assert await retry(elena, limit=2) == (ids(third), 0)
    await final(elena, third["tracking_id"])


async def test_only_the_owners_run_again_whatever_the_caller_may_read(
    elena: httpx2.AsyncClient, gateway_url: str, script: Script
) -> None:
    await failed(elena, script, NO_PRODUCT)
    async with rest(gateway_url, bearer("key-of-jefa")) as jefa:
        assert await retry(jefa) == ([], 0)
        # elsewhere she may do nothing
        response = await jefa.post(RETRY, json={"environment": OTHER})
    assert response.status_code == 403
    assert len((await retry(elena, dry_run=True))[0]) == 1


async def test_completed_and_cancelled_ones_stay_as_they_are(elena: httpx2.AsyncClient, script: Script) -> None:
    started = await elena.post(f"/api/{MANY}/quotation/async", json=body())
    await final(elena, started.json()["tracking_id"])
    script.hold(steps.CREATE_LEAD)
    started = await elena.post(f"/api/{MANY}/quotation/async", json=body())
    await elena.post(f"/api/quotation/{started.json()['tracking_id']}/cancel")
    script.release(steps.CREATE_LEAD)
    await final(elena, started.json()["tracking_id"])
    await failed(elena, script, NO_PRODUCT)
    assert len((await retry(elena, dry_run=True))[0]) == 1


async def test_they_start_half_a_second_apart_over_several_calls(
    elena: httpx2.AsyncClient, temporal: Client, script: Script
) -> None:
    statuses = await failed(elena, script, *[NO_PRODUCT] * 4)
    await asyncio.gather(*(retry(elena, limit=2) for _ in range(2)), retry(elena))
    starts = sorted([await first_work(temporal, one) for one in ids(*statuses)])
    pauses = [later - earlier for earlier, later in itertools.pairwise(starts)]
    # the starts themselves take a moment
    assert sum(pauses) > 1.3
    for one in ids(*statuses):
        assert (await final(elena, one))["status"] == "completed"


async def first_work(temporal: Client, tracking_id: str) -> float:
    """Return the time at which a worker may begin a run."""
    event = await anext(temporal.get_workflow_handle(tracking_id).fetch_history_events(page_size=1))
    backoff = event.workflow_execution_started_event_attributes.first_workflow_task_backoff
    return event.event_time.ToNanoseconds() / 1e9 + backoff.ToNanoseconds() / 1e9


async def test_many_at_once_run_once_each(elena: httpx2.AsyncClient, script: Script) -> None:
    statuses = await failed(elena, script, *[NO_PRODUCT] * 3)
    answers = await asyncio.gather(*(retry(elena) for _ in range(4)))
    assert sorted(one for retried, _ in answers for one in retried) == sorted(ids(*statuses))


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"error_code": "no_such_code"}, "error_code"),
        ({"since": "yesterday"}, "since"),
        ({"limit": 0}, "limit"),
        ({"limit": 1001}, "limit"),
        ({"status": "cancelled"}, "status"),
    ],
)
async def test_a_wrong_request_names_its_field(
    elena: httpx2.AsyncClient, wanted: dict[str, Any], field: str
) -> None:
    response = await elena.post(RETRY, json=wanted)
    assert response.status_code == 422
    assert [error["field"] for error in response.json()["errors"]] == [field]


async def test_an_unknown_environment_is_refused(elena: httpx2.AsyncClient) -> None:
    assert (await elena.post(RETRY, json={"environment": "nowhere"})).status_code == 404


async def test_a_model_runs_them_again_with_a_tool(
    elena: httpx2.AsyncClient, gateway_url: str, key: str, script: Script
) -> None:
    statuses = await failed(elena, script, NO_PRODUCT, NO_USER)
    async with mcp(gateway_url, bearer(key)) as client:
        named = await client.call_tool(f"{MANY}_retry_quotations", {"dry_run": True})
        assert named.structured_content == {"tracking_ids": ids(*statuses), "remaining": 0}
        started = await client.call_tool(f"{MANY}_retry_quotations", {"error_code": "user_not_found"})
    assert started.structured_content == {"tracking_ids": ids(statuses[1]), "remaining": 0}
    assert (await final(elena, statuses[1]["tracking_id"]))["status"] == "completed"
