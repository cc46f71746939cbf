"""Warnings: what was accepted and may surprise the caller (docs/reference.md, Warnings)."""

from collections.abc import Iterable
from enum import StrEnum

from pydantic import Field

from quotation.stored import Stored
from quotation.stored.request import StoredRequest


class WarningCode(StrEnum):
    """Why a caller is warned; programs may rely on the values."""

    FREE_LINE = "free_line"
    PARTNER_NAME_DIFFERS = "partner_name_differs"
    PRICE_INCLUDES_TAX = "price_includes_tax"
    OTHER_CURRENCY = "other_currency"
    ALREADY_ASKED = "already_asked"


class QuotationWarning(Stored):
    """A stable code and a sentence without customer data."""

    # a newer version may have other codes
    code: str = Field(description="A stable code.")
    message: str


def warnings_of(request: StoredRequest) -> list[QuotationWarning]:
    """Return the warnings that the request itself deserves, whatever Odoo holds."""
    free = [number for number, line in enumerate(request.order_lines, start=1) if line.product_price == 0]
    if not free:
        return []
    message = f"Free of charge because the price is 0: line {', '.join(map(str, free))}."
    return [QuotationWarning(code=WarningCode.FREE_LINE, message=message)]


def about_start(warnings: Iterable[QuotationWarning]) -> list[QuotationWarning]:
    """Return the warnings about the start of a quotation; all others come from its request or from Odoo."""
    return [warning for warning in warnings if warning.code == WarningCode.ALREADY_ASKED]


def added(warnings: Iterable[QuotationWarning], more: Iterable[QuotationWarning]) -> list[QuotationWarning]:
    """Return all warnings, each once and in this order."""
    every = [*warnings, *more]
    return [warning for number, warning in enumerate(every) if warning not in every[:number]]
