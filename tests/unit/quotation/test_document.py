import itertools
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotation.document import LogDocument, StepTimes
from quotation.errors import ErrorCode
from quotation.request import QuotationRequest
from quotation.status import Failure, Result, State, Step
from tests.support.requests import request
from tests.unit.quotation.strategies import requests

START = datetime(2025, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)


def document(**fields: Any) -> LogDocument:
    defaults: dict[str, Any] = {
        "tracking_id": "quot_abc123def456",
        "status": State.QUEUED,
        "environment": "development",
        "created_at": START,
        "completed_at": None,
        "elapsed_time": "0.0s",
        "request": request(),
        "result": Result(environment="development"),
        "error": None,
        "steps": {},
        "written_at": START,
    }
    return LogDocument(**(defaults | fields))


MOMENTS = st.integers(0, 3).map(lambda seconds: START + timedelta(seconds=seconds))
DOCUMENTS = st.builds(
    lambda written_at, status: document(written_at=written_at, status=status), MOMENTS, st.sampled_from(State)
)


def test_names_come_from_the_date_of_creation() -> None:
    assert document().object_name == "2025/12/quot_abc123def456.log"
    assert document().file_name == "2025-12-31_quot_abc123def456.log"
    later = document(created_at=START + timedelta(microseconds=1))
    assert later.object_name == "2026/01/quot_abc123def456.log"
    assert later.file_name == "2026-01-01_quot_abc123def456.log"


def test_names_stay_when_the_quotation_ends_next_month() -> None:
    ended = document(completed_at=START + timedelta(days=1), written_at=START + timedelta(days=1))
    assert (ended.object_name, ended.file_name) == (document().object_name, document().file_name)


def test_the_bytes_are_one_json_document_that_people_can_read() -> None:
    written = document(
        status=State.FAILED,
        completed_at=START,
        error=Failure(code=ErrorCode.ODOO_REJECTED, message="Odoo refused it.", step=Step.LEAD),
        steps={Step.AUTH: StepTimes(started_at=START, finished_at=START), Step.LEAD: StepTimes(started_at=START)},
        owner="ana",
    )
    content = written.placed("default", "dev").to_bytes()
    told = json.loads(content)
    assert set(told) == set(LogDocument.model_fields)
    assert told["request"]["lead_name"] == "Cotización Robot PUDU"
    assert "Cotización".encode() in content
    assert content.endswith(b"}\n")
    assert told["steps"] == {
        "auth": {"started_at": "2025-12-31T23:59:59.999999Z", "finished_at": "2025-12-31T23:59:59.999999Z"},
        "lead": {"started_at": "2025-12-31T23:59:59.999999Z", "finished_at": None},
    }
    assert told["error"] == {"code": "odoo_rejected", "message": "Odoo refused it.", "step": "lead"}


@given(requests)
def test_a_document_survives_being_stored(original: QuotationRequest) -> None:
    written = document(request=original)
    read = LogDocument.model_validate_json(written.to_bytes())
    assert read == written
    assert read.to_bytes() == written.to_bytes()


def test_the_bytes_are_one_line_whatever_a_reader_takes_for_a_line_break() -> None:
    notes = "a\nb\r\nc\u2028d\u2029e"
    error = Failure(code=ErrorCode.ODOO_REJECTED, message="f\x85g", step=Step.LEAD)
    content = document(
        status=State.FAILED, completed_at=START, request=request(notes=notes), error=error
    ).to_bytes()
    assert len(content.decode().splitlines()) == 1
    told = json.loads(content)
    assert (told["request"]["notes"], told["error"]["message"]) == (notes, "f\x85g")


@given(DOCUMENTS)
def test_no_document_supersedes_itself(one: LogDocument) -> None:
    assert not one.supersedes(one)


@given(DOCUMENTS, DOCUMENTS)
def test_of_two_documents_at_most_one_supersedes_the_other(one: LogDocument, other: LogDocument) -> None:
    assert not (one.supersedes(other) and other.supersedes(one))


@given(DOCUMENTS, DOCUMENTS, DOCUMENTS)
def test_the_order_is_transitive(one: LogDocument, other: LogDocument, third: LogDocument) -> None:
    for first, second, last in itertools.permutations([one, other, third]):
        if first.supersedes(second) and second.supersedes(last):
            assert first.supersedes(last)


@given(st.lists(DOCUMENTS, min_size=1, max_size=6), st.data())
def test_writes_in_any_order_and_number_end_with_a_document_that_none_supersedes(
    life: list[LogDocument], data: st.DataObject
) -> None:
    repeated = data.draw(st.lists(st.sampled_from(life), max_size=6))
    stored: LogDocument | None = None
    for one in data.draw(st.permutations(life + repeated)):
        if stored is None or one.supersedes(stored):
            stored = one
    assert stored is not None
    assert not any(one.supersedes(stored) for one in life)


@pytest.mark.parametrize("final", [state for state in State if state.is_final])
def test_at_the_same_moment_the_final_document_is_the_valid_one(final: State) -> None:
    assert document(status=final).supersedes(document())
    assert not document().supersedes(document(status=final))


def test_a_later_run_supersedes_the_end_of_an_earlier_one() -> None:
    failed = document(status=State.FAILED, written_at=START)
    queued_again = document(status=State.QUEUED, written_at=START + timedelta(microseconds=1))
    assert queued_again.supersedes(failed)
    assert not failed.supersedes(queued_again)
