"""Quotations under way while a process is killed, stopped or away."""

import asyncio
import dataclasses
from collections.abc import Iterator

import httpx2
import pytest

from sandbox import real_odoo
from sandbox.real_odoo import OdooAccess
from sandbox.system import BUCKET, System
from tests.support import quotations
from tests.support.odoo_view import OdooView
from tests.support.requests import unique_body


async def test_a_killed_worker_is_replaced_and_nothing_is_doubled(
    system: System, http: httpx2.AsyncClient, view: OdooView
) -> None:
    doomed = system.start_worker()
    requests = [unique_body() for _ in range(6)]
    ids = await asyncio.gather(*(quotations.start(http, **request) for request in requests))
    async with asyncio.timeout(60):
        while not [id_ for id_ in ids if (await quotations.status(http, id_))["result"]["partner_id"]]:
            await asyncio.sleep(0.02)
    doomed.kill()
    midway = [await quotations.status(http, tracking_id) for tracking_id in ids]
    assert {status["status"] for status in midway} & {"queued", "processing"}
    system.start_worker()
    finals = [await quotations.final(http, tracking_id, seconds=90) for tracking_id in ids]
    system.stop_workers()
    assert {status["status"] for status in finals} == {"completed"}
    assert [view.counts(request) for request in requests] == [(1, 1, 1, 1)] * 6


async def test_a_stopped_worker_hands_its_quotations_over(
    system: System, http: httpx2.AsyncClient, view: OdooView
) -> None:
    first = system.start_worker()
    requests = [unique_body() for _ in range(4)]
    ids = await asyncio.gather(*(quotations.start(http, **request) for request in requests))
    await asyncio.sleep(0.3)
    assert first.stop(20) == 0
    system.start_worker()
    finals = [await quotations.final(http, tracking_id, seconds=60) for tracking_id in ids]
    assert set(system.stop_workers()) == {0}
    assert {status["status"] for status in finals} == {"completed"}
    assert [view.counts(request) for request in requests] == [(1, 1, 1, 1)] * 4


async def test_status_is_answered_without_a_worker(system: System, http: httpx2.AsyncClient) -> None:
    queued = await quotations.start(http)
    status = await quotations.status(http, queued)
    assert (status["status"], status["step"], status["progress"]) == ("queued", "queued", "En cola")
    assert status["created_at"] is not None
    system.start_worker()
    finished = await quotations.final(http, queued)
    system.stop_workers()
    again = await quotations.status(http, queued)
    assert again == finished


@pytest.fixture
def own_odoo(odoo: OdooAccess) -> Iterator[tuple[OdooAccess, real_odoo.OwnOdoo]]:
    """A second server over the same database, which a test may stop."""
    if OdooAccess.from_environment() is not None:
        pytest.skip("the Odoo named by ODOO_TEST_URL is not ours to stop")
    with real_odoo.own_odoo() as own:
        yield dataclasses.replace(odoo, url=own.url), own


async def test_an_outage_of_odoo_changes_nothing_but_the_time(
    system: System,
    http: httpx2.AsyncClient,
    view: OdooView,
    own_odoo: tuple[OdooAccess, real_odoo.OwnOdoo],
) -> None:
    access, server = own_odoo
    system.start_worker({"ODOO__DEV__URL": access.url})
    requests = [unique_body() for _ in range(3)]
    ids = await asyncio.gather(*(quotations.start(http, **request) for request in requests))
    async with asyncio.timeout(60):
        while not (await quotations.status(http, ids[0]))["result"]["partner_id"]:
            await asyncio.sleep(0.02)
    await asyncio.to_thread(server.stop, kill=True)
    late = unique_body()
    ids.append(await quotations.start(http, **late))
    async with asyncio.timeout(60):
        while (status := await quotations.status(http, ids[-1]))["retrying"] is None:
            await asyncio.sleep(0.1)
    assert (status["status"], status["retrying"]["step"]) == ("processing", "auth")
    assert status["retrying"]["code"] == "odoo_unavailable"
    # Odoo may have been killed during a call
    assert "Odoo" in status["retrying"]["last_error"]
    await asyncio.sleep(5)
    await asyncio.to_thread(server.start)
    finals = [await quotations.final(http, tracking_id, seconds=90) for tracking_id in ids]
    system.stop_workers()
    assert {status["status"] for status in finals} == {"completed"}
    assert [view.counts(request) for request in [*requests, late]] == [(1, 1, 1, 1)] * 4


async def test_s3_away_delays_no_quotation_and_its_log_is_counted_until_it_is_written(
    system: System, http: httpx2.AsyncClient
) -> None:
    system.start_worker({"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9"})
    tracking_id = await quotations.start(http)
    status = await quotations.final(http, tracking_id, seconds=20)
    await until_metric(http, 'gateway_unwritten_logs{environment="dev"} 1.0')
    system.stop_workers()
    assert status["status"] == "completed"
    system.start_worker()
    await until_metric(http, 'gateway_unwritten_logs{environment="dev"} 0.0')
    system.stop_workers()
    listed = system.s3().list_objects_v2(Bucket=BUCKET)["Contents"]
    assert [found["Key"] for found in listed if tracking_id in found["Key"]]


async def until_metric(http: httpx2.AsyncClient, line: str) -> None:
    async with asyncio.timeout(60):
        while line not in (await http.get("/metrics")).text.splitlines():
            await asyncio.sleep(0.2)


async def test_quotations_wait_for_an_operator_to_correct_a_wrong_password(
    system: System, http: httpx2.AsyncClient, view: OdooView
) -> None:
    wrong = system.start_worker({"ODOO__DEV__PASSWORD": "a-wrong-password"})
    requests = [unique_body() for _ in range(3)]
    ids = await asyncio.gather(*(quotations.start(http, **request) for request in requests))
    async with asyncio.timeout(30):
        while (status := await quotations.status(http, ids[0]))["retrying"] is None:
            await asyncio.sleep(0.1)
    shown = {key: status["retrying"][key] for key in ("step", "code", "last_error")}
    assert shown == {
        "step": "auth",
        "code": "odoo_auth_failed",
        "last_error": "Odoo refused the user name or the password."
        " A user with two-factor authentication needs an API key.",
    }
    # an operator corrects it
    assert wrong.stop(20) == 0
    system.start_worker()
    finals = [await quotations.final(http, tracking_id, seconds=60) for tracking_id in ids]
    system.stop_workers()
    assert {status["status"] for status in finals} == {"completed"}
    assert [view.counts(request) for request in requests] == [(1, 1, 1, 1)] * 3
