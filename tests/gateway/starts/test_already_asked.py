"""The warning that a repeated request of a conversation differed: in its answer, and in every status after it."""

from typing import Any

import httpx2
import pytest
from temporalio.client import Client

from activities.failures import RequestError
from quotation import steps
from quotation.errors import ErrorCode
from quotation.identity import new_tracking_id
from tests.support.script import Script
from tests.support.scripted_worker import ENVIRONMENT, StartWork

Body = dict[str, Any]


class Conversation:
    """Starts of one conversation, and the quotation that they ask for."""

    def __init__(self, http: httpx2.AsyncClient, body: Body) -> None:
        self._http = http
        self._body = body
        self._headers = {"Conversation-Id": new_tracking_id()}
        self.tracking_id = ""

    async def start(self, **changes: Any) -> list[str]:
        response = await self._http.post(
            f"/api/{ENVIRONMENT}/quotation/async", json=self._body | changes, headers=self._headers
        )
        answer = response.json()
        assert self.tracking_id in ("", answer["tracking_id"])
        self.tracking_id = answer["tracking_id"]
        return codes(answer)

    async def status(self, wait: float = 0) -> Body:
        path = f"/api/quotation/status/{self.tracking_id}"
        status: Body = (await self._http.get(path, params={"wait": wait})).json()
        return status

    async def retry(self) -> list[str]:
        return codes((await self._http.post(f"/api/quotation/{self.tracking_id}/retry")).json())


def codes(answer: Body) -> list[str]:
    return [warning["code"] for warning in answer["warnings"]]


@pytest.fixture
def conversation(http: httpx2.AsyncClient, request_body: Body) -> Conversation:
    return Conversation(http, request_body)


async def signals(temporal: Client, tracking_id: str) -> int:
    history = await temporal.get_workflow_handle(tracking_id).fetch_history()
    return sum(event.HasField("workflow_execution_signaled_event_attributes") for event in history.events)


async def test_it_is_in_every_status_once(
    conversation: Conversation, temporal: Client, start_work: StartWork, script: Script
) -> None:
    script.hold(steps.CREATE_LEAD)
    await start_work()
    assert await conversation.start() == []
    await script.reached(steps.CREATE_LEAD)
    assert await conversation.start() == []
    assert codes(await conversation.status()) == []

    for _ in range(3):
        assert await conversation.start(lead_name="Robot, otra vez") == ["already_asked"]
        # the worker's answer, and what Temporal holds
        assert codes(await conversation.status()) == ["already_asked"]
        assert codes(await conversation.status(wait=0.1)) == ["already_asked"]
    script.release(steps.CREATE_LEAD)

    final = await conversation.status(wait=20)
    assert (final["status"], codes(final)) == ("completed", ["already_asked"])
    assert "lead_name" in final["warnings"][0]["message"]
    assert await signals(temporal, conversation.tracking_id) == 1


async def test_it_is_in_the_status_before_a_worker_takes_the_quotation_and_after(
    conversation: Conversation, start_work: StartWork
) -> None:
    await conversation.start(product_price=0)
    await conversation.start(product_price=0, phone="5512345678")

    waiting = await conversation.status(wait=0.1)
    assert (waiting["status"], codes(waiting)) == ("queued", ["free_line", "already_asked"])
    await start_work()
    final = await conversation.status(wait=20)
    assert (final["status"], codes(final)) == ("completed", ["free_line", "already_asked"])


async def test_it_stays_through_a_retry(conversation: Conversation, start_work: StartWork, script: Script) -> None:
    await conversation.start()
    await conversation.start(notes="Urgente")
    script.fail(steps.CREATE_LEAD, RequestError(ErrorCode.ODOO_REJECTED, "Odoo refused it."))
    await start_work()
    failed = await conversation.status(wait=20)
    assert (failed["status"], codes(failed)) == ("failed", ["already_asked"])

    assert await conversation.retry() == ["already_asked"]

    final = await conversation.status(wait=20)
    assert (final["status"], codes(final)) == ("completed", ["already_asked"])


async def test_a_finished_quotation_is_told_in_that_answer_only(
    conversation: Conversation, temporal: Client, start_work: StartWork
) -> None:
    await start_work()
    await conversation.start()
    assert (await conversation.status(wait=20))["status"] == "completed"
    # closed, once its log is written
    await temporal.get_workflow_handle(conversation.tracking_id).result()

    assert await conversation.start(partner_name="ACME") == ["already_asked"]
    assert codes(await conversation.status()) == []
