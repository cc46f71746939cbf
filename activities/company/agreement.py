"""Checks of what was agreed with the customer: prices and their currency."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from activities.company.company import Company
from activities.company.currency import currency_of, price_list_of_new_partners
from activities.company.fields import CompanyFields
from activities.company.prices import Agreed, inexact, unit_prices
from activities.failures import RequestError
from odoo_client import Odoo, Reference
from quotation.errors import ErrorCode
from quotation.messages import CheckRequest
from quotation.stored.request import StoredLine
from quotation.warning import QuotationWarning, WarningCode


@dataclass(frozen=True)
class Customer:
    """The partner of the order, or None for a new one, and the price list of a known one."""

    partner_id: int | None = None
    price_list: Reference | None = None


@dataclass(frozen=True)
class Agreement:
    """The agreed prices of a request, and their currency."""

    odoo: Odoo
    company: Company
    fields: CompanyFields

    async def check(
        self, request: CheckRequest, named: Mapping[str, int], customer: Customer
    ) -> list[QuotationWarning]:
        """Return warnings about prices; `named` has the ids of the products that the request does not name by id.

        Raises `RequestError` if the order would be in another currency than the request says.
        """
        agreed = agreed_prices([(number, line) for number, line in enumerate(request.lines, start=1)], named)
        is_priced = any(one.price for one in agreed)
        if not request.currency and not is_priced:
            return []
        currency = await self._currency(customer)
        if request.currency not in ("", currency):
            raise RequestError(
                ErrorCode.CURRENCY_MISMATCH, f"The order would be in {currency}, not in {request.currency}."
            )
        prices = await unit_prices(self.odoo, self.company, customer.partner_id, agreed)
        is_other = is_priced and not request.currency and currency != self.company.currency
        return [*(_other_currency(currency, self.company) if is_other else []), *inexact(prices)]

    async def _currency(self, customer: Customer) -> str:
        price_list = customer.price_list
        if customer.partner_id is None:
            price_list = await price_list_of_new_partners(self.odoo, self.company, self.fields)
        return await currency_of(self.odoo, self.company, price_list)


def agreed_prices(lines: Sequence[tuple[int, StoredLine]], named: Mapping[str, int]) -> list[Agreed]:
    """Return the agreed prices among numbered lines."""
    return [
        Agreed(
            number=number,
            product_id=named.get(line.product, line.product_id),
            quantity=float(line.product_qty),
            price=float(line.product_price),
        )
        for number, line in lines
        if line.has_price
    ]


def _other_currency(currency: str, company: Company) -> list[QuotationWarning]:
    message = (
        f"The agreed prices are read as {currency}, the currency of the price list, not as {company.currency}."
        " Send currency to be sure."
    )
    return [QuotationWarning(code=WarningCode.OTHER_CURRENCY, message=message)]
