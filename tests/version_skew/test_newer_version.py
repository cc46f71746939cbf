"""Data that a newer version stored in Temporal and S3, read and carried on by this one."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from temporalio import workflow
from temporalio.client import Client, WorkflowHandle
from temporalio.exceptions import ApplicationError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from quotation.identity import new_tracking_id
from tests.support import callers, quotations
from tests.support.odoo_view import OdooView
from tests.support.requests import unique_body
from tests.version_skew.logs import Logs
from tests.version_skew.versions import TO_NEW, TO_NOBODY, Versions

Handle = WorkflowHandle[Any, Any]

NEW = {"of_a_newer_version": {"at": [1, None, "x"]}}
ANSWERS = {"spoken_status": {"es": "x"}, "next_action": ["x"], "poll_after_seconds": "x", "page_url": 5}
"""Fields of this version's answers, in case a newer one stores them."""

QUEUE = f"quotations-{TO_NOBODY}"
STATUS: dict[str, Any] = {
    "tracking_id": "quot_abc123def456",
    "status": "on_hold",
    "environment": TO_NOBODY,
    "created_at": "2025-12-22T15:30:00Z",
    "completed_at": None,
    "elapsed_time": "1.0s",
    "progress": "Esperando aprobación...",
    "step": "approval",
    "retrying": None,
    "result": {"environment": TO_NOBODY, "partner_id": 7, "lines": [], "steps": {"approval": "x"}, **NEW},
    "error": None,
    **NEW,
    **ANSWERS,
}
FORM = {"in": "another form"}
ENDED = STATUS | {"completed_at": "2025-12-22T15:31:00Z"}
ERROR = {"code": "credit_limit", "message": "The customer owes too much.", "step": "approval", **NEW}


def memo(environment: str, **fields: Any) -> dict[str, Any]:
    return {"environment": environment, "environment_name": environment, "fingerprint": "f", **NEW, **fields}


@workflow.defn(name="Quotation")
class NewerQuotation:
    """Ends as it is told, as a newer version's workflow would."""

    @workflow.run
    async def run(self, end: dict[str, Any]) -> Any:
        if "memo" in end:
            workflow.upsert_memo({"status": end["memo"]})
        if end["how"] == "fail":
            raise ApplicationError("The customer owes too much.", type="credit_limit", non_retryable=True)
        if end["how"] == "cancel":
            await workflow.wait_condition(lambda: False)
        return end["result"]


@pytest.fixture
async def newer_worker(temporal: Client) -> AsyncIterator[None]:
    async with Worker(
        temporal, task_queue=QUEUE, workflows=[NewerQuotation], workflow_runner=UnsandboxedWorkflowRunner()
    ):
        yield


async def close(temporal: Client, **end: Any) -> Handle:
    """Run a newer version's quotation to its end."""
    handle: Handle = await temporal.start_workflow(
        "Quotation", end, id=new_tracking_id(), task_queue=QUEUE, memo=memo(TO_NOBODY)
    )
    if end["how"] == "cancel":
        await handle.cancel()
    while (await handle.describe()).close_time is None:
        await asyncio.sleep(0.05)
    return handle


# what the gateway reads


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (STATUS, ("processing", "lead")),
        (ENDED, ("cancelled", "lead")),
        (ENDED | {"status": "failed", "error": ERROR}, ("failed", "lead")),
        (
            ENDED | {"status": "archived", "step": "done", "result": STATUS["result"] | {"amount_total": 5.0}},
            ("completed", "done"),
        ),
    ],
    ids=["under way", "ended", "failed", "ended with an order"],
)
async def test_a_published_status_is_told_in_known_words(
    versions: Versions, new_gateway: httpx2.AsyncClient, temporal: Client, status: Any, told: tuple[str, str]
) -> None:
    handle: Handle = await temporal.start_workflow(
        "Quotation", NEW, id=new_tracking_id(), task_queue=QUEUE, memo=memo(TO_NOBODY, status=status)
    )
    read = await quotations.status(new_gateway, handle.id)
    async with callers.mcp(versions.new, {}) as mcp:
        # the client checks it against the tool's output schema
        called = await mcp.call_tool(f"{TO_NOBODY}_get_quotation_status", {"tracking_id": handle.id})
    await until_listed(new_gateway, handle.id, *told)
    assert (read["status"], read["step"], read["progress"]) == (*told, "Esperando aprobación...")
    assert not called.is_error, called.content
    assert called.structured_content["status"] == told[0]
    if status["error"]:
        assert (read["error"]["code"], read["error"]["message"]) == ("odoo_unexpected", ERROR["message"])


async def until_listed(http: httpx2.AsyncClient, tracking_id: str, *told: str) -> None:
    async with asyncio.timeout(30):
        while True:
            listed = await http.get("/api/quotations?limit=100")
            assert listed.status_code == httpx2.codes.OK, listed.text
            if (tracking_id, *told) in [
                (item["tracking_id"], item["status"], item["step"]) for item in listed.json()["items"]
            ]:
                return
            await asyncio.sleep(0.2)


@pytest.mark.usefixtures("newer_worker")
async def test_a_result_is_read(new_gateway: httpx2.AsyncClient, temporal: Client) -> None:
    result = ENDED | {"status": "completed", "step": "done", "result": STATUS["result"] | {"partner_name": "Acme"}}
    handle = await close(temporal, how="complete", result=result)
    read = await quotations.status(new_gateway, handle.id)
    assert (read["status"], read["result"]["partner_name"]) == ("completed", "Acme")


@pytest.mark.usefixtures("newer_worker")
@pytest.mark.parametrize(
    ("how", "status"), [("complete", "completed"), ("cancel", "cancelled"), ("fail", "failed")]
)
async def test_an_end_that_cannot_be_read_is_told_as_temporal_does(
    new_gateway: httpx2.AsyncClient, temporal: Client, how: str, status: str
) -> None:
    handle = await close(temporal, how=how, memo=FORM, result=FORM)
    read = await quotations.status(new_gateway, handle.id)
    assert (read["status"], read["tracking_id"]) == (status, handle.id)
    assert read["completed_at"]
    assert (await new_gateway.post(f"/api/quotation/{handle.id}/cancel")).status_code == httpx2.codes.CONFLICT


# what the worker goes on with


async def start(temporal: Client, asked: dict[str, Any], tracking_id: str) -> Handle:
    started = {"request": asked | NEW, "environment": TO_NEW, "fingerprint": "0" * 64, **NEW}
    return await temporal.start_workflow(
        "Quotation", started, id=tracking_id, task_queue=f"quotations-{TO_NEW}", memo=memo(TO_NEW)
    )


async def test_a_request_of_a_newer_gateway_is_carried_out_and_logged_whole(
    new_gateway: httpx2.AsyncClient, temporal: Client, kept: Logs, view: OdooView
) -> None:
    asked, tracking_id = unique_body(), new_tracking_id()
    # its log of the start was written by a newer worker
    kept.put(
        tracking_id,
        STATUS | {"tracking_id": tracking_id, "written_at": "2025-12-22T15:30:00Z", "request": asked, "steps": {}},
    )
    await start(temporal, asked, tracking_id)
    status = await quotations.final(new_gateway, tracking_id)
    log = await kept.final(tracking_id, "completed")
    assert status["status"] == "completed"
    assert log["request"].items() >= (asked | NEW).items()
    assert log.items() >= NEW.items()
    assert log["result"].items() >= (status["result"] | NEW | {"steps": log["result"]["steps"]}).items()
    assert view.counts(asked) == (1, 1, 1, 1)


async def test_a_retry_loses_nothing_of_what_a_newer_version_stored(
    new_gateway: httpx2.AsyncClient, temporal: Client, view: OdooView
) -> None:
    asked, tracking_id = unique_body(product_id=999_999_999), new_tracking_id()
    await start(temporal, asked, tracking_id)
    failed = await quotations.final(new_gateway, tracking_id)
    retried = await new_gateway.post(f"/api/quotation/{tracking_id}/retry", json={"product_id": 26174})
    status = await quotations.final(new_gateway, tracking_id)
    handle = temporal.get_workflow_handle(tracking_id)
    first = await anext(handle.fetch_history_events(page_size=1))
    [payload] = first.workflow_execution_started_event_attributes.input.payloads
    again = json.loads(payload.data)
    assert (failed["status"], failed["error"]["code"]) == ("failed", "product_not_found")
    assert retried.status_code == httpx2.codes.ACCEPTED, retried.text
    assert status["status"] == "completed"
    assert again.items() >= NEW.items()
    assert again["request"].items() >= (asked | NEW | {"product_id": 26174}).items()
    assert (await (await handle.describe()).memo())["of_a_newer_version"] == NEW["of_a_newer_version"]
    assert view.counts(asked) == (1, 1, 1, 1)


async def test_a_later_log_of_a_newer_version_stays_and_the_run_ends(
    new_gateway: httpx2.AsyncClient, temporal: Client, kept: Logs
) -> None:
    tracking_id = new_tracking_id()
    later = STATUS | {"tracking_id": tracking_id, "written_at": "2100-01-01T00:00:00Z", "request": "?", "steps": 1}
    kept.put(tracking_id, later)
    handle = await start(temporal, unique_body(), tracking_id)
    assert (await quotations.final(new_gateway, tracking_id))["status"] == "completed"
    await handle.result()
    assert json.loads(kept.get(tracking_id)) == later
