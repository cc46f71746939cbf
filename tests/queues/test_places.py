"""A quotation that waits for its turn shows how many are ahead, and a new one how long the last ones took."""

import asyncio
from typing import Any

import httpx2

from quotation import texts
from tests.queues.conftest import SLOTS
from tests.queues.turnstile import Turnstile
from tests.support import quotations
from tests.support.forms import ESTIMATED_TIME
from tests.support.requests import unique_body

CHECKS = "res.partner.search_read"
BATCH = 6


async def waiting(http: httpx2.AsyncClient, tracking_id: str) -> dict[str, Any]:
    """Return a quotation's place as soon as it has one; Temporal counts a queue every few seconds."""
    async with asyncio.timeout(30):
        while (queue := (await quotations.status(http, tracking_id))["queue"]) is None:
            await asyncio.sleep(0.2)
    return dict(queue)


async def test_a_waiting_quotation_shows_its_place_behind_those_of_its_own_caller(
    ana: httpx2.AsyncClient, bob: httpx2.AsyncClient, gate: Turnstile
) -> None:
    gate.close(CHECKS)
    batch = []
    for number in range(SLOTS + BATCH):
        batch.append(await quotations.start(ana))
        if number < SLOTS:
            await gate.until(CHECKS, number + 1)
    one = await quotations.start(bob)

    last = await waiting(ana, batch[-1])
    first, second = [await waiting(ana, one) for one in batch[SLOTS : SLOTS + 2]]
    bobs = await waiting(bob, one)
    begun = [(await quotations.status(ana, one))["queue"] for one in batch[:SLOTS]]

    assert (first["ahead"], second["ahead"], bobs["ahead"]) == (SLOTS, SLOTS + 1, 0)
    assert second["ahead"] < last["ahead"] <= BATCH + 1
    assert 0 < bobs["estimated_seconds"] < first["estimated_seconds"] < last["estimated_seconds"]
    assert begun == [None] * SLOTS
    gate.open()
    for tracking_id, http in [(one, bob), *((one, ana) for one in batch)]:
        status = await quotations.final(http, tracking_id)
        assert (status["status"], status["queue"]) == ("completed", None)


async def test_the_estimated_time_is_measured(ana: httpx2.AsyncClient) -> None:
    assert (await quotations.final(ana, await quotations.start(ana)))["status"] == "completed"
    async with asyncio.timeout(30):
        while (told := (await ana.post("/api/quotation/async", json=unique_body())).json())[
            "estimated_time"
        ] == texts.ESTIMATED_TIME:
            await asyncio.sleep(1)
    assert told["estimated_time"] == ESTIMATED_TIME
