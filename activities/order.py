"""The steps `order` and `line`: the sale order, its lines and its amounts."""

import asyncio
import html
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import BaseModel
from temporalio import activity

from activities.company import NOTHING, CompanyFields, Setup, default_terms, find_company, unit_prices
from activities.company.agreement import agreed_prices
from activities.company.prices import UnitPrice
from odoo_client import Odoo, OdooUnexpectedError, Reference, create_once
from quotation import steps, texts
from quotation.messages import CreatedOrder, NewLine, NewLines, NewOrder, OrderTotals
from quotation.status import ResultLine

_FIRST_VERSION_WITH_SHORT_LINKS = 18
_SEQUENCE_STEP = 10


class _OrderName(BaseModel):
    name: str


class _OrderRow(BaseModel):
    amount_untaxed: float
    amount_tax: float
    amount_total: float
    currency_id: Reference


class _LineRow(BaseModel):
    id: int
    product_id: Reference
    name: str
    product_uom_qty: float
    price_unit: float
    discount: float
    price_subtotal: float


@dataclass
class OrderActivities:
    """Creates sale orders in one Odoo; `url` is the address in links."""

    odoo: Odoo
    url: str
    setup: Setup = NOTHING

    @activity.defn(name=steps.CREATE_SALE_ORDER)
    async def create_sale_order(self, order: NewOrder) -> CreatedOrder:
        """Return the quotation's sale order without lines, and create it the first time. Raises `OdooError`."""
        company = await find_company(self.odoo, self.setup.company)
        row = {
            "id": order.external_id,
            "partner_id/.id": str(order.partner_id),
            "company_id/.id": str(company.id),
            "origin": order.origin,
        }
        if await self._links_opportunities():
            row["opportunity_id/.id"] = str(order.opportunity_id)
        if order.user_id is not None:
            row["user_id/.id"] = str(order.user_id)
        if order.notes:
            terms = await default_terms(self.odoo, company, order.partner_id)
            row["note"] = f"<p>{_as_html(order.notes)}</p>{terms}" if terms else _as_html(order.notes)
        row |= await CompanyFields(self.odoo, company, self.setup).missing_in(row, "sale.order")
        [order_id] = await create_once(self.odoo, "sale.order", [row], company.context)
        rows, version = await asyncio.gather(
            self.odoo.call("sale.order", "read", [order_id], ["name"], returns=list[_OrderName]),
            self.odoo.major_version(),
        )
        if not rows:
            raise OdooUnexpectedError("The sale order is no longer there.")
        return CreatedOrder(id=order_id, name=rows[0].name, url=self._link(order_id, version))

    @activity.defn(name=steps.ADD_PRODUCT_LINES)
    async def add_product_lines(self, new: NewLines) -> OrderTotals:
        """Return the order's lines and amounts, and add the lines the first time. Raises `OdooError`."""
        company = await find_company(self.odoo, self.setup.company)
        fields = CompanyFields(self.odoo, company, self.setup)
        agreed = agreed_prices([(line.number, line.requested) for line in new.lines], {})
        prices = await unit_prices(self.odoo, company, new.partner_id, agreed)
        rows = [_row(new.order_id, line, prices) for line in new.lines]
        rows = [row | await fields.missing_in(row, "sale.order.line") for row in rows]
        ids = await create_once(self.odoo, "sale.order.line", rows, company.context)
        orders, lines = await asyncio.gather(
            self.odoo.call(
                "sale.order", "read", [new.order_id], list(_OrderRow.model_fields), returns=list[_OrderRow]
            ),
            self.odoo.call("sale.order.line", "read", ids, list(_LineRow.model_fields), returns=list[_LineRow]),
        )
        if not orders:
            raise OdooUnexpectedError("The sale order is no longer there.")
        numbers = {line_id: line.number for line_id, line in zip(ids, new.lines, strict=True)}
        return OrderTotals(
            lines={numbers[row.id]: _result_line(row) for row in lines},
            amount_untaxed=orders[0].amount_untaxed,
            amount_tax=orders[0].amount_tax,
            amount_total=orders[0].amount_total,
            currency=orders[0].currency_id.name,
        )

    async def _links_opportunities(self) -> bool:
        # the module sale_crm adds the field
        fields = await self.odoo.cached_call(
            "sale.order", "fields_get", ["opportunity_id"], ["type"], returns=dict[str, object]
        )
        return "opportunity_id" in fields

    def _link(self, order_id: int, version: int) -> str:
        if version >= _FIRST_VERSION_WITH_SHORT_LINKS:
            return f"{self.url}/odoo/sales/{order_id}"
        return f"{self.url}/web#id={order_id}&model=sale.order&view_type=form"


def _row(order_id: int, line: NewLine, prices: Mapping[int, UnitPrice]) -> dict[str, str]:
    requested = line.requested
    row = {
        "id": line.external_id,
        "order_id/.id": str(order_id),
        "sequence": str(line.number * _SEQUENCE_STEP),
        "product_id/.id": str(requested.product_id),
        "product_uom_qty": str(requested.product_qty),
    }
    if requested.has_price:
        # a price list's discount would reduce the agreed price
        row |= {"price_unit": str(prices[line.number].price), "discount": "0"}
    return row


def _result_line(row: _LineRow) -> ResultLine:
    return ResultLine(
        line_id=row.id,
        product_id=row.product_id.id,
        # hosts read about 25,000 tokens of a result, and Temporal keeps 2 MB
        name=texts.shortened(row.name),
        quantity=row.product_uom_qty,
        price_unit=row.price_unit,
        discount=row.discount,
        subtotal=row.price_subtotal,
    )


def _as_html(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "<br>".join(html.escape(line) for line in lines)
