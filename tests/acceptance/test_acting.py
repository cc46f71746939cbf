"""Quotations that somebody cancels, retries, terminates or resets, in the gateway or in Temporal's UI."""

import asyncio
import random
from typing import Any

import httpx2
import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import Client, WorkflowExecutionStatus

from runtime import temporal
from sandbox.system import System
from tests.support import quotations
from tests.support.odoo_view import OdooView
from tests.support.quotations import FINAL
from tests.support.requests import unique_body


@pytest.fixture
async def client(system: System, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setenv("TEMPORAL_ADDRESS", system.temporal)
    return await temporal.create_client((), lazy=False)


async def reached(http: httpx2.AsyncClient, tracking_id: str, record: str) -> dict[str, Any]:
    """Wait until the result has this record, or the quotation is final."""
    async with asyncio.timeout(60):
        while not (status := await quotations.status(http, tracking_id))["result"][record]:
            if status["status"] in FINAL:
                break
            await asyncio.sleep(0.01)
    return status


async def closed(client: Client, tracking_id: str) -> WorkflowExecutionStatus | None:
    async with asyncio.timeout(60):
        while (description := await client.get_workflow_handle(tracking_id).describe()).close_time is None:
            await asyncio.sleep(0.05)
    return description.status


@pytest.mark.usefixtures("workers")
async def test_a_terminated_quotation_tells_what_it_left_and_a_retry_finishes_it(
    http: httpx2.AsyncClient, view: OdooView, client: Client
) -> None:
    request = unique_body()
    tracking_id = await quotations.start(http, **request)
    await reached(http, tracking_id, "lead_id")
    await client.get_workflow_handle(tracking_id).terminate()
    failed = await quotations.status(http, tracking_id)
    assert (failed["status"], failed["error"]["code"]) == ("failed", "terminated")
    assert failed["result"]["lead_id"]

    assert (await http.post(f"/api/quotation/{tracking_id}/retry")).status_code == 202

    status = await quotations.final(http, tracking_id)
    assert status["status"] == "completed"
    assert (status["created_at"], status["result"]["lead_id"]) == (
        failed["created_at"],
        failed["result"]["lead_id"],
    )
    assert view.counts(request) == (1, 1, 1, 1)


@pytest.mark.usefixtures("workers")
async def test_a_cancel_in_temporals_ui_is_one_in_the_gateway(
    http: httpx2.AsyncClient, view: OdooView, client: Client
) -> None:
    request = unique_body()
    tracking_id = await quotations.start(http, **request)
    await reached(http, tracking_id, "partner_id")
    await client.get_workflow_handle(tracking_id).cancel()

    status = await quotations.final(http, tracking_id)

    ended = (status["status"], await closed(client, tracking_id))
    # all may have been done before the cancel arrived
    assert ended in [
        ("cancelled", WorkflowExecutionStatus.CANCELED),
        ("completed", WorkflowExecutionStatus.COMPLETED),
    ]
    result = status["result"]
    told = [result["partner_id"], result["lead_id"], result["sale_order_id"], *result["lines"]]
    assert sum(view.counts(request)) == len([record for record in told if record])


@pytest.mark.parametrize("event", [3, 16])
@pytest.mark.usefixtures("workers")
async def test_a_reset_in_temporals_ui_doubles_nothing(
    http: httpx2.AsyncClient, view: OdooView, client: Client, event: int
) -> None:
    request = unique_body()
    tracking_id = await quotations.start(http, **request)
    before = await quotations.final(http, tracking_id)
    assert await closed(client, tracking_id) is WorkflowExecutionStatus.COMPLETED
    history = await client.get_workflow_handle(tracking_id).fetch_history()
    finished_tasks = [
        event.event_id for event in history.events if event.HasField("workflow_task_completed_event_attributes")
    ]

    await client.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace="default",
            workflow_execution=WorkflowExecution(workflow_id=tracking_id),
            workflow_task_finish_event_id=max(number for number in finished_tasks if number <= max(event, 4)),
            request_id=f"reset-{event}",
            reason="test",
        )
    )

    assert await closed(client, tracking_id) is WorkflowExecutionStatus.COMPLETED
    after = await quotations.final(http, tracking_id)
    assert after["created_at"] == before["created_at"]
    assert after["status"] == "completed"
    assert {**after["result"], "steps": {}} == {**before["result"], "steps": {}}
    assert view.counts(request) == (1, 1, 1, 1)


async def test_cancels_and_retries_race_with_completion_and_double_nothing(
    workers: System, http: httpx2.AsyncClient, view: OdooView
) -> None:
    workers.start_worker()
    moments = random.Random(4)  # noqa: S311  # repeatable, not secret

    async def quotation() -> dict[str, Any]:
        request = unique_body(
            lines=[{"product_id": 26174, "product_price": 9}, {"product_id": 26175}], product_id=None
        )
        tracking_id = await quotations.start(http, **request)
        for _ in range(3):
            await asyncio.sleep(moments.uniform(0, 2))
            cancelled = await http.post(f"/api/quotation/{tracking_id}/cancel")
            assert cancelled.status_code in (202, 409), cancelled.text
            # ten at once share one Odoo with other tests
            status = await quotations.final(http, tracking_id, seconds=100)
            retried = await asyncio.gather(*(http.post(f"/api/quotation/{tracking_id}/retry") for _ in range(2)))
            codes = sorted(response.status_code for response in retried)
            assert codes == ([409, 409] if status["status"] == "completed" else [202, 409])
        final = await quotations.final(http, tracking_id, seconds=100)
        assert final["status"] == "completed"
        assert view.counts(request) == (1, 1, 1, 2)
        return final

    finals = await asyncio.gather(*(quotation() for _ in range(10)))
    assert len({final["result"]["sale_order_id"] for final in finals}) == 10


@pytest.mark.usefixtures("workers")
async def test_a_retry_keeps_the_partner_whose_address_a_salesperson_has_corrected(
    http: httpx2.AsyncClient, view: OdooView, client: Client
) -> None:
    request = unique_body()
    tracking_id = await quotations.start(http, **request)
    status = await reached(http, tracking_id, "partner_id")
    await client.get_workflow_handle(tracking_id).terminate()
    partner_id = status["result"]["partner_id"]
    view.call("res.partner", "write", [partner_id], {"email": f"corregido-{request['email']}"})

    await http.post(f"/api/quotation/{tracking_id}/retry")

    final = await quotations.final(http, tracking_id)
    assert (final["status"], final["result"]["partner_id"]) == ("completed", partner_id)
    assert not view.find("res.partner", ["email", "=", request["email"]])
    [order] = view.find("sale.order", ["origin", "=", request["lead_name"]], fields=("partner_id",))
    assert order["partner_id"][0] == partner_id
