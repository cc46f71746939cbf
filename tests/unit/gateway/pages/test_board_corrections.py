"""The form of corrections: only what somebody changed is a correction."""

from gateway.pages.board.corrections import changes, fields
from gateway.service.stories import Correctable
from quotation.request import QuotationRequest
from quotation.status import QuotationStatus
from tests.support.requests import ABSENT, body, request

LINES = [{"product_id": 7, "product_qty": 2}, {"product": "PUDU", "product_price": 10.5}]


def correctable(made: QuotationRequest, *fixed: str) -> Correctable:
    return Correctable(QuotationStatus.queued("quot_abc123def456", "development"), made, frozenset(fixed))


def sent(found: Correctable) -> dict[str, str]:
    """Return what a browser sends if nobody changes anything."""
    return {one.name: one.value.replace("\n", "\r\n") for one in fields(found, {}) if not one.is_fixed}


def test_nothing_changed_is_no_correction() -> None:
    for made in (request(notes="one\ntwo"), QuotationRequest.model_validate(body(product_id=ABSENT, lines=LINES))):
        found = correctable(made)
        assert changes(found, sent(found)) == {}
        assert changes(found, {}) == {}


def test_a_changed_field_is_one_and_fixed_fields_are_not_sent() -> None:
    found = correctable(request(), "partner_name", "email")
    form = sent(found)

    assert {"partner_name", "email"}.isdisjoint(form)
    assert changes(found, form | {"product_id": "7", "notes": "new"}) == {"product_id": "7", "notes": "new"}


def test_lines_are_replaced_as_a_whole() -> None:
    found = correctable(QuotationRequest.model_validate(body(product_id=ABSENT, lines=LINES)))
    corrected = changes(found, sent(found) | {"lines.1.product_qty": "3"})

    assert corrected == {
        "lines": [
            {"product_id": "7", "product": "", "product_qty": "2", "product_price": "-1"},
            {"product_id": "", "product": "PUDU", "product_qty": "3", "product_price": "10.5"},
        ]
    }
    QuotationRequest.model_validate(body(product_id=ABSENT, **corrected))


def test_what_was_typed_comes_back_but_not_into_fixed_fields() -> None:
    shown = {one.name: one.value for one in fields(correctable(request(), "email"), {"email": "x", "notes": "y"})}

    assert (shown["email"], shown["notes"]) == ("acme@corp.test", "y")
