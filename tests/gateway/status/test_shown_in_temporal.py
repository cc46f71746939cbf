"""Temporal's own UI of a quotation: summaries, details and failures, for operators."""

import contextlib
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import Client, WorkflowFailureError

from activities.failures import RequestError
from quotation import steps
from quotation.errors import ErrorCode
from tests.gateway.conftest import StartGateway
from tests.support.callers import rest
from tests.support.requests import body
from tests.support.script import Script
from tests.support.scripted_worker import ENVIRONMENT, StartWork

URL = "https://odoo.test/odoo/sales/18694"
NO_PRODUCT = RequestError(ErrorCode.PRODUCT_NOT_FOUND, "Product 1 does not exist.")


async def start(http: httpx2.AsyncClient, wait: int = 30, **fields: Any) -> str:
    answer = await http.post(f"/api/{ENVIRONMENT}/quotation/async?wait={wait}", json=body() | fields)
    tracking_id: str = answer.json()["tracking_id"]
    return tracking_id


async def details(temporal: Client, tracking_id: str) -> list[str]:
    handle = temporal.get_workflow_handle(tracking_id)
    metadata = await handle.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
    return [line for line in metadata.current_details.splitlines() if line]


async def summary(temporal: Client, tracking_id: str) -> str | None:
    return await (await temporal.get_workflow_handle(tracking_id).describe()).static_summary()


async def events(temporal: Client, tracking_id: str) -> list[HistoryEvent]:
    history = await temporal.get_workflow_handle(tracking_id).fetch_history()
    return list(history.events)


async def test_a_finished_run_links_to_what_it_made(
    http: httpx2.AsyncClient, temporal: Client, start_work: StartWork
) -> None:
    await start_work()
    tracking_id = await start(http, product="Robot PUDU", product_id=0, product_qty=2)

    assert await summary(temporal, tracking_id) == "Robot PUDU ×2"
    headline, *records = await details(temporal, tracking_id)
    assert headline.startswith(f"**Completed**: [S15433]({URL}), ")
    assert "- customer [124258](https://odoo.test/odoo/res.partner/124258)" in records
    assert not any("acme" in line.lower() for line in [headline, *records])
    scheduled = [
        (event.activity_task_scheduled_event_attributes.activity_type.name, event.user_metadata.summary.data)
        for event in await events(temporal, tracking_id)
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
    ]
    summaries = {name: data.decode() for name, data in scheduled}
    assert set(summaries) == {*steps.STEP_OF, steps.LOG_TO_S3} - {steps.CHECK_REQUEST}
    assert all(summaries.values())
    assert summaries[steps.CREATE_LEAD] == '"Create the lead"'


async def test_a_run_in_progress_says_what_it_waits_for(
    http: httpx2.AsyncClient, temporal: Client, script: Script, start_work: StartWork
) -> None:
    script.hold(steps.CREATE_LEAD)
    await start_work()
    tracking_id = await start(http, wait=0)
    await script.reached(steps.CREATE_LEAD)

    headline, *records = await details(temporal, tracking_id)
    script.release(steps.CREATE_LEAD)

    assert headline.startswith("**Processing**, step `lead`: waits for the lead in Odoo.")
    assert records == ["- customer 124258"]


async def test_a_failed_run_is_its_sentence_its_code_and_its_step_and_a_retry_names_the_order(
    http: httpx2.AsyncClient, temporal: Client, script: Script, start_work: StartWork
) -> None:
    script.fail(steps.ADD_PRODUCT_LINES, NO_PRODUCT)
    await start_work()
    tracking_id = await start(http)

    with contextlib.suppress(WorkflowFailureError):
        await temporal.get_workflow_handle(tracking_id).result()
    failed = (await events(temporal, tracking_id))[-1].workflow_execution_failed_event_attributes.failure
    assert failed.message == NO_PRODUCT.args[0]
    assert failed.application_failure_info.type == "product_not_found"
    assert [one.data for one in failed.application_failure_info.details.payloads] == [b'{"step":"line"}']
    assert not failed.HasField("cause")
    headline, *_ = await details(temporal, tracking_id)
    assert headline == r"**Failed** in step `line` with `product_not_found`: Product 1 does not exist."
    await http.post(f"/api/quotation/{tracking_id}/retry")
    assert (await summary(temporal, tracking_id) or "").startswith("S15433 · ")


@pytest.fixture(scope="module")
def showing(serve_gateway: StartGateway) -> Iterator[str]:
    with serve_gateway(ENVIRONMENTS=ENVIRONMENT, TEMPORAL_SHOW_CUSTOMERS="true") as url:
        yield url


async def test_customers_are_named_if_that_is_on(showing: str, temporal: Client) -> None:
    async with rest(showing) as http:
        tracking_id = await start(http, wait=0, partner_name="Acme Corp", product="PUDU", product_id=0)

    assert await summary(temporal, tracking_id) == "Acme Corp · PUDU ×1"
    await temporal.get_workflow_handle(tracking_id).terminate()
