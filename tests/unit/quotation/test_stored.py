"""Data of a newer version, read and stored again by this one."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given

from quotation.document import Log, LogDocument
from quotation.errors import ErrorCode
from quotation.lookups import ProductPage, ProductQuery, Search
from quotation.messages import CheckedRequest, NewLines, QuotationInput
from quotation.request import QuotationRequest
from quotation.status import QuotationStatus, Result, State, Step
from quotation.stored.request import StoredRequest
from tests.support.requests import REQUEST, request
from tests.unit.quotation.strategies import requests

START = datetime(2025, 12, 22, 15, 30, tzinfo=UTC)
NEW = {"of_a_newer_version": {"at": [1, None, "x"]}}

RESULT: dict[str, Any] = {
    "environment": "development",
    "partner_id": 7,
    "lead_id": 8,
    "lines": [
        {
            "line_id": 1, "product_id": 2, "name": "R", "quantity": 1.0, "price_unit": 5.0, "discount": 0.0,
            "subtotal": 5.0, **NEW,
        }
    ],
    "steps": {"partner": "x", "approval": "y"},
    **NEW,
}  # fmt: skip
STATUS: dict[str, Any] = {
    "tracking_id": "quot_abc123def456",
    "status": "processing",
    "environment": "development",
    "created_at": "2025-12-22T15:30:00Z",
    "step": "convert",
    "result": RESULT,
    **NEW,
}


def read_status(**fields: Any) -> QuotationStatus:
    return QuotationStatus.model_validate_json(json.dumps(STATUS | fields))


# fields that only a newer version knows


@pytest.mark.parametrize(
    ("kind", "stored"),
    [
        (QuotationStatus, STATUS),
        (Result, RESULT),
        (StoredRequest, REQUEST | NEW | {"lines": [{"product_id": 3, **NEW}]}),
        (
            QuotationInput,
            {
                "request": REQUEST | NEW,
                "environment": "development",
                "fingerprint": "f",
                "existing": RESULT,
                **NEW,
            },
        ),
        (NewLines, {"order_id": 1, "lines": [{"external_id": "x", "number": 1, "requested": NEW, **NEW}]}),
        (CheckedRequest, {"products": [], "partner": None, "partner_generation": 1, "own_user_id": None, **NEW}),
        (Search, {"query": "x", **NEW}),
        (ProductPage, {"items": [], "next_cursor": None, **NEW}),
    ],
    ids=lambda part: getattr(part, "__name__", ""),
)
def test_unknown_fields_are_kept_at_every_level(kind: Any, stored: dict[str, Any]) -> None:
    again = json.loads(kind.model_validate_json(json.dumps(stored)).model_dump_json())
    assert contains(again, stored)


def contains(whole: Any, part: Any) -> bool:
    if isinstance(part, dict):
        return all(name in whole and contains(whole[name], value) for name, value in part.items())
    if isinstance(part, list):
        return len(whole) == len(part) and all(map(contains, whole, part))
    return bool(whole == part)


@pytest.mark.parametrize("kind", [QuotationRequest, ProductQuery])
def test_what_callers_send_stays_strict(kind: Any) -> None:
    valid = REQUEST if kind is QuotationRequest else {"query": "x"}
    with pytest.raises(ValueError, match="is not a known field"):
        kind.model_validate(valid | NEW)
    with pytest.raises(ValueError, match="is not a known field"):
        QuotationRequest.model_validate(REQUEST | {"product_id": None, "lines": [{"product_id": 3, **NEW}]})


def test_a_stored_request_is_read_whatever_the_rules_of_callers() -> None:
    longer = REQUEST | {"notes": "n" * 9000, "email": "a@b, c@d", "product_qty": 0.001, "product_id": None}
    stored = StoredRequest.model_validate_json(json.dumps(longer))
    assert (stored.notes, stored.email, str(stored.product_qty)) == ("n" * 9000, "a@b, c@d", "0.001")
    # a product that is named in a way that this version does not know is not found
    assert [line.product_id for line in stored.order_lines] == [0]
    assert [line.product_id for line in StoredRequest(**REQUEST | {"lines": [NEW]}).order_lines] == [0]


@given(requests)
# 16 digits that end exactly between two
@example(request(product_price="549755813888.5312"))
def test_a_request_is_stored_as_it_came(original: QuotationRequest) -> None:
    quotation = QuotationInput(request=original, environment="development", fingerprint="f")
    read = QuotationInput.model_validate_json(quotation.model_dump_json())
    assert read == quotation
    assert json.loads(read.request.model_dump_json()) == json.loads(original.model_dump_json())
    assert [line.model_dump() for line in read.request.order_lines] == [
        line.model_dump() for line in original.order_lines
    ]
    # an older worker refuses a request with any other field
    assert set(json.loads(read.request.model_dump_json())) == set(QuotationRequest.model_fields)


# values that only a newer version knows


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, State.PROCESSING),
        ({"completed_at": "2025-12-22T15:31:00Z"}, State.CANCELLED),
        ({"completed_at": "2025-12-22T15:31:00Z", "result": RESULT | {"amount_total": 5}}, State.COMPLETED),
        (
            {"completed_at": "2025-12-22T15:31:00Z", "error": {"code": "x", "message": "m", "step": "lead"}},
            State.FAILED,
        ),
    ],
    ids=["under way", "ended", "ended with an order", "ended with an error"],
)
def test_an_unknown_state_is_told_by_what_is_known(fields: dict[str, Any], expected: State) -> None:
    assert read_status(status="on_hold", **fields).status is expected


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ([], Step.AUTH),
        (["partner_id"], Step.LEAD),
        (["partner_id", "lead_id"], Step.CONVERT),
        (["partner_id", "lead_id", "opportunity_id"], Step.ORDER),
        (["partner_id", "lead_id", "sale_order_id"], Step.LINE),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_an_unknown_step_is_told_by_what_exists(made: list[str], expected: Step) -> None:
    result = {"environment": "development"} | dict.fromkeys(made, 1)
    status = read_status(step="approval", progress="Esperando aprobación...", result=result)
    assert (status.step, status.progress) == (expected, "Esperando aprobación...")


def test_an_unknown_error_keeps_its_sentence() -> None:
    error = {"code": "credit_limit", "message": "The customer owes too much.", "step": "approval", **NEW}
    status = read_status(status="failed", completed_at="2025-12-22T15:31:00Z", error=error)
    assert status.error is not None
    assert (status.error.code, status.error.step) == (ErrorCode.ODOO_UNEXPECTED, Step.CONVERT)
    assert status.error.message == "The customer owes too much."


@pytest.mark.parametrize("fields", [{"step": 7}, {"status": None}, {"error": {"code": 1}}, {"result": None}])
def test_what_is_not_even_a_name_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        read_status(**fields)


# the log


def document(second: float = 0, **fields: Any) -> LogDocument:
    defaults: dict[str, Any] = {
        "tracking_id": "quot_abc123def456",
        "status": State.PROCESSING,
        "environment": "development",
        "created_at": START,
        "completed_at": None,
        "elapsed_time": f"{second:.1f}s",
        "request": request(),
        "result": Result(environment="development"),
        "error": None,
        "steps": {},
        "written_at": START + timedelta(seconds=second),
    }
    return LogDocument(**(defaults | fields))


def newer(second: float = 0, **fields: Any) -> Log:
    """The data that a newer version would write: unknown values where it may, and unknown fields everywhere."""
    content = json.loads(document(second).to_bytes())
    content["request"] |= NEW
    content["result"] |= NEW
    content["steps"] = {"auth": {"started_at": "2025-12-22T15:30:00Z", **NEW}, "approval": {"by": "boss"}}
    return Log.model_validate_json(json.dumps(content | NEW | {"status": "on_hold"} | fields))


def test_a_newer_log_is_written_by_an_older_worker_as_it_is() -> None:
    content = json.loads(newer().to_bytes())
    error = {"code": "credit_limit", "step": "approval"}
    again = newer(error=error, request="in another form")
    assert json.loads(again.to_bytes()) == content | {"error": error, "request": "in another form"}


def test_logs_of_all_versions_are_ordered_by_time_and_end() -> None:
    ended = newer(completed_at="2025-12-22T15:30:00Z", status="archived")
    assert ended.is_final
    assert ended.supersedes(document())
    assert not document().supersedes(ended)
    assert document(1).supersedes(ended)
    assert newer(2).supersedes(document(1))


def test_an_older_worker_that_writes_a_later_log_keeps_what_it_does_not_know() -> None:
    stored = newer()
    mine = document(5, status=State.COMPLETED, completed_at=START + timedelta(seconds=5))
    written = json.loads(mine.keeping_unknown_fields_of(stored).to_bytes())
    assert contains(written, NEW | {"request": NEW, "result": NEW, "steps": {"approval": {"by": "boss"}}})
    assert written["status"] == "completed"
    # this run has not reached the step
    assert "auth" not in written["steps"]
    assert contains(written, {k: v for k, v in json.loads(mine.to_bytes()).items() if k != "steps"})


def test_a_log_of_this_version_keeps_nothing_of_an_earlier_one() -> None:
    first = document(result=Result(environment="development", lead_id=8, steps={"lead": "x"}))
    second = document(9)
    assert second.keeping_unknown_fields_of(first).to_bytes() == second.to_bytes()
