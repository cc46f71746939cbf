"""Compares a repeated request of a conversation with the first one (docs/reference.md, Idempotency)."""

from collections.abc import Sequence

from quotation.stored.request import StoredRequest
from quotation.warning import QuotationWarning, WarningCode

_WORDING = ("partner_name", "contact_name", "phone", "lead_name", "currency", "user_id", "notes")
"""The fields that may differ in a repeated request; the first wording stays."""


def is_repeated(first: StoredRequest, request: StoredRequest) -> bool:
    """Return True unless the prices agreed on are in two different currencies.

    The key of a conversation covers customer, products and prices. It does not cover the currency, which one of
    the two requests may omit.
    """
    has_prices = any(line.has_price for line in request.order_lines)
    return not has_prices or "" in (first.currency, request.currency) or first.currency == request.currency


def differing_fields(first: StoredRequest, request: StoredRequest) -> list[str]:
    """Return the names of the fields with a different wording."""
    return [name for name in _WORDING if getattr(first, name) != getattr(request, name)]


def already_asked(fields: Sequence[str]) -> QuotationWarning:
    """Return the warning that a request was repeated with differences in these fields."""
    message = (
        "This conversation already requested this quotation, so no new one was started. The first wording was"
        f" kept. These fields differed: {', '.join(fields)}."
    )
    return QuotationWarning(code=WarningCode.ALREADY_ASKED, message=message)
