import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotation.errors import ErrorCode
from quotation.status import Failure, QuotationStatus, Result, ResultLine, Retrying, State, Step

START = datetime(2025, 12, 22, 15, 30, 0, 123456, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # hypothesis adds it


def as_json(status: QuotationStatus) -> Any:
    return json.loads(status.model_dump_json())


def test_the_steps_of_a_result_are_told_in_their_order_whichever_ended_first() -> None:
    names = ["sale_order", "partner", "new", "opportunity", "product", "lead"]
    result = Result(environment="development", steps=dict.fromkeys(names, "x"))
    expected = ["partner", "lead", "opportunity", "sale_order", "product", "new"]
    assert list(result.model_dump()["steps"]) == expected
    assert list(json.loads(result.model_dump_json())["steps"]) == expected


def test_a_queued_quotation_has_every_key_of_the_reference() -> None:
    assert as_json(QuotationStatus.queued("quot_abc123def456", "development")) == {
        "tracking_id": "quot_abc123def456",
        "status": "queued",
        "environment": "development",
        "created_at": None,
        "completed_at": None,
        "elapsed_time": "0.0s",
        "progress": "En cola",
        "step": "queued",
        "retrying": None,
        "result": {
            "partner_id": None,
            "partner_name": None,
            "lead_id": None,
            "lead_name": None,
            "opportunity_id": None,
            "sale_order_id": None,
            "sale_order_name": None,
            "amount_untaxed": None,
            "amount_tax": None,
            "amount_total": None,
            "currency": None,
            "sale_order_url": None,
            "lines": [],
            "steps": {},
            "environment": "development",
        },
        "error": None,
        "warnings": [],
        "queue": None,
    }


def test_a_full_status_has_every_key_of_the_reference() -> None:
    status = QuotationStatus(
        tracking_id="quot_abc123def456",
        status=State.FAILED,
        environment="development",
        created_at=START,
        completed_at=START + timedelta(seconds=18.5),
        retrying=Retrying(
            step=Step.LEAD, attempt=3, last_error="Odoo refused the connection.", next_attempt_at=START
        ),
        result=Result(
            environment="development",
            lines=[
                ResultLine(
                    line_id=1, product_id=2, name="[MT1] R", quantity=1, price_unit=5, discount=0, subtotal=5
                )
            ],
        ),
        error=Failure(code=ErrorCode.ODOO_REJECTED, message="Odoo refused it.", step=Step.LEAD),
    )
    told = as_json(status)
    assert told["retrying"] == {
        "step": "lead",
        "attempt": 3,
        "code": "odoo_unavailable",
        "last_error": "Odoo refused the connection.",
        "next_attempt_at": "2025-12-22T15:30:00.123456Z",
    }
    assert told["error"] == {"code": "odoo_rejected", "message": "Odoo refused it.", "step": "lead"}
    assert told["result"]["lines"] == [
        {
            "line_id": 1,
            "product_id": 2,
            "name": "[MT1] R",
            "quantity": 1.0,
            "price_unit": 5.0,
            "discount": 0.0,
            "subtotal": 5.0,
        }
    ]
    assert (told["created_at"], told["completed_at"]) == (
        "2025-12-22T15:30:00.123456Z",
        "2025-12-22T15:30:18.623456Z",
    )


def test_next_attempt_at_is_there_while_an_attempt_is_under_way() -> None:
    retrying = Retrying(step=Step.AUTH, attempt=2, last_error="x", next_attempt_at=None)
    assert json.loads(retrying.model_dump_json())["next_attempt_at"] is None


@given(MOMENTS, st.none() | MOMENTS)
def test_times_end_in_z_and_survive_json(created_at: datetime, completed_at: datetime | None) -> None:
    status = QuotationStatus.queued("quot_abc123def456", "dev", created_at)
    status.completed_at = completed_at
    told = as_json(status)
    assert told["created_at"].endswith("Z")
    assert completed_at is None or told["completed_at"].endswith("Z")
    assert QuotationStatus.model_validate_json(status.model_dump_json()) == status


def test_the_steps_and_states_are_those_of_the_reference() -> None:
    assert list(Step) == ["queued", "auth", "partner", "lead", "convert", "order", "line", "done"]
    assert [state for state in State if not state.is_final] == ["queued", "processing"]
    assert [state for state in State if state.is_final] == ["completed", "failed", "cancelled"]


def test_the_error_codes_are_those_of_the_reference() -> None:
    assert set(ErrorCode) == {
        "product_not_found",
        "product_ambiguous",
        "product_not_quotable",
        "currency_mismatch",
        "user_not_found",
        "odoo_auth_failed",
        "odoo_access_denied",
        "odoo_rejected",
        "odoo_unavailable",
        "odoo_unexpected",
        "terminated",
        "timed_out",
    }


@pytest.mark.parametrize(
    ("seconds", "elapsed"), [(0, "0.0s"), (18.5, "18.5s"), (0.04, "0.0s"), (86399.96, "86400.0s"), (-3, "0.0s")]
)
def test_elapsed_time_runs_until_now(seconds: float, elapsed: str) -> None:
    status = QuotationStatus.queued("quot_abc123def456", "dev", START)
    assert status.measured_at(START + timedelta(seconds=seconds)).elapsed_time == elapsed
    assert status.elapsed_time == "0.0s"


def test_elapsed_time_of_a_finished_quotation_stands_still() -> None:
    status = QuotationStatus.queued("quot_abc123def456", "dev", START)
    status.completed_at = START + timedelta(seconds=18.5)
    assert status.measured_at(START + timedelta(days=1)).elapsed_time == "18.5s"


def test_elapsed_time_is_nothing_until_the_start_is_known() -> None:
    assert QuotationStatus.queued("quot_abc123def456", "dev").measured_at(START).elapsed_time == "0.0s"


def test_two_statuses_share_no_lists() -> None:
    one, other = (QuotationStatus.queued("quot_abc123def456", "dev") for _ in range(2))
    one.result.steps["partner"] = "x"
    assert other.result.steps == {}
    assert QuotationStatus.queued("quot_abc123def456", "dev").result.steps == {}
