"""After Temporal's retention: statuses and keys of quotations in a real Odoo."""

import asyncio
import secrets
from typing import Any

import httpx2
import pytest
from temporalio.client import Client

from sandbox.system import System
from tests.support import quotations
from tests.support.odoo_view import OdooView
from tests.support.requests import unique_body
from tests.support.retention import forget

Body = dict[str, Any]
PATH = "/api/dev/quotation/async"


class Keyed:
    """A request and its idempotency key."""

    def __init__(self, **fields: Any) -> None:
        self.request = unique_body(**fields)
        self.headers = {"Idempotency-Key": secrets.token_hex(8)}

    async def start(self, http: httpx2.AsyncClient, **changes: Any) -> httpx2.Response:
        response = await http.post(PATH, json=self.request | changes, headers=self.headers)
        assert response.status_code == 202, response.text
        return response

    async def ended(self, http: httpx2.AsyncClient, *, cancel: bool = False) -> dict[str, Any]:
        tracking_id = (await self.start(http)).json()["tracking_id"]
        if cancel:
            await http.post(f"/api/quotation/{tracking_id}/cancel")
        return await quotations.final(http, tracking_id)


async def cancelled(http: httpx2.AsyncClient) -> tuple[Keyed, dict[str, Any]]:
    """A quotation that was cancelled; one that is quicker than its cancel completes."""
    while (status := await (keyed := Keyed()).ended(http, cancel=True))["status"] != "cancelled":
        pass
    return keyed, status


@pytest.mark.timeout(240)
async def test_after_the_retention_a_status_stays_and_a_repeated_key_doubles_nothing(
    workers: System, http: httpx2.AsyncClient, view: OdooView
) -> None:
    same, other, failing = Keyed(), Keyed(), Keyed(product_id=4711)
    stopped, stopped_status = await cancelled(http)
    before = [await one.ended(http) for one in (same, other, failing)] + [stopped_status]
    assert [status["status"] for status in before] == ["completed", "completed", "failed", "cancelled"]
    ids = [status["tracking_id"] for status in before]

    await forget(await Client.connect(workers.temporal), *ids)

    after = await asyncio.gather(*(quotations.status(http, one) for one in ids))
    assert after == before
    # no record was touched, and nothing was started, for that
    assert view.counts(same.request) == (1, 1, 1, 1)

    changed = {"product_qty": 3}
    starts = [
        await same.start(http),
        await other.start(http, **changed),
        await failing.start(http),
        await stopped.start(http),
    ]
    again = [await quotations.final(http, start.json()["tracking_id"]) for start in starts]

    assert [status["tracking_id"] for status in again] == ids
    assert not any("Idempotent-Replayed" in start.headers for start in starts)
    assert [status["status"] for status in again] == ["completed", "completed", "failed", "completed"]
    # the same request finds its records, and another one has records of its own
    assert records(again[0]) == records(before[0])
    assert view.counts(same.request) == (1, 1, 1, 1)
    assert all(new != old for new, old in zip(records(again[1]), records(before[1]), strict=True))
    assert view.counts(other.request) == (1, 2, 2, 2)
    assert again[2]["error"] == before[2]["error"]
    assert view.counts(failing.request) == (0, 0, 0, 0)
    assert view.counts(stopped.request) == (1, 1, 1, 1)
    # what the second run made is what the key stands for from now on
    repeated = await other.start(http, **changed)
    assert repeated.headers["Idempotent-Replayed"] == "true"


def records(status: dict[str, Any]) -> list[int]:
    result = status["result"]
    return [result["lead_id"], result["sale_order_id"], *(line["line_id"] for line in result["lines"])]
