"""Faults of the installation: quotations wait until they pass by themselves, or by an operator's hand."""

import asyncio
from collections.abc import Iterator

import httpx2
import pytest

from sandbox import real_odoo
from sandbox.real_odoo import OdooAccess
from sandbox.system import System
from tests.support import quotations
from tests.support.odoo_relay import OdooRelay, relay_to
from tests.support.odoo_view import OdooView
from tests.support.requests import unique_body

_FEW_ATTEMPTS = 2


@pytest.fixture
def proxy(odoo: OdooAccess) -> Iterator[OdooRelay]:
    with relay_to(odoo) as relay:
        yield relay


@pytest.fixture
def behind_proxy(system: System, proxy: OdooRelay) -> Iterator[None]:
    """A worker that reaches Odoo through the proxy."""
    system.start_worker({"ODOO__DEV__URL": proxy.url})
    yield
    system.stop_workers()


async def retrying(http: httpx2.AsyncClient, tracking_id: str) -> str:
    """Wait until a step of the quotation is tried for the third time, and return the code."""
    async with asyncio.timeout(90):
        while True:
            status = await quotations.status(http, tracking_id)
            assert status["status"] in ("queued", "processing"), status
            if status["retrying"] and status["retrying"]["attempt"] > _FEW_ATTEMPTS:
                return str(status["retrying"]["code"])
            await asyncio.sleep(0.1)


@pytest.mark.usefixtures("behind_proxy")
async def test_a_proxy_that_answers_in_odoos_place_changes_nothing_but_the_time(
    http: httpx2.AsyncClient, proxy: OdooRelay, view: OdooView
) -> None:
    requests, codes = [], {}
    for status in (401, 403, 404, 405, 302, 502, 200):
        requests.append(unique_body())
        proxy.status = status
        tracking_id = await quotations.start(http, **requests[-1])
        codes[status] = await retrying(http, tracking_id)
        proxy.status = None
        assert (await quotations.final(http, tracking_id))["status"] == "completed"
    assert codes == dict.fromkeys(codes, "odoo_unavailable") | {401: "odoo_auth_failed"}
    assert [view.counts(request) for request in requests] == [(1, 1, 1, 1)] * len(requests)


async def test_a_database_that_is_away_changes_nothing_but_the_time(
    system: System, http: httpx2.AsyncClient, view: OdooView
) -> None:
    if OdooAccess.from_environment() is not None:
        pytest.skip("the database named by ODOO_TEST_DB is not ours to rename")
    system.start_worker()
    db = system.odoo.db
    request = unique_body()
    _rename(db, f"{db}_x")
    try:
        tracking_id = await quotations.start(http, **request)
        assert await retrying(http, tracking_id) in ("odoo_auth_failed", "odoo_unavailable")
    finally:
        _rename(f"{db}_x", db)
    assert (await quotations.final(http, tracking_id, seconds=90))["status"] == "completed"
    assert system.stop_workers() == [0]
    assert view.counts(request) == (1, 1, 1, 1)


async def test_a_pause_of_logins_is_waited_out(
    system: System, http: httpx2.AsyncClient, proxy: OdooRelay, view: OdooView
) -> None:
    # as an Odoo that pauses them refuses the right password; version 19 pauses only those of its web pages
    proxy.answers["authenticate"] = lambda _args, _kwargs: False
    system.start_worker({"ODOO__DEV__URL": proxy.url})
    requests = [unique_body() for _ in range(5)]
    ids = [await quotations.start(http, **request) for request in requests]
    assert [await retrying(http, tracking_id) for tracking_id in ids] == ["odoo_auth_failed"] * 5
    refused = proxy.counted["authenticate"]
    del proxy.answers["authenticate"]
    for tracking_id in ids:
        assert (await quotations.final(http, tracking_id, seconds=90))["status"] == "completed"
    system.stop_workers()
    # once by the check at start, and not by each quotation
    assert refused <= 3
    assert [view.counts(request) for request in requests] == [(1, 1, 1, 1)] * 5


async def test_what_failed_of_an_expired_key_runs_again_with_one_call(
    system: System, http: httpx2.AsyncClient, odoo: OdooAccess, view: OdooView
) -> None:
    requests = [unique_body() for _ in range(3)]
    system.start_worker()
    ids = [await quotations.start(http, "wrong", **request) for request in requests]
    for tracking_id in ids:
        failed = await quotations.final(http, tracking_id, seconds=120)
        assert failed["error"]["code"] == "odoo_auth_failed"
    system.stop_workers()

    system.start_worker({"ODOO__WRONG__PASSWORD": odoo.password})
    wanted = {"error_code": "odoo_auth_failed", "environment": "wrong"}
    answer = (await http.post("/api/quotations/retry", json=wanted)).json()

    assert set(ids) <= set(answer["tracking_ids"])
    for tracking_id in answer["tracking_ids"]:
        assert (await quotations.final(http, tracking_id))["status"] == "completed"
    system.stop_workers()
    assert [view.counts(request) for request in requests] == [(1, 1, 1, 1)] * 3


def _rename(old: str, new: str) -> None:
    # Odoo keeps connections, and opens new ones
    disconnect = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'"
    real_odoo.execute_sql(f"ALTER DATABASE {old} ALLOW_CONNECTIONS false")
    real_odoo.execute_sql(disconnect.format(old))
    real_odoo.execute_sql(f"ALTER DATABASE {old} RENAME TO {new}")
    real_odoo.execute_sql(f"ALTER DATABASE {new} ALLOW_CONNECTIONS true")
