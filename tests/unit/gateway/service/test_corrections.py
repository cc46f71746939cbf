"""A retry keeps what only a newer version knows of the last request."""

from typing import Any

import pytest

from gateway.errors import FixedFieldError, InvalidCorrectionError
from gateway.service.starts.corrections import corrected
from quotation.status import Result
from quotation.stored.request import StoredRequest
from tests.support.requests import REQUEST

NOTHING = Result(environment="development")
NEW = {"of_a_newer_version": {"at": 1}}
LINES = {"product_id": None, "lines": [{"product_id": 3, **NEW}, {"product_id": 4}]}


def stored(**fields: Any) -> StoredRequest:
    return StoredRequest.model_validate(REQUEST | NEW | fields)


def test_without_changes_the_request_stays_whatever_the_rules_of_this_version() -> None:
    last = stored(notes="n" * 9000, product_id=None)
    assert corrected(last, {"notes": None}, NOTHING) is last


def test_a_change_keeps_unknown_fields_of_request_and_lines() -> None:
    again = corrected(stored(**LINES), {"phone": "1"}, NOTHING)
    assert again.model_dump() == stored(**LINES, phone="1").model_dump()


@pytest.mark.parametrize(
    ("last", "changes"),
    [(LINES, {"product_id": 5, "product_qty": 2}), ({}, {"lines": [{"product_id": 5}]}), ({}, {"product_id": 5})],
    ids=["one in place of lines", "lines in place of one", "another one"],
)
def test_other_products_replace_all_of_the_last_ones(last: dict[str, Any], changes: dict[str, Any]) -> None:
    again = corrected(stored(**last), changes, NOTHING)
    expected = stored(**{"product_id": None, "lines": None} | changes)
    assert again.model_dump() == expected.model_dump()


def test_an_unknown_field_cannot_be_corrected() -> None:
    with pytest.raises(InvalidCorrectionError):
        corrected(stored(), NEW, NOTHING)


def test_a_correction_that_says_the_same_is_none() -> None:
    existing = Result(environment="development", partner_id=1, lead_id=2, sale_order_id=3)
    same = {name: REQUEST[name] for name in ("partner_name", "lead_name", "product_id")} | {
        "email": REQUEST["email"].upper()
    }
    assert corrected(stored(), same, existing).lead_name == REQUEST["lead_name"]
    with pytest.raises(FixedFieldError):
        corrected(stored(), {"lead_name": "another"}, existing)
