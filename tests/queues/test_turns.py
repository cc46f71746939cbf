"""Callers take turns, and a quotation that has begun goes before those that have not."""

import asyncio

import httpx2

from tests.queues.conftest import SLOTS
from tests.queues.turnstile import Turnstile
from tests.support import callers, quotations
from tests.support.odoo_relay import OdooRelay

PARTNERS = "res.partner.load"
LEADS = "crm.lead.load"
BATCH = 8 * SLOTS
CALLS_OF_ONE = 9


async def start_batch(http: httpx2.AsyncClient, number: int = BATCH) -> list[str]:
    return list(await asyncio.gather(*(quotations.start(http) for _ in range(number))))


async def set_latency(relay: OdooRelay, seconds: float) -> None:
    async with callers.rest(relay.odoo.url) as http:
        (await http.post("/standin/latency", json={"latency": f"{seconds:g}"})).raise_for_status()


async def test_one_quotation_does_not_wait_behind_the_batch_of_another_caller(
    ana: httpx2.AsyncClient, bob: httpx2.AsyncClient, gate: Turnstile
) -> None:
    gate.close(LEADS)
    batch = await start_batch(ana)
    await gate.until(LEADS, SLOTS)

    one = await quotations.start(bob, lead_name="Cotización de Bob")
    while not gate.came(LEADS, "Cotización de Bob"):
        before = gate.came(LEADS)
        gate.admit(LEADS)
        await gate.until(LEADS, before + 1)

    # those that had begun when it was started, and the ones that then got the free slots in turn with it
    assert gate.came(LEADS) <= 5 * SLOTS
    gate.open()
    for quotation, http in [(one, bob), *((one, ana) for one in batch)]:
        assert (await quotations.final(http, quotation))["status"] == "completed"


async def test_quotations_that_have_begun_are_finished_before_others_begin(
    ana: httpx2.AsyncClient, gate: Turnstile
) -> None:
    gate.watch(PARTNERS)
    gate.close("sale.order.load")
    batch = await start_batch(ana)
    await gate.until("sale.order.load", SLOTS)

    assert gate.came(PARTNERS) <= 5 * SLOTS
    gate.open()
    for one in batch:
        assert (await quotations.final(ana, one))["status"] == "completed"


async def test_a_quotation_is_done_after_a_few_calls_of_the_batch_of_another_caller(
    ana: httpx2.AsyncClient, bob: httpx2.AsyncClient, gate: Turnstile, relay: OdooRelay
) -> None:
    gate.watch(LEADS)
    await set_latency(relay, 0.1)
    batch = await start_batch(ana)
    await gate.until(LEADS, SLOTS)

    made = []
    for _ in range(2):
        before = relay.counted.total()
        status = await quotations.final(bob, await quotations.start(bob))
        assert status["status"] == "completed"
        made.append(relay.counted.total() - before - CALLS_OF_ONE)

    await set_latency(relay, 0)
    # it has five calls in a row in five steps, and each of both may wait until a call of the batch ends
    assert max(made) <= 17 * SLOTS
    for one in batch:
        assert (await quotations.final(ana, one))["status"] == "completed"
