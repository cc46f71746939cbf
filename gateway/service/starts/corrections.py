"""The request of a retry: the last one with some of its fields replaced (docs/reference.md, REST)."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from gateway.errors import FixedFieldError, InvalidCorrectionError
from gateway.field_errors import field_errors
from quotation.forgiving.absent import is_placeholder, is_zero
from quotation.request import LineRequest, QuotationRequest
from quotation.status import Result
from quotation.stored.request import StoredRequest

_FIELDS = frozenset(QuotationRequest.model_fields)
_LINE_FIELDS = frozenset(LineRequest.model_fields)
_PARTNER = frozenset({"partner_name", "contact_name", "email", "phone"})
_LEAD = frozenset({"lead_name", "contact_name", "user_id"})
_ORDER = frozenset({"lead_name", "user_id", "notes", "currency"})
_SINGLE_PRODUCT = frozenset({"product_id", "product", "product_qty", "product_price"})
_LINES = _SINGLE_PRODUCT | {"lines"}


def corrected(last: StoredRequest, changes: Mapping[str, Any], existing: Result) -> StoredRequest:
    """Return the request to run with; a field that is not filled in stays as it was.

    A `user_id` of 0, which lets Odoo assign a salesperson, counts only alone: beside other corrections it is how
    clients with strict schemas leave an id out.

    Products given in one of the two ways replace those given in the other. Fields that only a newer version knows
    stay as they are, and without changes so does the whole request.

    Raises:
        InvalidCorrectionError: The whole is not a valid request.
        FixedFieldError: A field cannot change because its record is among the `existing`.

    """
    given = _filled_in(changes)
    if not given:
        return last
    replaced = _replaced_by(given)
    try:
        request = QuotationRequest.model_validate(_known(last, _FIELDS - replaced) | given)
    except ValidationError as error:
        raise InvalidCorrectionError(field_errors(error.errors())) from None
    fixed = sorted(name for name in given if name in fixed_fields(existing) and _differs(name, last, request))
    if fixed:
        raise FixedFieldError(fixed)
    return last.model_copy(update={name: getattr(request, name) for name in {*given, *replaced}})


def _filled_in(changes: Mapping[str, Any]) -> dict[str, Any]:
    given = {
        name: value
        for name, value in QuotationRequest.filled_in(changes).items()
        if name not in _FIELDS or not is_placeholder(value)
    }
    user_id = changes.get("user_id")
    return given if given or not is_zero(user_id) else {"user_id": user_id}


def _known(request: StoredRequest, fields: frozenset[str]) -> dict[str, Any]:
    include: dict[str, Any] = dict.fromkeys(fields, True)  # pydantic's form
    if "lines" in fields:
        include["lines"] = {"__all__": _LINE_FIELDS}
    return request.model_dump(include=include)


def _replaced_by(given: Mapping[str, Any]) -> set[str]:
    if "lines" in given:
        return set(_SINGLE_PRODUCT)
    named = {"product_id", "product"} & given.keys()
    return {"lines", "product_id", "product"} - named if named else set()


def fixed_fields(existing: Result) -> frozenset[str]:
    """Return the fields that cannot change because their records are among the `existing`."""
    groups = [
        (existing.partner_id, _PARTNER),
        (existing.lead_id, _LEAD),
        (existing.sale_order_id, _ORDER),
        (existing.lines, _LINES),
    ]
    return frozenset().union(*(fields for record, fields in groups if record))


def _differs(name: str, last: StoredRequest, request: StoredRequest) -> bool:
    if name in _LINES:
        return _products(last) != _products(request)
    if name == "email":
        return last.normalized_email != request.normalized_email
    return bool(getattr(last, name) != getattr(request, name))


def _products(request: StoredRequest) -> list[dict[str, Any]]:
    return [line.model_dump(include=set(_LINE_FIELDS)) for line in request.order_lines]
