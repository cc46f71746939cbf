"""Operators: a key with the right `operate` reads everyone's quotations, selects among them, and acts on them."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from temporalio.client import Client

from activities.failures import RequestError
from gateway.service.callers import Caller
from gateway.service.lists.counts import Counts
from gateway.service.quotations import QuotationService
from gateway.settings import GatewaySettings
from quotation import steps
from quotation.errors import ErrorCode
from quotation.status import State
from sandbox.ports import free_port
from sandbox.processes import Process, start_module, wait_until_healthy
from tests.support.callers import bearer, mcp, rest
from tests.support.requests import body
from tests.support.script import Script
from tests.support.scripted_worker import sweep
from tests.support.serving import serving

# nobody else's quotations are in these environments
HERE, THERE = "operada", "ajena"
SETTINGS = {
    "ENVIRONMENTS": f"{HERE},{THERE}",
    "TRACKING_SECRET": "tracking-secret",
    "GATEWAY_API_KEYS": ",".join(
        [
            *(f"{name}:key-of-{name}" for name in ("ana", "bob")),
            f"jefa:key-of-jefa:{HERE}:all",
            f"olga:key-of-olga:{HERE}:operate",
        ]
    ),
}
NO_PRODUCT = RequestError(ErrorCode.PRODUCT_NOT_FOUND, "Product 1 does not exist.")
NO_USER = RequestError(ErrorCode.USER_NOT_FOUND, "User 1 does not exist.")


@pytest.fixture(scope="module")
def process(temporal_address: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Process, str]]:
    port = free_port()
    settings = {**SETTINGS, "TEMPORAL_ADDRESS": temporal_address, "GATEWAY_PORT": str(port)}
    log: Path = tmp_path_factory.mktemp("operators") / "gateway.log"
    process = start_module("gateway", log, settings)
    try:
        wait_until_healthy(process, f"http://127.0.0.1:{port}/readyz")
        yield process, f"http://127.0.0.1:{port}"
    finally:
        process.kill()


@pytest.fixture
def url(process: tuple[Process, str]) -> str:
    return process[1]


@pytest.fixture
async def ana(url: str) -> AsyncIterator[httpx2.AsyncClient]:
    async with rest(url, bearer("key-of-ana")) as http:
        yield http


@pytest.fixture
async def bob(url: str) -> AsyncIterator[httpx2.AsyncClient]:
    async with rest(url, bearer("key-of-bob")) as http:
        yield http


@pytest.fixture
async def olga(url: str) -> AsyncIterator[httpx2.AsyncClient]:
    async with rest(url, bearer("key-of-olga")) as http:
        yield http


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture(autouse=True)
async def _work(temporal: Client, script: Script) -> AsyncIterator[None]:
    await sweep(temporal, HERE)
    async with serving(temporal, HERE, script.activities()):
        yield
    await sweep(temporal, HERE)


async def ended(http: httpx2.AsyncClient, script: Script, error: Exception | None = None) -> dict[str, Any]:
    """Return the final status of a quotation that fails with this error, or completes."""
    if error is not None:
        script.fail(steps.AUTHENTICATE, error)
    started = await http.post(f"/api/{HERE}/quotation/async?wait=30", json=body())
    status: dict[str, Any] = started.json()
    assert status["completed_at"] is not None
    return status


async def found(http: httpx2.AsyncClient, among: list[str], **wanted: Any) -> list[str]:
    """Return which of these ids a list has."""
    response = await http.get("/api/quotations", params={"limit": 100, **wanted})
    assert response.status_code == 200, response.text
    items = [item["tracking_id"] for item in response.json()["items"]]
    return [one for one in among if one in items]


async def until_found(http: httpx2.AsyncClient, expected: list[str], **wanted: Any) -> None:
    """Wait until a list, which lags a little, has these ids."""
    async with asyncio.timeout(20):
        while await found(http, expected, **wanted) != expected:
            await asyncio.sleep(0.1)


def audited(process: Process, tracking_id: str) -> list[tuple[str, str, str]]:
    lines = [line for line in process.output.splitlines() if tracking_id in line and '"quotation_owner"' in line]
    entries = [json.loads(line[line.index("{") :]) for line in lines]
    return [(entry["action"], entry["owner"], entry["quotation_owner"]) for entry in entries]


async def test_an_operator_acts_on_the_quotation_of_another_which_keeps_its_owner(
    process: tuple[Process, str],
    ana: httpx2.AsyncClient,
    olga: httpx2.AsyncClient,
    temporal: Client,
    script: Script,
) -> None:
    tracking_id = (await ended(ana, script, NO_PRODUCT))["tracking_id"]
    script.hold(steps.CREATE_LEAD)
    corrected = await olga.post(f"/api/quotation/{tracking_id}/retry", json={"product_id": 7})
    cancelled = await olga.post(f"/api/quotation/{tracking_id}/cancel")
    script.release(steps.CREATE_LEAD)
    await olga.get(f"/api/quotation/status/{tracking_id}?wait=30")
    again = await olga.post(f"/api/quotation/{tracking_id}/retry")
    status = (await ana.get(f"/api/quotation/status/{tracking_id}?wait=30")).json()

    assert [answer.status_code for answer in (corrected, cancelled, again)] == [202, 202, 202]
    assert status["status"] == "completed"
    run = await temporal.get_workflow_handle(tracking_id).describe()
    assert (await run.memo())["owner"] == "ana"
    assert audited(process[0], tracking_id) == [
        ("start", "ana", "ana"),
        ("retry", "olga", "ana"),
        ("cancel", "olga", "ana"),
        ("retry", "olga", "ana"),
    ]


async def test_a_key_that_only_reads_all_still_acts_on_nothing(
    url: str, ana: httpx2.AsyncClient, script: Script
) -> None:
    tracking_id = (await ended(ana, script, NO_PRODUCT))["tracking_id"]
    async with rest(url, bearer("key-of-jefa")) as jefa:
        await until_found(jefa, [tracking_id], status="failed")
        assert (await jefa.post(f"/api/quotation/{tracking_id}/retry")).status_code == 404
        assert (await jefa.post("/api/quotations/retry")).json()["tracking_ids"] == []


async def test_an_operator_has_no_rights_in_another_environment(
    ana: httpx2.AsyncClient, olga: httpx2.AsyncClient
) -> None:
    started = await ana.post(f"/api/{THERE}/quotation/async", json=body())
    tracking_id = started.json()["tracking_id"]

    assert (await olga.get(f"/api/quotation/status/{tracking_id}")).status_code == 404
    assert (await olga.post(f"/api/quotation/{tracking_id}/cancel")).status_code == 404
    assert (await olga.post("/api/quotations/retry", json={"environment": THERE})).status_code == 403


async def test_an_operator_selects_by_error_code_owner_words_and_time(
    ana: httpx2.AsyncClient, bob: httpx2.AsyncClient, olga: httpx2.AsyncClient, script: Script
) -> None:
    product = await ended(ana, script, NO_PRODUCT)
    user = await ended(bob, script, NO_USER)
    done = await ended(bob, script)
    ids = [one["tracking_id"] for one in (product, user, done)]
    await until_found(olga, ids)
    # an end in Temporal is a moment after that of the quotation
    await asyncio.sleep(0.1)
    later = (datetime.now(UTC)).isoformat()

    async def listed(**wanted: Any) -> list[int]:
        return [ids.index(one) for one in await found(olga, ids, **wanted)]

    assert await listed(error_code="product_not_found") == [0]
    assert await listed(error_code="user_not_found", status="completed") == []
    assert await listed(owner="bob") == [1, 2]
    assert await listed(owner="bob", status="failed", error_code="user_not_found") == [1]
    assert await listed(words=ids[0]) == [0]
    assert await listed(words=f"{ids[1][5:11]} user") == [1]
    assert await listed(words="s15433") == [2]
    assert await listed(since=user["completed_at"], until=later) == [1, 2]
    assert await listed(until=product["created_at"]) == []
    assert await listed(since=later) == []


async def test_everyone_else_selects_among_their_own(
    ana: httpx2.AsyncClient, bob: httpx2.AsyncClient, script: Script
) -> None:
    mine = (await ended(ana, script, NO_PRODUCT))["tracking_id"]
    await until_found(ana, [mine], owner="ana", error_code="product_not_found")

    assert await found(bob, [mine], owner="ana") == []
    assert await found(ana, [mine], owner="bob") == []


async def test_a_bulk_retry_of_an_operator_is_of_everyones(
    url: str, ana: httpx2.AsyncClient, bob: httpx2.AsyncClient, olga: httpx2.AsyncClient, script: Script
) -> None:
    first, second, third = [
        (await ended(http, script, error))["tracking_id"]
        for http, error in ((ana, NO_PRODUCT), (bob, NO_PRODUCT), (bob, NO_USER))
    ]
    since = (await ana.get(f"/api/quotation/status/{first}")).json()["completed_at"]
    await until_found(olga, [first, second, third], status="failed")

    async def would_retry(**wanted: Any) -> list[str]:
        answer = await olga.post("/api/quotations/retry?dry_run=true", json={"since": since, **wanted})
        retried: list[str] = answer.json()["tracking_ids"]
        return retried

    assert await would_retry() == [first, second, third]
    assert await would_retry(owner="bob") == [second, third]
    assert await would_retry(owner="bob", error_code="user_not_found", environment=HERE) == [third]
    assert (await ana.post("/api/quotations/retry?dry_run=true", json={"owner": "bob"})).json()[
        "tracking_ids"
    ] == []
    async with mcp(url, bearer("key-of-olga")) as client:
        started = await client.call_tool(f"{HERE}_retry_quotations", {"since": since})
    assert started.structured_content == {"tracking_ids": [first, second, third], "remaining": 0}
    for http, tracking_id in ((ana, first), (bob, second), (bob, third)):
        status = (await http.get(f"/api/quotation/status/{tracking_id}?wait=30")).json()
        assert status["status"] == "completed"


def service_of(temporal: Client) -> QuotationService:
    settings = {name.lower(): value for name, value in SETTINGS.items()}
    return QuotationService(temporal, GatewaySettings.model_validate(settings))


async def test_counts_are_of_quotations_as_they_are_now(
    ana: httpx2.AsyncClient, bob: httpx2.AsyncClient, temporal: Client, script: Script
) -> None:
    everyone = Caller("olga", frozenset({HERE}), reads_all=True)

    async def counted(caller: Caller = everyone) -> Counts:
        # another question each time, because answers are kept for some seconds
        fresh = service_of(temporal)
        counts = await fresh.counts(caller)
        assert counts is not None
        return counts

    before = await counted()
    retried = (await ended(ana, script, NO_PRODUCT))["tracking_id"]
    await ended(bob, script, NO_USER)
    await ended(bob, script)
    await ana.post(f"/api/quotation/{retried}/retry")
    await ana.get(f"/api/quotation/status/{retried}?wait=30")
    script.hold(steps.CREATE_LEAD)
    started = await ana.post(f"/api/{HERE}/quotation/async", json=body())

    def more(after: Counts) -> dict[str, int]:
        return {state: after.by_status[state] - before.by_status[state] for state in State}

    expected = {"queued": 0, "processing": 1, "completed": 2, "failed": 1, "cancelled": 0}
    async with asyncio.timeout(20):
        while more(after := await counted()) != expected:
            await asyncio.sleep(0.3)
    codes = {code: after.by_error[code] - before.by_error.get(code, 0) for code in after.by_error}
    assert codes[ErrorCode.USER_NOT_FOUND] == 1
    assert codes.get(ErrorCode.PRODUCT_NOT_FOUND, 0) == 0
    assert len(after.hours) == 24
    assert after.hours[-1].start + timedelta(hours=1) >= datetime.now(UTC) - timedelta(minutes=1)
    # the failed run of the retried one has ended too
    assert after.hours[-1].by_status[State.FAILED] - before.hours[-1].by_status[State.FAILED] == 2
    # someone who reads only their own counts only these
    carla = await counted(Caller("carla", frozenset({HERE})))
    assert set(carla.by_status.values()) == {0}
    script.release(steps.CREATE_LEAD)
    await ana.get(f"/api/quotation/status/{started.json()['tracking_id']}?wait=30")


async def test_counts_are_unknown_while_visibility_is_away() -> None:
    lonely = service_of(await Client.connect(f"127.0.0.1:{free_port()}", lazy=True))

    assert await lonely.counts(Caller("olga", frozenset({HERE}), reads_all=True)) is None
