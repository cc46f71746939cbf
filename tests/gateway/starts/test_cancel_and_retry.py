"""Cancel and retry over REST and MCP: the real workflow, with activities that do what a test tells them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from mcp.client.client import Client as McpClient
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowFailureError
from temporalio.service import RPCError

from activities.failures import RequestError
from log_store import LogStoreError
from odoo_client import OdooRejectedError, OdooUnavailableError
from quotation import steps
from quotation.errors import ErrorCode
from quotation.messages import QuotationInput
from tests.support.callers import DEVELOPMENT
from tests.support.forms import ESTIMATED_TIME
from tests.support.script import Script
from tests.support.scripted_worker import ENVIRONMENT, StartWork

Body = dict[str, Any]

FINAL = {"completed", "failed", "cancelled"}
NO_PRODUCT = RequestError(ErrorCode.PRODUCT_NOT_FOUND, "Product 1 does not exist.")
REFUSED = OdooRejectedError("Odoo refused it.")


class Api:
    """The gateway's REST interface to one quotation."""

    def __init__(self, http: httpx2.AsyncClient, tracking_id: str) -> None:
        self._http = http
        self.tracking_id = tracking_id

    async def cancel(self) -> httpx2.Response:
        return await self._http.post(f"/api/quotation/{self.tracking_id}/cancel")

    async def retry(self, changes: Body | None = None) -> httpx2.Response:
        return await self._http.post(f"/api/quotation/{self.tracking_id}/retry", json=changes)

    async def status(self) -> Body:
        status: Body = (await self._http.get(f"/api/quotation/status/{self.tracking_id}")).json()
        return status

    async def final(self) -> Body:
        async with asyncio.timeout(20):
            while (status := await self.status())["status"] not in FINAL:
                await asyncio.sleep(0.02)
        return status


@pytest.fixture
async def quotation(http: httpx2.AsyncClient, temporal: Client, request_body: Body) -> AsyncIterator[Api]:
    started = await http.post(f"/api/{ENVIRONMENT}/quotation/async", json=request_body)
    quotation = Api(http, started.json()["tracking_id"])
    yield quotation
    # no other test's worker shall find it
    with contextlib.suppress(RPCError):
        await temporal.get_workflow_handle(quotation.tracking_id).terminate()


async def last_input(temporal: Client, tracking_id: str) -> QuotationInput:
    history = await temporal.get_workflow_handle(tracking_id).fetch_history()
    payloads = history.events[0].workflow_execution_started_event_attributes.input.payloads
    [quotation] = await temporal.data_converter.decode(payloads, [QuotationInput])
    return QuotationInput.model_validate(quotation)


async def test_a_queued_quotation_is_cancelled_before_it_does_anything(
    start_work: StartWork, script: Script, quotation: Api
) -> None:
    response = await quotation.cancel()

    assert response.status_code == 202
    assert response.json() == {
        "tracking_id": quotation.tracking_id,
        "status": "queued",
        "message": "Cancelación solicitada...",
        "environment": ENVIRONMENT,
        "status_url": f"/api/quotation/status/{quotation.tracking_id}",
        "spoken_status": "Ya pedí que se cancele la cotización.",
    }
    await start_work()
    status = await quotation.final()
    assert (status["status"], status["error"]) == ("cancelled", None)
    assert set(script.calls) <= {steps.LOG_TO_S3}


async def test_a_cancel_awaits_the_call_under_way_and_starts_no_further_step(
    start_work: StartWork, script: Script, quotation: Api
) -> None:
    script.hold(steps.CREATE_LEAD)
    await start_work()
    await script.reached(steps.CREATE_LEAD)
    assert (await quotation.cancel()).status_code == 202
    assert (await quotation.cancel()).status_code == 202
    script.release(steps.CREATE_LEAD)

    status = await quotation.final()

    assert (status["status"], status["result"]["lead_id"]) == ("cancelled", 27414)
    assert steps.CREATE_SALE_ORDER not in script.calls


@pytest.mark.parametrize("error", [None, NO_PRODUCT])
async def test_a_finished_quotation_cannot_be_cancelled(
    start_work: StartWork, script: Script, quotation: Api, error: Exception | None
) -> None:
    if error:
        script.fail_always(steps.AUTHENTICATE, error)
    # published is finished, though the run still writes its log
    script.hold(steps.LOG_TO_S3)
    await start_work()
    finished = await quotation.final()

    response = await quotation.cancel()

    assert response.status_code == 409
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["detail"] == "The quotation is finished and can no longer be cancelled."
    assert (await quotation.status())["status"] == finished["status"]
    script.release(steps.LOG_TO_S3)


async def test_a_failed_quotation_runs_again_with_a_corrected_field(
    gateway: str, start_work: StartWork, script: Script, quotation: Api, temporal: Client
) -> None:
    script.fail(steps.AUTHENTICATE, NO_PRODUCT)
    await start_work()
    failed = await quotation.final()
    before = await last_input(temporal, quotation.tracking_id)

    response = await quotation.retry({"product_id": "26175"})

    assert response.status_code == 202
    assert response.headers["Location"] == f"/api/quotation/status/{quotation.tracking_id}"
    assert response.json() == {
        "tracking_id": quotation.tracking_id,
        "status": "queued",
        "message": "Cotización en proceso...",
        "estimated_time": ESTIMATED_TIME,
        "status_url": f"/api/quotation/status/{quotation.tracking_id}",
        "page_url": gateway + DEVELOPMENT.path(quotation.tracking_id),
        "environment": ENVIRONMENT,
        "warnings": [],
        "spoken_status": "La cotización está en cola.",
    }
    status = await quotation.final()
    assert (status["status"], status["error"]) == ("completed", None)
    assert status["created_at"] == failed["created_at"]
    assert status["result"]["lines"][0]["product_id"] == 26175
    after = await last_input(temporal, quotation.tracking_id)
    assert after.request == before.request.model_copy(update={"product_id": 26175})
    assert after.fingerprint == before.fingerprint
    memo = await (await temporal.get_workflow_handle(quotation.tracking_id).describe()).memo()
    assert (memo["environment_name"], memo["fingerprint"]) == (ENVIRONMENT, before.fingerprint)


async def test_a_retry_keeps_what_exists_and_shows_it_before_a_worker_comes(
    start_work: StartWork, script: Script, quotation: Api, temporal: Client
) -> None:
    script.fail_always(steps.CREATE_SALE_ORDER, REFUSED)
    worker = await start_work()
    failed = await quotation.final()
    with pytest.raises(WorkflowFailureError):
        await temporal.get_workflow_handle(quotation.tracking_id).result()
    await worker.shutdown()
    assert failed["result"]["lead_id"] == 27414

    assert (await quotation.retry()).status_code == 202

    queued = await quotation.status()
    assert (queued["status"], queued["step"], queued["created_at"]) == ("queued", "queued", failed["created_at"])
    assert (queued["result"], queued["error"], queued["completed_at"]) == (failed["result"], None, None)


async def test_the_partner_of_the_first_run_is_named_to_the_checks_of_the_next(
    start_work: StartWork, script: Script, quotation: Api
) -> None:
    script.fail(steps.CREATE_LEAD, REFUSED)
    await start_work()
    await quotation.final()
    await quotation.retry()

    status = await quotation.final()

    assert [request.partner_id for request in script.requests] == [None, 124258]
    assert status["result"]["steps"]["partner"] == "Nuevo partner creado: Acme Corp (ID: 124258)"


async def test_a_cancelled_quotation_can_be_retried(start_work: StartWork, script: Script, quotation: Api) -> None:
    script.fail_always(steps.CREATE_LEAD, OdooUnavailableError("Odoo refused the connection."))
    await start_work()
    await script.reached(steps.CREATE_LEAD)
    await quotation.cancel()
    assert (await quotation.final())["status"] == "cancelled"
    script.recover(steps.CREATE_LEAD)

    assert (await quotation.retry({"lead_name": "Otra"})).status_code == 202

    status = await quotation.final()
    assert (status["status"], status["result"]["lead_name"]) == ("completed", "Otra")


async def test_a_terminated_quotation_can_be_retried(temporal: Client, quotation: Api) -> None:
    await temporal.get_workflow_handle(quotation.tracking_id).terminate()
    assert (await quotation.status())["error"]["code"] == "terminated"

    assert (await quotation.retry()).status_code == 202

    assert (await quotation.status())["status"] == "queued"


@pytest.mark.parametrize("state", ["queued", "completed"])
async def test_only_a_failed_or_cancelled_quotation_can_be_retried(
    start_work: StartWork, quotation: Api, state: str
) -> None:
    if state == "completed":
        await start_work()
        await quotation.final()

    response = await quotation.retry()

    assert response.status_code == 409
    assert response.json()["detail"] == "Only a failed or cancelled quotation can be retried."


async def test_of_two_retries_at_once_one_runs(start_work: StartWork, script: Script, quotation: Api) -> None:
    script.fail(steps.AUTHENTICATE, NO_PRODUCT)
    await start_work()
    await quotation.final()
    script.hold(steps.AUTHENTICATE)

    responses = await asyncio.gather(*(quotation.retry() for _ in range(6)))

    assert sorted(response.status_code for response in responses) == [202, 409, 409, 409, 409, 409]
    script.release(steps.AUTHENTICATE)
    assert (await quotation.final())["status"] == "completed"
    assert script.calls.count(steps.CREATE_LEAD) == 1


async def test_a_retry_waits_for_the_run_to_close(
    start_work: StartWork, script: Script, quotation: Api, temporal: Client
) -> None:
    script.fail_always(steps.LOG_TO_S3, LogStoreError("S3 answered 503."))
    script.fail(steps.AUTHENTICATE, NO_PRODUCT)
    await start_work()
    await quotation.final()
    description = await temporal.get_workflow_handle(quotation.tracking_id).describe()
    assert description.status is WorkflowExecutionStatus.RUNNING

    assert (await quotation.retry()).status_code == 202

    assert (await quotation.final())["status"] == "completed"


async def test_the_late_log_of_a_retry_replaces_that_of_the_run_before(
    start_work: StartWork, script: Script, quotation: Api, temporal: Client
) -> None:
    script.fail_always(steps.LOG_TO_S3, LogStoreError("S3 answered 503."))
    script.fail(steps.AUTHENTICATE, NO_PRODUCT)
    await start_work()
    await quotation.final()
    await quotation.retry()
    await quotation.final()
    await temporal.get_workflow_handle(quotation.tracking_id).result()
    script.recover(steps.LOG_TO_S3)

    await temporal.get_workflow_handle(f"{quotation.tracking_id}-log").result()

    assert [document.status for document in script.documents] == ["completed"]


@pytest.mark.parametrize(
    ("failing", "changes", "field"),
    [
        (steps.CREATE_LEAD, {"email": "otra@corp.test"}, "email"),
        (steps.CREATE_LEAD, {"partner_name": "Otra", "lead_name": "x"}, "partner_name"),
        (steps.CREATE_SALE_ORDER, {"lead_name": "Otra"}, "lead_name"),
        (steps.CREATE_SALE_ORDER, {"user_id": 9}, "user_id"),
        (steps.ADD_PRODUCT_LINES, {"notes": "Otra"}, "notes"),
    ],
)
async def test_a_field_whose_record_exists_cannot_change(
    start_work: StartWork, script: Script, quotation: Api, failing: str, changes: Body, field: str
) -> None:
    script.fail(failing, REFUSED)
    await start_work()
    await quotation.final()

    response = await quotation.retry(changes)

    assert response.status_code == 409
    assert [error["field"] for error in response.json()["errors"]] == [field]
    assert "otra" not in response.text.lower()
    assert (await quotation.status())["status"] == "failed"


async def test_a_field_that_is_repeated_does_not_change(
    start_work: StartWork, script: Script, quotation: Api, request_body: Body
) -> None:
    script.fail(steps.CREATE_SALE_ORDER, REFUSED)
    await start_work()
    await quotation.final()
    same = request_body | {"email": request_body["email"].upper(), "product_price": "-1.0"}

    assert (await quotation.retry(same)).status_code == 202


async def test_some_of_the_lines_exist_and_the_others_are_added_by_a_retry(
    start_work: StartWork, script: Script, http: httpx2.AsyncClient, request_body: Body
) -> None:
    lines = [
        {"product_id": 1, "product_price": 5},
        {"product_id": 2},
        {"product_id": 3, "product_price": 7},
    ]
    del request_body["product_id"]
    script.fail_after(steps.ADD_PRODUCT_LINES, 1, REFUSED)
    started = await http.post(f"/api/{ENVIRONMENT}/quotation/async", json=request_body | {"lines": lines})
    quotation = Api(http, started.json()["tracking_id"])

    await start_work()
    failed = await quotation.final()
    assert (failed["status"], failed["step"]) == ("failed", "line")
    assert [line["product_id"] for line in failed["result"]["lines"]] == [2]
    assert "product" not in failed["result"]["steps"]

    assert (await quotation.retry({"lines": lines[:1]})).status_code == 409
    assert (await quotation.retry()).status_code == 202
    status = await quotation.final()
    assert [line["product_id"] for line in status["result"]["lines"]] == [1, 2, 3]
    assert status["result"]["steps"]["product"].count("línea") == 3


async def test_products_given_in_one_way_replace_those_given_in_the_other(
    start_work: StartWork, script: Script, quotation: Api, temporal: Client
) -> None:
    script.fail(steps.AUTHENTICATE, NO_PRODUCT, NO_PRODUCT)
    await start_work()
    await quotation.final()
    assert (await quotation.retry({"lines": [{"product_id": 7}, {"product_id": 8}]})).status_code == 202
    await quotation.final()
    request = (await last_input(temporal, quotation.tracking_id)).request
    assert [line.product_id for line in request.order_lines] == [7, 8]
    assert (await quotation.retry({"product_id": 9})).status_code == 202
    request = (await last_input(temporal, quotation.tracking_id)).request
    assert [line.product_id for line in request.order_lines] == [9]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "SECRET"}, "email"),
        ({"product_qty": 0}, "product_qty"),
        ({"SECRET": None}, "SECRET"),
        ({"discount": 1}, "discount"),
        ({"lines": [{"product_id": 0}]}, "lines.0.product_id"),
    ],
)
async def test_the_corrected_request_is_validated_as_new(
    start_work: StartWork, script: Script, quotation: Api, changes: Body, field: str
) -> None:
    script.fail(steps.AUTHENTICATE, NO_PRODUCT)
    await start_work()
    await quotation.final()

    response = await quotation.retry(changes)

    assert response.status_code == 422
    assert [error["field"] for error in response.json()["errors"]] == [field]
    assert (await quotation.status())["status"] == "failed"


@pytest.mark.parametrize("content", [b"[]", b'"x"', b"{"])
async def test_a_retry_takes_a_json_object_or_nothing(http: httpx2.AsyncClient, content: bytes) -> None:
    response = await http.post(
        "/api/quotation/quot_000000000000/retry", content=content, headers={"Content-Type": "application/json"}
    )
    assert response.status_code in (400, 422)


@pytest.mark.parametrize("action", ["cancel", "retry"])
async def test_an_unknown_or_malformed_id(http: httpx2.AsyncClient, action: str) -> None:
    assert (await http.post(f"/api/quotation/quot_000000000000/{action}")).status_code == 404
    assert (await http.post(f"/api/quotation/quot_0/{action}/")).status_code == 422


async def test_cancel_and_retry_over_mcp(
    start_work: StartWork, script: Script, gateway: str, request_body: Body
) -> None:
    script.hold(steps.AUTHENTICATE)
    await start_work()
    async with McpClient(f"{gateway}/mcp") as client:
        created = (await client.call_tool(f"{ENVIRONMENT}_create_quotation", request_body)).structured_content
        assert created
        reference = {"tracking_id": created["tracking_id"]}
        await script.reached(steps.AUTHENTICATE)

        early = await client.call_tool(f"{ENVIRONMENT}_retry_quotation", reference)
        foreign = await client.call_tool("prod_cancel_quotation", reference)
        cancelled = await client.call_tool(f"{ENVIRONMENT}_cancel_quotation", reference)
        script.release(steps.AUTHENTICATE)
        async with asyncio.timeout(20):
            while (await status_over(client, reference))["status"] not in FINAL:
                await asyncio.sleep(0.02)
        wrong = await client.call_tool(
            f"{ENVIRONMENT}_retry_quotation", reference | {"corrections": {"email": "SECRET"}}
        )
        retried = await client.call_tool(
            f"{ENVIRONMENT}_retry_quotation", reference | {"corrections": {"notes": "ya"}}
        )
        async with asyncio.timeout(20):
            while (final := await status_over(client, reference))["status"] not in FINAL:
                await asyncio.sleep(0.02)
        late = await client.call_tool(f"{ENVIRONMENT}_cancel_quotation", reference)

    assert [result.is_error for result in (early, foreign, wrong, late)] == [True] * 4
    assert "email: must be a bare e-mail address" in str(wrong.content)
    assert "SECRET" not in str(wrong.content)
    assert cancelled.structured_content == {
        **reference,
        "status": "processing",
        "message": "Cancelación solicitada...",
        "environment": ENVIRONMENT,
        "check_status_with": f"{ENVIRONMENT}_get_quotation_status(tracking_id='{created['tracking_id']}')",
    }
    assert retried.structured_content == created
    assert final["status"] == "completed"


async def status_over(client: McpClient, reference: Body) -> Body:
    status: Body | None = (
        await client.call_tool(f"{ENVIRONMENT}_get_quotation_status", reference)
    ).structured_content
    assert status
    return status
