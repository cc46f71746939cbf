"""One call can be enough: a start that waits answers with the status."""

import httpx2
import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from mcp.client.client import Client as McpClient
from mcp_types import CallToolResult

from odoo_client import OdooRejectedError
from quotation import steps
from quotation.identity import new_tracking_id
from quotation.status import QuotationStatus
from tests.gateway.mcp.test_mcp import TRANSPORTS
from tests.support.forms import ESTIMATED_TIME
from tests.support.requests import unique_body
from tests.support.script import Script
from tests.support.scripted_worker import ENVIRONMENT, StartWork
from tests.support.task_client import declaring, started

START = f"/api/{ENVIRONMENT}/quotation/async"
CREATE = f"{ENVIRONMENT}_create_quotation"
STATUS_KEYS = set(QuotationStatus.model_fields) | {"spoken_status"}


async def test_a_start_that_waits_returns_the_final_status(
    http: httpx2.AsyncClient, start_work: StartWork
) -> None:
    await start_work()

    answer = await http.post(START, json=unique_body(), params={"wait": 20})

    body = answer.json()
    assert (answer.status_code, body["status"], body["step"]) == (200, "completed", "done")
    assert body["result"]["sale_order_name"]
    assert "está lista" in body["spoken_status"]
    assert (body["message"], body["estimated_time"]) == ("Cotización completada", None)
    assert body["status_url"] == answer.headers["Location"]
    read = (await http.get(body["status_url"])).json()
    assert {name: body[name] for name in read} == read


async def test_a_start_that_waits_in_vain_is_accepted(
    http: httpx2.AsyncClient, start_work: StartWork, script: Script
) -> None:
    script.hold(steps.CREATE_LEAD)
    await start_work()

    answer = await http.post(START, json=unique_body(), params={"wait": 1})
    script.release(steps.CREATE_LEAD)

    body = answer.json()
    assert (answer.status_code, body["status"]) == (202, "processing")
    assert body.keys() >= STATUS_KEYS
    assert (body["message"], body["estimated_time"]) == ("Cotización en proceso...", ESTIMATED_TIME)


async def test_a_failed_start_that_waited_tells_why(
    http: httpx2.AsyncClient, start_work: StartWork, script: Script
) -> None:
    script.fail_always(steps.CREATE_LEAD, OdooRejectedError("No such stage."))
    await start_work()

    answer = await http.post(START, json=unique_body(), params={"wait": 20})

    assert (answer.status_code, answer.json()["status"]) == (200, "failed")
    assert answer.json()["error"]["message"] == "No such stage."


@pytest.mark.parametrize("wait", ["", "0", "0.0"])
async def test_a_start_waits_for_nothing_unless_asked(http: httpx2.AsyncClient, wait: str) -> None:
    answer = await http.post("/api/quotation/async", json=unique_body(), params={"wait": wait})

    assert (answer.status_code, answer.json()["status"]) == (202, "queued")
    assert answer.json()["spoken_status"] == "La cotización está en cola."


@pytest.mark.parametrize("wait", ["90", "1e3"])
async def test_more_than_a_minute_is_a_minute(http: httpx2.AsyncClient, start_work: StartWork, wait: str) -> None:
    await start_work()

    answer = await http.post(START, json=unique_body(), params={"wait": wait})

    assert (answer.status_code, answer.json()["status"]) == (200, "completed")


@pytest.mark.parametrize("wait", ["-1", "nan", "soon", "inf"])
async def test_a_wait_that_is_no_number_is_refused(http: httpx2.AsyncClient, wait: str) -> None:
    assert (await http.post(START, json=unique_body(), params={"wait": wait})).status_code == 422


async def test_a_repeated_start_says_how_the_first_one_ended(
    http: httpx2.AsyncClient, start_work: StartWork
) -> None:
    await start_work()
    body, headers = unique_body(), {"Idempotency-Key": new_tracking_id()}
    first = await http.post(START, json=body, headers=headers, params={"wait": 20})

    again = await http.post(START, json=body, headers=headers)
    waiting = await http.post(START, json=body, headers=headers, params={"wait": 20})

    assert first.json()["status"] == "completed"
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (202, "true")
    assert again.json()["tracking_id"] == first.json()["tracking_id"]
    assert (again.json()["status"], again.json()["message"]) == ("completed", "Cotización completada")
    assert again.json()["spoken_status"] == first.json()["spoken_status"]
    assert (waiting.status_code, waiting.headers["Idempotent-Replayed"]) == (200, "true")
    assert waiting.json() == first.json()


@pytest.mark.parametrize("wait", [20, "20", 20.0])
async def test_a_model_needs_one_call(gateway: str, start_work: StartWork, wait: object) -> None:
    await start_work()
    async with McpClient(f"{gateway}/mcp") as client:
        result = await client.call_tool(CREATE, unique_body() | {"wait_seconds": wait})
        [tool] = [tool for tool in (await client.list_tools()).tools if tool.name == CREATE]

    status = result.structured_content
    assert status
    assert not result.is_error
    assert status["status"] == "completed"
    assert status["result"]["sale_order_name"]
    assert status["next_action"].startswith("Finished")
    assert status["check_status_with"] == (
        f"{ENVIRONMENT}_get_quotation_status(tracking_id='{status['tracking_id']}')"
    )
    assert tool.output_schema
    Draft202012Validator(tool.output_schema).validate(status)
    assert {"result", "error", "next_action"} <= set(tool.output_schema["properties"]) & set(status)


@pytest.mark.parametrize("wait", [0, None, ""])
async def test_a_model_that_does_not_wait_is_answered_at_once(gateway: str, wait: object) -> None:
    async with McpClient(f"{gateway}/mcp") as client:
        result = await client.call_tool(CREATE, unique_body() | {"wait_seconds": wait})

    assert result.structured_content
    assert result.structured_content["status"] == "queued"
    assert "result" not in result.structured_content


@pytest.mark.parametrize("transport", ["streamable", "sse", "stdio"])
@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_progress_is_told_while_a_call_waits(
    gateway: str, temporal_address: str, transport: str, mode: str, http: httpx2.AsyncClient
) -> None:
    queued = await http.post("/api/dev/quotation/async", json=unique_body())
    heard: list[tuple[float, float | None, str | None]] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        heard.append((progress, total, message))

    async with McpClient(TRANSPORTS[transport](gateway, temporal_address), mode=mode) as client:
        result: CallToolResult = await client.call_tool(
            "dev_get_quotation_status",
            {"tracking_id": queued.json()["tracking_id"], "wait_seconds": 1},
            progress_callback=hear,
        )

    assert result.structured_content
    assert heard
    assert all(progress <= 1 and total == 1 and message for progress, total, message in heard)


async def test_a_task_is_the_answer_unless_the_quotation_has_ended(
    gateway: str, start_work: StartWork, script: Script
) -> None:
    script.hold(steps.CREATE_LEAD)
    await start_work()
    async with declaring(f"{gateway}/mcp") as client:
        task = await started(client, unique_body() | {"wait_seconds": 0.5}, ENVIRONMENT)
        script.release(steps.CREATE_LEAD)
        done = await client.session.call_tool(CREATE, unique_body() | {"wait_seconds": 20}, allow_claimed=True)

    assert task["resultType"] == "task"
    assert isinstance(done, CallToolResult)
    assert (done.structured_content or {})["status"] == "completed"
