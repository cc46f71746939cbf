"""Without a worker, the history of an unfinished run has the status that its worker would return."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from temporalio.client import Client

from quotation import steps
from quotation.messages import FoundPartner
from quotation.warning import QuotationWarning
from tests.support import quotations
from tests.support.script import Script
from tests.support.scripted_worker import ENVIRONMENT, StartWork

Body = dict[str, Any]


def new_customer(_: Script) -> None: ...


def known_customer(script: Script) -> None:
    script.partner = FoundPartner(id=124258, name="Acme")
    script.checked = {"warnings": [QuotationWarning(code="partner_name_differs", message="It has another name.")]}


async def at(http: httpx2.AsyncClient, tracking_id: str, step: str) -> Body:
    """Return the status of a quotation when it has reached this step."""
    async with asyncio.timeout(20):
        while (status := await quotations.status(http, tracking_id))["step"] != step:
            await asyncio.sleep(0.05)
    # an attempt that the stopped worker left shows as an outage
    return status | {"elapsed_time": "", "retrying": None, "spoken_status": ""}


@pytest.mark.parametrize(
    ("held", "step", "record"),
    [
        (steps.AUTHENTICATE, "auth", None),
        (steps.CREATE_LEAD, "lead", "partner_id"),
        (steps.CREATE_SALE_ORDER, "order", "opportunity_id"),
        (steps.ADD_PRODUCT_LINES, "line", "sale_order_id"),
    ],
)
@pytest.mark.parametrize("customer", [new_customer, known_customer])
async def test_a_status_needs_no_worker(
    http: httpx2.AsyncClient,
    start_work: StartWork,
    script: Script,
    customer: Callable[[Script], None],
    held: str,
    step: str,
    record: str | None,
) -> None:
    customer(script)
    script.hold(held)
    worker = await start_work()
    tracking_id = await quotations.start(http, ENVIRONMENT)
    told_by_worker = await at(http, tracking_id, step)
    await worker.shutdown()

    told_by_history = await at(http, tracking_id, step)
    listed = (await http.get(f"/api/{ENVIRONMENT}/quotations")).json()["items"]

    assert told_by_history == told_by_worker
    assert record is None or told_by_history["result"][record] is not None
    assert (tracking_id, "processing", step) in [
        (item["tracking_id"], item["status"], item["step"]) for item in listed
    ]


async def test_a_terminated_run_has_left_what_its_history_tells(
    http: httpx2.AsyncClient, start_work: StartWork, script: Script, temporal: Client
) -> None:
    script.hold(steps.ADD_PRODUCT_LINES)
    await start_work()
    tracking_id = await quotations.start(http, ENVIRONMENT)
    before = await at(http, tracking_id, "line")

    await temporal.get_workflow_handle(tracking_id).terminate()
    status = await quotations.status(http, tracking_id)

    assert (status["status"], status["error"]["code"]) == ("failed", "terminated")
    assert status["result"] == before["result"]
    assert status["result"]["sale_order_id"] == 18694
