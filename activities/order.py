"""The steps `order` and `line`: the sale order, its lines and what it comes to."""

import asyncio
import html
from collections.abc import Iterable
from dataclasses import dataclass, field

from pydantic import BaseModel
from temporalio import activity

from odoo_client import Odoo, OdooUnexpectedError, Reference, create_once
from quotation import steps
from quotation.messages import CreatedOrder, NewLines, NewOrder, OrderTotals
from quotation.request import COMPUTED_PRICE, LineRequest
from quotation.status import ResultLine

_FIRST_VERSION_WITH_SHORT_LINKS = 18
_SEQUENCE_STEP = 10

Numbered = tuple[int, str, LineRequest]


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
    """Makes sale orders in one Odoo, whose address links show is `url`."""

    odoo: Odoo
    url: str
    _has_opportunity: bool | None = field(default=None, init=False)

    @activity.defn(name=steps.CREATE_SALE_ORDER)
    async def create_sale_order(self, order: NewOrder) -> CreatedOrder:
        """Give the quotation's sale order, made the first time, still without lines. Raises `OdooError`."""
        row = {"id": order.external_id, "partner_id/.id": str(order.partner_id), "origin": order.origin}
        if await self._links_opportunities():
            row["opportunity_id/.id"] = str(order.opportunity_id)
        if order.user_id is not None:
            row["user_id/.id"] = str(order.user_id)
        if order.notes:
            row["note"] = _as_html(order.notes)
        [order_id] = await create_once(self.odoo, "sale.order", [row])
        rows, version = await asyncio.gather(
            self.odoo.call("sale.order", "read", [order_id], ["name"], returns=list[_OrderName]),
            self.odoo.major_version(),
        )
        if not rows:
            raise OdooUnexpectedError("The sale order is no longer there.")
        return CreatedOrder(id=order_id, name=rows[0].name, url=self._link(order_id, version))

    @activity.defn(name=steps.ADD_PRODUCT_LINES)
    async def add_product_lines(self, new: NewLines) -> OrderTotals:
        """Give the order's lines and amounts; the lines are added the first time. Raises `OdooError`."""
        numbered = [
            (number, external_id, line)
            for number, (external_id, line) in enumerate(zip(new.external_ids, new.lines, strict=True), start=1)
        ]
        # a blank price would be 0.0, so those without one go in a call of their own
        ids = await self._add(new.order_id, [item for item in numbered if item[2].product_price == COMPUTED_PRICE])
        ids |= await self._add(
            new.order_id, [item for item in numbered if item[2].product_price != COMPUTED_PRICE]
        )
        orders, rows = await asyncio.gather(
            self.odoo.call(
                "sale.order", "read", [new.order_id], list(_OrderRow.model_fields), returns=list[_OrderRow]
            ),
            self.odoo.call(
                "sale.order.line", "read", list(ids.values()), list(_LineRow.model_fields), returns=list[_LineRow]
            ),
        )
        if not orders:
            raise OdooUnexpectedError("The sale order is no longer there.")
        by_id = {row.id: row for row in rows}
        return OrderTotals(
            lines=[_result_line(by_id[ids[number]]) for number in sorted(ids) if ids[number] in by_id],
            amount_untaxed=orders[0].amount_untaxed,
            amount_tax=orders[0].amount_tax,
            amount_total=orders[0].amount_total,
            currency=orders[0].currency_id.name,
        )

    async def _add(self, order_id: int, lines: Iterable[Numbered]) -> dict[int, int]:
        """Add lines and give their database ids by their number in the request."""
        numbered = list(lines)
        if not numbered:
            return {}
        rows = [_row(order_id, number, external_id, line) for number, external_id, line in numbered]
        ids = await create_once(self.odoo, "sale.order.line", rows)
        return {number: line_id for (number, _, _), line_id in zip(numbered, ids, strict=True)}

    async def _links_opportunities(self) -> bool:
        # the field comes with the module sale_crm
        if self._has_opportunity is None:
            fields = await self.odoo.call(
                "sale.order", "fields_get", ["opportunity_id"], ["type"], returns=dict[str, object]
            )
            self._has_opportunity = "opportunity_id" in fields
        return self._has_opportunity

    def _link(self, order_id: int, version: int) -> str:
        if version >= _FIRST_VERSION_WITH_SHORT_LINKS:
            return f"{self.url}/odoo/sales/{order_id}"
        return f"{self.url}/web#id={order_id}&model=sale.order&view_type=form"


def _row(order_id: int, number: int, external_id: str, line: LineRequest) -> dict[str, str]:
    row = {
        "id": external_id,
        "order_id/.id": str(order_id),
        "sequence": str(number * _SEQUENCE_STEP),
        "product_id/.id": str(line.product_id),
        "product_uom_qty": str(line.product_qty),
    }
    if line.product_price != COMPUTED_PRICE:
        # a price list's discount would be taken off a price that was agreed on
        row |= {"price_unit": str(line.product_price), "discount": "0"}
    return row


def _result_line(row: _LineRow) -> ResultLine:
    return ResultLine(
        line_id=row.id,
        product_id=row.product_id.id,
        name=row.name,
        quantity=row.product_uom_qty,
        price_unit=row.price_unit,
        discount=row.discount,
        subtotal=row.price_subtotal,
    )


def _as_html(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "<br>".join(html.escape(line) for line in lines)
