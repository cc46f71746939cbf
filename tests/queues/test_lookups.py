"""Look-ups have slots of their own, and are told when Odoo is busy."""

import asyncio

import httpx2

from tests.queues.conftest import SLOTS
from tests.queues.turnstile import Turnstile
from tests.support import quotations
from tests.support.requests import unique_body

LEADS = "crm.lead.load"
PRODUCTS = "product.product.search_read"


async def test_lookups_and_dry_runs_do_not_wait_behind_quotations(
    ana: httpx2.AsyncClient, bob: httpx2.AsyncClient, gate: Turnstile
) -> None:
    gate.close(LEADS)
    ids = [await quotations.start(ana) for _ in range(SLOTS + 3)]
    await gate.until(LEADS, SLOTS)

    found = await bob.get("/api/products?query=robot")
    dry = await bob.post("/api/quotation/async?dry_run=true", json=unique_body())

    assert (found.status_code, dry.status_code) == (200, 200), (found.text, dry.text)
    assert gate.came(LEADS) == SLOTS
    gate.open()
    for one in ids:
        assert (await quotations.final(ana, one))["status"] == "completed"


async def test_an_odoo_that_is_busy_with_other_lookups_is_called_busy(
    bob: httpx2.AsyncClient, gate: Turnstile
) -> None:
    gate.close(PRODUCTS)
    held = [asyncio.create_task(bob.get("/api/products?query=robot")) for _ in range(SLOTS + 1)]
    await gate.until(PRODUCTS, SLOTS + 1)

    response = await bob.get("/api/products?query=robot")

    assert response.status_code == 503
    assert response.json()["detail"].startswith("Odoo is busy with other calls right now.")
    gate.open()
    await asyncio.gather(*held)
