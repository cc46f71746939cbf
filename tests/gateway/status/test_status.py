import time
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from temporalio.client import Client, WorkflowHandle

from quotation import texts
from quotation.errors import ErrorCode
from quotation.identity import new_tracking_id
from quotation.messages import QuotationInput
from quotation.request import QuotationRequest
from quotation.status import Failure, QuotationStatus, Result, ResultLine, State, Step
from tests.support.callers import DEVELOPMENT, local
from tests.support.scripted_quotation import ScriptedQuotation, scripted_worker

Handle = WorkflowHandle[Any, Any]

CREATED = datetime(2025, 12, 22, 15, 30, 0, 123456, tzinfo=UTC)
COMPLETED = datetime(2025, 12, 22, 15, 30, 18, 623456, tzinfo=UTC)

KEYS = {
    "tracking_id",
    "status",
    "environment",
    "created_at",
    "completed_at",
    "elapsed_time",
    "progress",
    "step",
    "retrying",
    "result",
    "error",
    "warnings",
    "queue",
}


@pytest.fixture
async def tracking_id(http: httpx2.AsyncClient, request_body: dict[str, Any]) -> str:
    """Of a quotation that was just started."""
    response = await http.post("/api/quotation/async", json=request_body)
    return str(response.json()["tracking_id"])


@pytest.fixture
def run(temporal: Client, tracking_id: str) -> Handle:
    return temporal.get_workflow_handle(tracking_id)


@pytest.fixture
def processing(tracking_id: str) -> QuotationStatus:
    return QuotationStatus(
        tracking_id=tracking_id,
        status=State.PROCESSING,
        environment="development",
        created_at=CREATED,
        progress=texts.PROGRESS[Step.ORDER],
        step=Step.ORDER,
        result=Result(environment="development", partner_id=124258, partner_name="Acme Corp"),
    )


@pytest.fixture
def completed(processing: QuotationStatus) -> QuotationStatus:
    line = ResultLine(
        line_id=47587,
        product_id=26174,
        name="[MT1] Robot PUDU",
        quantity=1,
        price_unit=15950,
        discount=0,
        subtotal=15950,
    )
    result = processing.result.model_copy(update={"lines": [line], "steps": {"partner": "Partner existente"}})
    changes = {"status": State.COMPLETED, "step": Step.DONE, "completed_at": COMPLETED, "result": result}
    return processing.model_copy(update=changes | {"progress": texts.PROGRESS[Step.DONE]})


async def read(http: httpx2.AsyncClient, tracking_id: str) -> dict[str, Any]:
    """The status, without what REST adds to it for voices (tests/unit/gateway/test_spoken.py) and people."""
    response = await http.get(f"/api/quotation/status/{tracking_id}")
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    assert body.pop("spoken_status")
    assert local(body.pop("page_url")) == DEVELOPMENT.path(tracking_id)
    assert set(body) == KEYS
    return body


async def close(run: Handle, how: str) -> None:
    await run.signal(ScriptedQuotation.end, how)
    while (await run.describe()).close_time is None:
        pass


@pytest.mark.parametrize("path", ["/api/quotation/status", "/api/dev/quotation/status"])
async def test_an_unknown_id_is_not_found(http: httpx2.AsyncClient, path: str) -> None:
    response = await http.get(f"{path}/{new_tracking_id()}")

    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["detail"] == "There is no quotation with that tracking_id."


@pytest.mark.parametrize(
    "malformed",
    [
        "x",
        "quot_",
        "QUOT_abc123def456",
        "quot_ABC123DEF456",
        "quot_abc123def45",
        "quot_abc123def4567",
        "quot_abc123def45g",
        "%20quot_abc123def456",
        "quot_abc123def456%0A",
        "quot_abc123def456-log",
        "%FF",
    ],
)
async def test_a_malformed_id_is_invalid(http: httpx2.AsyncClient, malformed: str) -> None:
    response = await http.get(f"/api/quotation/status/{malformed}")

    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert [error["field"] for error in response.json()["errors"]] == ["tracking_id"]


async def test_a_run_of_another_workflow_is_not_found(http: httpx2.AsyncClient, temporal: Client) -> None:
    other = await temporal.start_workflow("Other", id=new_tracking_id(), task_queue="quotations-dev")

    response = await http.get(f"/api/quotation/status/{other.id}")

    assert response.status_code == 404


@pytest.mark.parametrize("environment", ["dev", "staging"])
async def test_a_quotation_is_not_found_in_another_environment(
    http: httpx2.AsyncClient, request_body: dict[str, Any], environment: str
) -> None:
    accepted = (await http.post("/api/prod/quotation/async", json=request_body)).json()

    response = await http.get(f"/api/{environment}/quotation/status/{accepted['tracking_id']}")

    assert response.status_code == 404


async def test_a_quotation_is_found_in_its_own_environment_with_its_label(
    http: httpx2.AsyncClient, request_body: dict[str, Any]
) -> None:
    accepted = (await http.post("/api/prod/quotation/async", json=request_body)).json()

    response = await http.get(f"/api/prod/quotation/status/{accepted['tracking_id']}")

    assert response.status_code == 200
    assert response.json()["environment"] == response.json()["result"]["environment"] == "production"


async def test_without_a_worker_a_new_quotation_is_queued(
    http: httpx2.AsyncClient, run: Handle, tracking_id: str
) -> None:
    before = time.monotonic()

    body = await read(http, tracking_id)

    started = (await run.describe()).start_time
    assert time.monotonic() - before < 4
    assert datetime.fromisoformat(body.pop("created_at")) == started
    assert 1.5 < float(body.pop("elapsed_time").removesuffix("s")) < 5
    # other tests leave quotations in this queue
    assert (body.pop("queue") or {}).keys() <= {"ahead", "estimated_seconds"}
    assert body == {
        "tracking_id": tracking_id,
        "status": "queued",
        "environment": "development",
        "completed_at": None,
        "progress": "En cola",
        "step": "queued",
        "retrying": None,
        "result": Result(environment="development").model_dump(mode="json"),
        "error": None,
        "warnings": [],
    }


@pytest.mark.usefixtures("worker")
async def test_the_worker_s_answer_is_the_status(
    http: httpx2.AsyncClient, run: Handle, processing: QuotationStatus
) -> None:
    await run.signal(ScriptedQuotation.publish, QuotationStatus.queued(run.id, "development"))
    await run.signal(ScriptedQuotation.show, processing)

    body = await read(http, run.id)

    elapsed = datetime.now(UTC) - CREATED
    assert body.pop("elapsed_time").startswith(str(int(elapsed.total_seconds()))[:-1])
    assert body == processing.model_dump(mode="json", exclude={"elapsed_time"})
    assert body["created_at"] == "2025-12-22T15:30:00.123456Z"


async def test_without_a_worker_the_memo_is_the_status(
    http: httpx2.AsyncClient, temporal: Client, run: Handle, processing: QuotationStatus
) -> None:
    async with scripted_worker(temporal):
        await publish(run, processing)

    body = await read(http, run.id)

    assert (body["status"], body["step"]) == ("processing", "order")
    assert body["result"]["partner_id"] == 124258


@pytest.mark.usefixtures("worker")
async def test_where_the_query_fails_the_memo_is_the_status(
    http: httpx2.AsyncClient, run: Handle, processing: QuotationStatus
) -> None:
    await publish(run, processing)

    body = await read(http, run.id)

    assert (body["status"], body["step"]) == ("processing", "order")


@pytest.mark.usefixtures("worker")
async def test_a_status_without_created_at_gets_the_run_s_start(
    http: httpx2.AsyncClient, run: Handle, processing: QuotationStatus
) -> None:
    await run.signal(ScriptedQuotation.show, processing.model_copy(update={"created_at": None}))

    body = await read(http, run.id)

    assert datetime.fromisoformat(body["created_at"]) == (await run.describe()).start_time


async def test_a_completed_quotation_needs_no_worker_and_no_patience(
    http: httpx2.AsyncClient, temporal: Client, run: Handle, completed: QuotationStatus
) -> None:
    async with scripted_worker(temporal):
        await run.signal(ScriptedQuotation.publish, completed)
        await close(run, "complete")
    before = time.monotonic()

    body = await read(http, run.id)

    assert time.monotonic() - before < 1
    assert body == completed.model_dump(mode="json") | {"elapsed_time": "18.5s"}
    assert body["completed_at"] == "2025-12-22T15:30:18.623456Z"


async def test_without_worker_and_memo_the_result_is_the_status(
    http: httpx2.AsyncClient, temporal: Client, run: Handle, completed: QuotationStatus
) -> None:
    async with scripted_worker(temporal):
        await run.signal(ScriptedQuotation.show, completed)
        await close(run, "complete")

    body = await read(http, run.id)

    assert body == completed.model_dump(mode="json") | {"elapsed_time": "18.5s"}


@pytest.mark.parametrize("state", [State.FAILED, State.CANCELLED])
@pytest.mark.parametrize("has_worker", [True, False])
async def test_a_quotation_that_ended_otherwise_tells_what_it_left(
    http: httpx2.AsyncClient,
    temporal: Client,
    run: Handle,
    processing: QuotationStatus,
    state: State,
    *,
    has_worker: bool,
) -> None:
    failure = Failure(code=ErrorCode.ODOO_REJECTED, message="Odoo refused the order.", step=Step.ORDER)
    changes = {"status": state, "completed_at": COMPLETED, "error": failure if state is State.FAILED else None}
    ended = processing.model_copy(update=changes)
    async with scripted_worker(temporal):
        await run.signal(ScriptedQuotation.show, ended)
        await run.signal(ScriptedQuotation.publish, ended)
        await close(run, "fail")
    async with scripted_worker(temporal) if has_worker else nullcontext():
        body = await read(http, run.id)

    assert body == ended.model_dump(mode="json") | {"elapsed_time": "18.5s"}
    assert body["step"] == "order"


@pytest.mark.parametrize("has_worker", [True, False])
async def test_a_terminated_run_is_failed_whatever_it_answers(
    http: httpx2.AsyncClient, temporal: Client, run: Handle, processing: QuotationStatus, *, has_worker: bool
) -> None:
    async with scripted_worker(temporal):
        await run.signal(ScriptedQuotation.show, processing)
        await publish(run, processing)
        await run.terminate()
    async with scripted_worker(temporal) if has_worker else nullcontext():
        body = await read(http, run.id)

    description = await run.describe()
    assert description.close_time
    assert (body["status"], body["step"]) == ("failed", "order")
    assert (body["error"]["code"], body["error"]["step"]) == ("terminated", "order")
    assert body["error"]["message"].endswith(".")
    assert body["result"]["partner_id"] == 124258
    assert datetime.fromisoformat(body["completed_at"]) == description.close_time
    assert body["elapsed_time"] == f"{(description.close_time - CREATED).total_seconds():.1f}s"


async def test_a_run_that_was_terminated_before_a_worker_took_it_is_failed(
    http: httpx2.AsyncClient, run: Handle
) -> None:
    await run.terminate()

    body = await read(http, run.id)

    assert (body["status"], body["step"], body["error"]["code"]) == ("failed", "queued", "terminated")


async def test_a_run_that_took_too_long_is_timed_out(
    http: httpx2.AsyncClient, temporal: Client, request_body: dict[str, Any]
) -> None:
    quotation = QuotationInput(
        request=QuotationRequest.model_validate(request_body), environment="development", fingerprint=uuid4().hex
    )
    run = await temporal.start_workflow(
        "Quotation",
        quotation,
        id=new_tracking_id(),
        task_queue="quotations-dev",
        execution_timeout=timedelta(milliseconds=100),
    )
    while (await run.describe()).close_time is None:
        pass

    body = await read(http, run.id)

    assert (body["status"], body["error"]["code"]) == ("failed", "timed_out")
    assert body["completed_at"]


@pytest.mark.usefixtures("worker")
async def test_a_published_end_stays_though_the_run_was_terminated_after_it(
    http: httpx2.AsyncClient, run: Handle, processing: QuotationStatus, completed: QuotationStatus
) -> None:
    await run.signal(ScriptedQuotation.show, processing)
    await publish(run, completed)
    await run.terminate()

    body = await read(http, run.id)

    assert (body["status"], body["error"]) == ("completed", None)


@pytest.mark.usefixtures("worker")
async def test_a_run_that_failed_without_a_word_is_failed(
    http: httpx2.AsyncClient, run: Handle, processing: QuotationStatus
) -> None:
    await publish(run, processing)
    await close(run, "fail")

    body = await read(http, run.id)

    assert (body["status"], body["error"]["code"]) == ("failed", "terminated")


async def publish(run: Handle, status: QuotationStatus) -> None:
    """Have the run publish a status, and return when Temporal holds it."""
    await run.signal(ScriptedQuotation.publish, status)
    while "status" not in await (await run.describe()).memo():
        pass


async def test_a_published_status_that_cannot_be_read_is_passed_over(
    http: httpx2.AsyncClient, temporal: Client
) -> None:
    memo = {"environment": "development", "environment_name": "dev", "status": {"step": "of a newer worker"}}
    run = await temporal.start_workflow(
        "Quotation", "x", id=new_tracking_id(), task_queue="quotations-dev", memo=memo
    )

    status = (await http.get(f"/api/quotation/status/{run.id}")).json()

    assert (status["status"], status["environment"]) == ("queued", "development")
