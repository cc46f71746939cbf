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


FILLER: dict[str, Any] = {
    "partner_name": "",
    "email": " ",
    "phone": "null",
    "lead_name": "N/A",
    "product": "",
    "product_qty": "",
    "product_price": None,
    "user_id": 0,
    "lines": [],
    "notes": "",
}


def test_fields_that_stand_for_nothing_stay_as_they_were() -> None:
    last = stored(user_id=9, product_qty=3, notes="Urgente")
    again = corrected(last, FILLER | {"product_id": "5"}, NOTHING)
    assert again.model_dump() == stored(user_id=9, product_qty=3, notes="Urgente", product_id=5).model_dump()


@pytest.mark.parametrize("changes", [{"user_id": 0}, FILLER | {"user_id": "0"}])
def test_a_user_id_of_0_alone_lets_odoo_assign_the_salesperson(changes: dict[str, Any]) -> None:
    assert corrected(stored(user_id=9), changes, NOTHING).user_id == 0


@pytest.mark.parametrize("changes", [{"product_qty": "1.500"}, {"product_id": True}, {"productId": 5}])
def test_a_correction_that_is_not_certain_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidCorrectionError):
        corrected(stored(), changes, NOTHING)
