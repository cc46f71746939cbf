import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError

from quotation.status import QuotationStatus, State, Step
from tests.support.scripted_quotation import Attempts, ScriptedQuotation

Handle = WorkflowHandle[Any, Any]
Retrying = dict[str, Any] | None
Read = Callable[[], Awaitable[Retrying]]

pytestmark = pytest.mark.usefixtures("worker")


@pytest.fixture
async def run(http: httpx2.AsyncClient, temporal: Client, request_body: dict[str, Any]) -> AsyncIterator[Handle]:
    """A quotation that is being worked on."""
    response = await http.post("/api/quotation/async", json=request_body)
    handle = temporal.get_workflow_handle(response.json()["tracking_id"])
    await handle.signal(ScriptedQuotation.show, status_of(handle, State.PROCESSING))
    yield handle
    # the workers of later tests would get its retries, also while they stop
    with contextlib.suppress(RPCError):
        await handle.terminate()


def status_of(run: Handle, state: State) -> QuotationStatus:
    queued = QuotationStatus.queued(run.id, "development", datetime.now(UTC))
    return queued.model_copy(update={"status": state, "step": Step.AUTH})


async def retrying(http: httpx2.AsyncClient, run: Handle) -> Retrying:
    body = (await http.get(f"/api/quotation/status/{run.id}")).json()
    shown: Retrying = body["retrying"]
    return shown


async def attempt(run: Handle, *activities: Attempts) -> None:
    """Start activities, and return when each is where it stays."""
    for one in activities:
        await run.signal(ScriptedQuotation.attempt, one)
    while True:
        pending = (await run.describe()).raw_description.pending_activities
        attempts = {activity.activity_type.name: activity.attempt for activity in pending}
        if all(attempts.get(one.activity, 0) == min(one.failures, 1) + 1 for one in activities):
            return


async def test_a_step_that_waits_for_its_next_attempt_shows_when_it_comes(
    http: httpx2.AsyncClient, run: Handle
) -> None:
    await attempt(run, Attempts(activity="create_lead", failures=99, pause=60, error="Odoo is away"))

    shown = await retrying(http, run)

    assert shown
    in_a_minute = datetime.now(UTC) + timedelta(seconds=60)
    assert abs(datetime.fromisoformat(shown.pop("next_attempt_at")) - in_a_minute) < timedelta(seconds=10)
    assert shown == {"step": "lead", "attempt": 2, "code": "odoo_unavailable", "last_error": "Odoo is away"}


async def test_an_attempt_under_way_has_no_next_one(http: httpx2.AsyncClient, run: Handle) -> None:
    await attempt(run, Attempts(activity="create_sale_order", failures=1, pause=0.1))
    while not is_started(await run.describe()):
        pass

    assert await retrying(http, run) == {
        "step": "order",
        "attempt": 2,
        "code": "odoo_unavailable",
        "last_error": "Odoo does not answer",
        "next_attempt_at": None,
    }


@pytest.mark.parametrize(
    ("type_of_failure", "code"),
    [
        ("odoo_auth_failed", "odoo_auth_failed"),
        ("odoo_access_denied", "odoo_access_denied"),
        ("odoo_unexpected", "odoo_unexpected"),
        ("a_code_of_tomorrow", "odoo_unavailable"),
        (None, "odoo_unavailable"),
    ],
)
async def test_the_code_is_the_one_that_the_step_would_fail_with(
    http: httpx2.AsyncClient, run: Handle, type_of_failure: str | None, code: str
) -> None:
    await attempt(run, Attempts(activity="authenticate", failures=99, code=type_of_failure))

    shown = await retrying(http, run)

    assert shown
    assert shown["code"] == code


async def test_a_first_attempt_is_none(http: httpx2.AsyncClient, run: Handle) -> None:
    await attempt(run, Attempts(activity="create_lead", failures=0))

    assert await retrying(http, run) is None


async def test_the_earliest_step_is_shown(http: httpx2.AsyncClient, run: Handle) -> None:
    await attempt(
        run,
        Attempts(activity="add_product_lines", failures=99),
        Attempts(activity="convert_to_opportunity", failures=99),
        Attempts(activity="create_lead", failures=0),
    )

    shown = await retrying(http, run)

    assert shown
    assert shown["step"] == "convert"


@pytest.mark.parametrize(
    ("activity", "step"),
    [("authenticate", "auth"), ("check_request", "auth"), ("get_or_create_partner", "partner")],
)
async def test_checks_before_the_first_write_count_as_auth(
    http: httpx2.AsyncClient, run: Handle, activity: str, step: str
) -> None:
    await attempt(run, Attempts(activity=activity, failures=99))

    shown = await retrying(http, run)

    assert shown
    assert shown["step"] == step


async def test_the_log_is_never_shown(http: httpx2.AsyncClient, run: Handle) -> None:
    await attempt(run, Attempts(activity="log_to_s3", failures=99))

    assert await retrying(http, run) is None


async def test_only_a_quotation_in_progress_is_retrying(http: httpx2.AsyncClient, run: Handle) -> None:
    await attempt(run, Attempts(activity="create_lead", failures=99))
    await run.signal(ScriptedQuotation.show, status_of(run, State.CANCELLED))

    assert await retrying(http, run) is None


async def test_a_terminated_run_retries_nothing(http: httpx2.AsyncClient, run: Handle) -> None:
    await attempt(run, Attempts(activity="create_lead", failures=99))
    await run.terminate()

    assert await retrying(http, run) is None


def is_started(description: Any) -> bool:
    """Return True if the only pending activity is running."""
    (activity,) = description.raw_description.pending_activities
    return bool(activity.HasField("last_started_time") and activity.state == 2)
