"""Agreed prices without tax as Odoo's unit prices, which may include tax."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from activities.company.company import Company
from odoo_client import Odoo, OdooAccessDeniedError, OdooRejectedError, OdooUnexpectedError, new_records, preview
from quotation.warning import QuotationWarning, WarningCode

_SMALL, _LARGE = 1.0, 1e9
"""Two unit prices that show how Odoo takes tax off: one for fixed amounts, and one for the rate."""

_MANY = 1e6
"""The quantity of the small price: Odoo rounds amounts to cents, and fixed amounts count for each unit."""

_HALF_A_CENT = 0.005 + 1e-9
_FEWEST_DECIMALS, _MOST_DECIMALS = 2, 6
_FIELDS: dict[str, Any] = {"order_line": {"price_subtotal": {}}}


@dataclass(frozen=True)
class Agreed:
    """An agreed unit price without tax."""

    number: int
    product_id: int
    quantity: float
    price: float

    def line(self, price: float, quantity: float) -> dict[str, Any]:
        """Return the values of an order line."""
        # a price list's discount would reduce the agreed price
        return {
            "product_id": self.product_id,
            "product_uom_qty": quantity,
            "price_unit": price,
            "discount": 0,
        }

    def is_met_by(self, subtotal: float) -> bool:
        """Return True if a line's amount without tax is the agreed one."""
        return math.isclose(subtotal, self.price * self.quantity, rel_tol=1e-12, abs_tol=_HALF_A_CENT)


@dataclass(frozen=True)
class UnitPrice:
    """A unit price for Odoo; `is_exact` if the line's amount without tax is then the agreed one."""

    price: float
    is_exact: bool = True


async def unit_prices(
    odoo: Odoo, company: Company, partner_id: int | None, agreed: Sequence[Agreed]
) -> dict[int, UnitPrice]:
    """Return the unit prices for the partner's order, by line number."""
    plain = {one.number: UnitPrice(one.price) for one in agreed}
    wanted = [one for one in agreed if one.price]
    if not wanted or not await _has_included_taxes(odoo):
        return plain
    order = {"company_id": company.id, "partner_id": partner_id or False}
    try:
        return plain | await _Preview(odoo, order, company).unit_prices(wanted)
    except (OdooRejectedError, OdooUnexpectedError):
        # a form that requires more than Odoo's own must not fail the quotation
        return plain | {one.number: UnitPrice(one.price, is_exact=False) for one in wanted}


def inexact(prices: Mapping[int, UnitPrice]) -> list[QuotationWarning]:
    """Return the warning that some agreed prices cannot be met."""
    numbers = ", ".join(str(number) for number, price in sorted(prices.items()) if not price.is_exact)
    if not numbers:
        return []
    message = (
        f"Prices in Odoo include tax, so the untaxed amount cannot match the agreed price exactly: line {numbers}."
    )
    return [QuotationWarning(code=WarningCode.PRICE_INCLUDES_TAX, message=message)]


async def _has_included_taxes(odoo: Odoo) -> bool:
    # most companies have none, so their quotations need no further call
    domain = [["price_include", "=", True], ["type_tax_use", "!=", "purchase"]]
    try:
        return await odoo.cached_call("account.tax", "search_count", domain, returns=int) > 0
    except (OdooAccessDeniedError, OdooRejectedError, OdooUnexpectedError):
        # a user who may not see taxes can still make quotations
        return False


@dataclass(frozen=True)
class _Preview:
    odoo: Odoo
    order: Mapping[str, Any]
    company: Company

    async def unit_prices(self, agreed: Sequence[Agreed]) -> dict[int, UnitPrice]:
        """Return the unit prices; those that Odoo takes as they are cost one call, others two."""
        gross = await self._gross_prices(agreed)
        raised = [one for one in agreed if gross[one.number] != one.price]
        lines = {str(one.number): one.line(gross[one.number], one.quantity) for one in raised}
        subtotals = await self._subtotals(lines) if raised else {}
        met = {one.number: one.is_met_by(subtotals[str(one.number)]) for one in raised}
        return {one.number: UnitPrice(gross[one.number], is_exact=met[one.number]) for one in raised}

    async def _gross_prices(self, agreed: Sequence[Agreed]) -> dict[int, float]:
        lines: dict[str, dict[str, Any]] = {}
        for one in agreed:
            lines[f"small {one.product_id}"] = one.line(_SMALL, _MANY)
            lines[f"large {one.product_id}"] = one.line(_LARGE, 1)
        subtotals = await self._subtotals(lines)
        return {
            one.number: _gross(one, subtotals[f"small {one.product_id}"], subtotals[f"large {one.product_id}"])
            for one in agreed
        }

    async def _subtotals(self, lines: Mapping[str, dict[str, Any]]) -> dict[str, float]:
        order = {**self.order, "order_line": [[0, name, values] for name, values in lines.items()]}
        computed = await preview(self.odoo, "sale.order", order, _FIELDS, self.company.context)
        records = new_records(computed.get("order_line"))
        if not records.keys() >= lines.keys():
            raise OdooUnexpectedError("Odoo's preview of an order has missing lines.")
        return {name: float(records[name].get("price_subtotal") or 0.0) for name in lines}


def _gross(agreed: Agreed, small: float, large: float) -> float:
    """Return the unit price from which Odoo's taxes leave the agreed one, with as few decimals as are enough."""
    small /= _MANY
    rate = (large - small) / (_LARGE - _SMALL)
    fixed = small - rate * _SMALL
    if rate <= 0:
        raise OdooUnexpectedError("Odoo's preview of an order has amounts that do not grow with the price.")
    if agreed.is_met_by((rate * agreed.price + fixed) * agreed.quantity):
        return agreed.price
    exact = (agreed.price - fixed) / rate
    for decimals in range(_FEWEST_DECIMALS, _MOST_DECIMALS):
        price = round(exact, decimals)
        if agreed.is_met_by((rate * price + fixed) * agreed.quantity):
            return price
    return round(exact, _MOST_DECIMALS)
