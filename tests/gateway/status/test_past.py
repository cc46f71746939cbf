"""Quotations that Temporal no longer holds: their status comes from the log."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from temporalio.client import Client
from temporalio.exceptions import ApplicationError

from gateway.errors import GatewayError, TooManyUnknownError, UnknownQuotationError
from gateway.service.callers import Caller
from gateway.service.status.past import PastQuotations
from quotation.document import Log, LogDocument, StepTimes
from quotation.environment import Environment
from quotation.errors import ErrorCode
from quotation.identity import new_tracking_id
from quotation.status import Failure, Result, State, Step
from quotation.warning import QuotationWarning
from tests.gateway.conftest import StartGateway
from tests.support import callers
from tests.support.callers import ANA, BOB, BOSS, CHIEF, bearer
from tests.support.log_reader import LogReader
from tests.support.requests import request

CREATED = datetime(2025, 12, 22, 15, 30, 0, 123456, tzinfo=UTC)
ENDED = CREATED + timedelta(seconds=18.5)
WARNING = QuotationWarning(code="partner_name_differs", message="The customer has a different name.")


def log(status: State = State.COMPLETED, **fields: Any) -> LogDocument:
    finished = StepTimes(started_at=CREATED, finished_at=ENDED)
    steps = [Step.AUTH, Step.PARTNER, Step.LEAD]
    defaults: dict[str, Any] = {
        "tracking_id": new_tracking_id(),
        "environment": "development",
        "created_at": CREATED,
        "completed_at": ENDED if status.is_final else None,
        "elapsed_time": "18.5s",
        "request": request(),
        "result": Result(environment="development", lead_id=27414),
        "error": None,
        "steps": dict.fromkeys(steps, finished) | {Step.CONVERT: StepTimes(started_at=CREATED)},
        "written_at": ENDED,
        "owner": "",
        "warnings": [WARNING],
        "namespace": "default",
        "environment_name": "dev",
    }
    return LogDocument(status=status, **(defaults | fields))


@pytest.fixture
def kept(log_reader: LogReader) -> Iterator[LogReader]:
    yield log_reader
    log_reader.logs.clear()
    log_reader.asked.clear()


def keep(kept: LogReader, one: Log) -> str:
    # as a worker reads it
    kept.logs[one.tracking_id] = Log.model_validate_json(one.to_bytes())
    return one.tracking_id


async def status(http: httpx2.AsyncClient, tracking_id: str, path: str = "/api") -> httpx2.Response:
    return await http.get(f"{path}/quotation/status/{tracking_id}")


async def test_a_status_is_answered_from_the_log(http: httpx2.AsyncClient, kept: LogReader) -> None:
    tracking_id = keep(kept, log())

    answer = (await status(http, tracking_id)).json()

    del answer["spoken_status"], answer["page_url"]
    assert answer["result"].pop("lead_id") == 27414
    assert not any(value for name, value in answer.pop("result").items() if name != "environment")
    assert answer == {
        "tracking_id": tracking_id,
        "status": "completed",
        "environment": "development",
        "created_at": "2025-12-22T15:30:00.123456Z",
        "completed_at": "2025-12-22T15:30:18.623456Z",
        "elapsed_time": "18.5s",
        "progress": "Completado",
        "step": "done",
        "retrying": None,
        "error": None,
        "warnings": [WARNING.model_dump()],
        "queue": None,
    }


async def test_every_way_to_a_status_has_it(gateway: str, http: httpx2.AsyncClient, kept: LogReader) -> None:
    failure = Failure(code=ErrorCode.ODOO_REJECTED, message="Odoo refused it.", step=Step.CONVERT)
    tracking_id = keep(kept, log(State.FAILED, error=failure))

    told = (await status(http, tracking_id)).json()
    waited = await http.get(f"/api/quotation/status/{tracking_id}?wait=60")
    events = await http.get(f"/api/quotation/{tracking_id}/events")
    page = await http.get(callers.local(told["page_url"]))
    followed = await http.get(callers.local(told["page_url"]).replace("?", "/events?"))
    story = await http.get(f"/board/{tracking_id}")
    async with callers.mcp(gateway, {}) as client:
        tool = await client.call_tool("dev_get_quotation_status", {"tracking_id": tracking_id})

    assert (told["status"], told["step"], told["error"]["code"]) == ("failed", "convert", "odoo_rejected")
    assert waited.json() == told
    assert events.text.count(f'"tracking_id":"{tracking_id}"') == 1
    assert [page.status_code, followed.status_code, story.status_code] == [200] * 3
    assert "Odoo refused it." in story.text
    assert "from the log" in story.text
    assert "Retry" not in story.text
    assert (tool.structured_content or {})["error"] == told["error"]
    # one question of each caller's, and the reader of a link is one
    assert len(kept.asked) <= 6


@pytest.mark.parametrize(("action", "says"), [("cancel", "is finished"), ("retry", "only its log is left")])
async def test_what_only_the_log_knows_cannot_be_changed(
    gateway: str, http: httpx2.AsyncClient, kept: LogReader, action: str, says: str
) -> None:
    tracking_id = keep(kept, log(State.CANCELLED))

    answer = await http.post(f"/api/quotation/{tracking_id}/{action}")
    spoken = await http.post(f"/api/quotation/{tracking_id}/{action}?errors=body")
    async with callers.mcp(gateway, {}) as client:
        tool = await client.call_tool(f"dev_{action}_quotation", {"tracking_id": tracking_id})

    assert answer.status_code == 409
    assert says in answer.json()["detail"]
    assert "terminó" in spoken.json()["spoken_status"]
    assert tool.is_error
    assert says in str(tool.content)
    assert (await status(http, tracking_id)).json()["status"] == "cancelled"


async def test_only_those_who_could_read_a_quotation_read_its_log(keyed: str, kept: LogReader) -> None:
    of_ana = keep(kept, log(owner="ana"))
    unnamed = keep(kept, log(owner="", environment_name=None))
    old = keep(kept, log(owner=None, namespace=None, environment_name=None))
    of_prod = keep(kept, log(owner="ana", environment="production", environment_name="prod"))
    of_old_prod = keep(kept, log(owner=None, environment="production", environment_name=None))
    readable = {}
    for key in (ANA, BOB, BOSS, CHIEF):
        async with callers.rest(keyed, bearer(key)) as http:
            answers = {one: await status(http, one) for one in (of_ana, unnamed, old, of_prod, of_old_prod)}
            assert {answer.status_code for answer in answers.values()} <= {200, 404}
            readable[key] = {one for one, answer in answers.items() if answer.status_code == 200}
            assert (await http.post(f"/api/quotation/{of_ana}/retry")).status_code == (409 if key == ANA else 404)

    # ana's keys open dev, boss reads everything in dev, and chief everything in both
    assert readable == {
        ANA: {of_ana},
        BOB: set(),
        BOSS: {of_ana, unnamed, old},
        CHIEF: {of_ana, unnamed, old, of_prod, of_old_prod},
    }


async def test_an_environment_has_its_own_logs_only(http: httpx2.AsyncClient, kept: LogReader) -> None:
    tracking_id = keep(kept, log())
    assert (await status(http, tracking_id, "/api/dev")).status_code == 200
    assert (await status(http, tracking_id, "/api/prod")).status_code == 404
    assert kept.asked == [("logs-dev", tracking_id), ("logs-prod", tracking_id)]


async def test_a_log_without_an_end_is_of_a_run_that_was_ended(http: httpx2.AsyncClient, kept: LogReader) -> None:
    tracking_id = keep(kept, log(State.QUEUED, steps={}, result=Result(environment="development")))

    answer = (await status(http, tracking_id)).json()

    assert (answer["status"], answer["step"], answer["completed_at"]) == (
        "failed",
        "queued",
        "2025-12-22T15:30:18.623456Z",
    )
    assert answer["error"]["code"] == "terminated"
    assert "does not say how it ended" in answer["error"]["message"]


async def test_a_log_of_a_newer_version_is_told_in_known_words(http: httpx2.AsyncClient, kept: LogReader) -> None:
    newer = log().model_dump(mode="json") | {"status": "archived", "new": 1, "steps": {"new": {"finished_at": 1}}}
    newer["result"] |= {"amount_total": 18502.0, "sale_order_id": 1}
    answer = (await status(http, keep(kept, Log.model_validate(newer)))).json()
    assert answer["status"] == "completed"

    newer |= {"tracking_id": new_tracking_id(), "result": "elsewhere"}
    assert (await status(http, keep(kept, Log.model_validate(newer)))).status_code == 503


async def test_the_answer_says_that_logs_cannot_be_read_now(http: httpx2.AsyncClient, kept: LogReader) -> None:
    tracking_id = new_tracking_id()
    kept.logs[tracking_id] = ApplicationError("S3 could not be reached.", type="log_unavailable")

    answer = await status(http, tracking_id, "/api/dev")

    assert answer.status_code == 404
    assert "old ones cannot be looked up at the moment" in answer.json()["detail"]


async def test_without_a_worker_nobody_waits_and_the_answer_says_so(serve_gateway: StartGateway) -> None:
    with serve_gateway(ENVIRONMENTS="abandoned") as url:
        async with callers.rest(url) as http:
            answer = await status(http, new_tracking_id())
            metrics = (await http.get("/metrics")).text
    assert answer.status_code == 404
    assert "old ones cannot be looked up at the moment" in answer.json()["detail"]
    # no workflow was started
    assert 'gateway_log_lookups_total{environment="abandoned",outcome="failed"} 1.0' in metrics


async def test_unknown_ids_read_few_logs(temporal: Client, kept: LogReader) -> None:
    past = PastQuotations(temporal, most_a_minute=3)
    dev = [Environment("dev", "development")]
    ana, boss = Caller("ana", frozenset({"dev"})), Caller("boss", frozenset({"dev"}))

    async def refused(caller: Caller, tracking_id: str) -> type[GatewayError]:
        with pytest.raises(GatewayError) as error:
            await past.find(caller, tracking_id, dev)
        return type(error.value)

    same = new_tracking_id()
    assert {await refused(ana, same) for _ in range(20)} == {UnknownQuotationError}
    assert kept.asked == [("logs-dev", same)]
    # the bucket fills up at a token in 20 seconds
    others = [await refused(ana, new_tracking_id()) for _ in range(6)]
    assert others[:2] == [UnknownQuotationError] * 2
    assert others[-1] is TooManyUnknownError
    assert len(kept.asked) == 1 + others.count(UnknownQuotationError)
    # neither what is known nor another caller needs a token of hers
    assert await refused(ana, same) is UnknownQuotationError
    assert await refused(boss, new_tracking_id()) is UnknownQuotationError
