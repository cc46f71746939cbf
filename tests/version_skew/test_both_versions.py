"""The released version and this one share Temporal, S3 and Odoo, in both directions."""

import asyncio
import json
from typing import Any

import httpx2
import pytest
from temporalio.client import Client

from quotation.identity import new_tracking_id
from tests.support import callers, quotations
from tests.support.odoo_view import OdooView
from tests.support.requests import ABSENT, unique_body
from tests.version_skew.logs import Logs
from tests.version_skew.versions import STUCK, TO_BOTH, TO_NEW, TO_OLD, Versions

pytestmark = pytest.mark.parametrize("gateway", [TO_OLD, TO_NEW], ids=["old gateway", "new gateway"])

OTHER = {TO_OLD: TO_NEW, TO_NEW: TO_OLD}
"""The environment whose worker is of the other version than the gateway."""

PRODUCT = 26174


def without_time(status: dict[str, Any]) -> dict[str, Any]:
    return status | {"elapsed_time": ""}


async def until_listed(http: httpx2.AsyncClient, tracking_id: str, status: str) -> None:
    """Wait until the list has the quotation with this status; Temporal's visibility may be a second late."""
    async with asyncio.timeout(30):
        while True:
            listed = await http.get("/api/quotations?limit=100")
            assert listed.status_code == httpx2.codes.OK, listed.text
            if (tracking_id, status) in [(item["tracking_id"], item["status"]) for item in listed.json()["items"]]:
                return
            await asyncio.sleep(0.2)


async def read_by_both(versions: Versions, tracking_id: str) -> dict[str, Any]:
    """Return the new gateway's final status, after checking that the old one's fields are the same in both."""
    statuses = []
    for url in (versions.old, versions.new):
        async with callers.rest(url) as http:
            statuses.append(await quotations.final(http, tracking_id))
            await until_listed(http, tracking_id, statuses[-1]["status"])
    old, new = statuses
    assert without_time(old) == without_time({field: new[field] for field in old})
    return new


async def test_a_quotation_is_started_read_and_logged(
    versions: Versions, view: OdooView, kept: Logs, gateway: str
) -> None:
    asked = unique_body(notes="Entrega en planta", product_price=15000.5, product_qty=2)
    async with callers.rest(versions.gateway(gateway)) as http:
        tracking_id = await quotations.start(http, OTHER[gateway], **asked)
        waited = await http.get(f"/api/quotation/status/{tracking_id}?wait=30")
    status = await read_by_both(versions, tracking_id)
    log = await kept.final(tracking_id, "completed")
    assert (waited.status_code, waited.json()["status"]) == (200, "completed")
    assert (status["status"], status["step"], status["error"]) == ("completed", "done", None)
    assert log["result"] == status["result"]
    assert log["request"].items() >= asked.items()
    assert view.counts(asked) == (1, 1, 1, 1)


async def test_a_failed_quotation_is_retried(versions: Versions, view: OdooView, kept: Logs, gateway: str) -> None:
    asked = unique_body(product_id=999_999_999)
    async with callers.rest(versions.gateway(gateway)) as http:
        tracking_id = await quotations.start(http, OTHER[gateway], **asked)
        failed = await read_by_both(versions, tracking_id)
        await kept.final(tracking_id, "failed")
        retried = await http.post(f"/api/quotation/{tracking_id}/retry", json={"product_id": PRODUCT})
    async with callers.rest(versions.other_gateway(gateway)) as http:
        await quotations.final(http, tracking_id)
    status = await read_by_both(versions, tracking_id)
    log = await kept.final(tracking_id, "completed")
    assert (failed["status"], failed["error"]["code"]) == ("failed", "product_not_found")
    assert retried.status_code == httpx2.codes.ACCEPTED, retried.text
    assert (status["status"], status["created_at"]) == ("completed", failed["created_at"])
    assert log["request"]["product_id"] == PRODUCT
    assert view.counts(asked) == (1, 1, 1, 1)


async def test_a_waiting_quotation_is_cancelled(versions: Versions, kept: Logs, gateway: str) -> None:
    async with callers.rest(versions.gateway(gateway)) as http:
        tracking_id = await quotations.start(http, STUCK[OTHER[gateway]])
        async with asyncio.timeout(30):
            while (await quotations.status(http, tracking_id))["retrying"] is None:
                await asyncio.sleep(0.1)
        cancelled = await http.post(f"/api/quotation/{tracking_id}/cancel")
    status = await read_by_both(versions, tracking_id)
    log = await kept.final(tracking_id, "cancelled")
    assert cancelled.status_code == httpx2.codes.ACCEPTED, cancelled.text
    assert (status["status"], status["step"], status["error"]) == ("cancelled", "auth", None)
    assert log["completed_at"] == status["completed_at"]


async def test_workers_of_both_versions_share_quotations(
    versions: Versions, view: OdooView, kept: Logs, gateway: str
) -> None:
    lines = [{"product_id": PRODUCT}, {"product_id": 26175, "product_price": 5}]
    asked = [unique_body(product_id=ABSENT, lines=lines) for _ in range(3)]
    async with callers.rest(versions.gateway(gateway)) as http:
        ids = [await quotations.start(http, TO_BOTH, product_id=ABSENT, **one) for one in asked]
    for tracking_id, one in zip(ids, asked, strict=True):
        assert (await read_by_both(versions, tracking_id))["status"] == "completed"
        await kept.final(tracking_id, "completed")
        assert view.counts(one) == (1, 1, 1, 2)


async def test_a_late_write_of_the_other_version_replaces_no_log(
    versions: Versions, temporal: Client, kept: Logs, gateway: str
) -> None:
    async with callers.rest(versions.gateway(gateway)) as http:
        tracking_id = await quotations.start(http, OTHER[gateway])
        await quotations.final(http, tracking_id)
    final = await kept.final(tracking_id, "completed")
    earlier = final | {"status": "processing", "completed_at": None, "written_at": final["created_at"]}
    await temporal.execute_workflow(
        "QuotationLog", earlier, id=f"{new_tracking_id()}-log", task_queue=f"quotations-{gateway}"
    )
    assert json.loads(kept.get(tracking_id)) == final


async def test_the_answer_for_an_unknown_id_says_that_logs_cannot_be_read(
    versions: Versions, gateway: str
) -> None:
    async with callers.rest(versions.gateway(gateway)) as http:
        answer = await http.get(f"/api/{OTHER[gateway]}/quotation/status/{quotations.NOBODYS_ID}")
    assert answer.status_code == 404
    # a worker of the released version reads no logs, and its gateway asks for none
    assert ("old ones cannot be looked up" in answer.json()["detail"]) == (gateway == TO_NEW)
