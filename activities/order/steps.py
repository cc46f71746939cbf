"""The steps `order` and `line`: the sale order, its lines and its amounts."""

import asyncio
import html
from dataclasses import dataclass

from temporalio import activity

from activities.company import NOTHING, Company, CompanyFields, Setup, default_terms, find_company
from activities.order.lines import OrderLines, with_lines
from odoo_client import Odoo, create_once
from quotation import steps
from quotation.messages import CreatedOrder, NewLines, NewOrder, OrderTotals, by_pricing

_FIRST_VERSION_WITH_SHORT_LINKS = 18


@dataclass
class OrderActivities:
    """Creates sale orders in one Odoo; `url` is the address in links."""

    odoo: Odoo
    url: str
    setup: Setup = NOTHING

    @activity.defn(name=steps.CREATE_SALE_ORDER)
    async def create_sale_order(self, order: NewOrder) -> CreatedOrder:
        """Return the quotation's sale order, and create it the first time, with as many lines as one call can.

        Odoo reads a blank price as 0.0, so lines with and without a price cannot go in one. Raises `OdooError`.
        """
        company = await find_company(self.odoo, self.setup.company)
        lines = OrderLines(self.odoo, company, self.setup)
        at_once = max(by_pricing(order.lines), key=len, default=[])
        row, of_lines = await asyncio.gather(self._row(order, company), lines.columns(at_once, order.partner_id))
        [order_id] = await create_once(self.odoo, "sale.order", with_lines(row, of_lines), company.context)
        placed, version = await asyncio.gather(lines.read(order_id), self.odoo.major_version())
        return CreatedOrder(
            id=order_id,
            name=placed.name,
            url=self._link(order_id, version),
            totals=placed.totals(placed.recognized(order.lines)),
        )

    @activity.defn(name=steps.ADD_PRODUCT_LINES)
    async def add_product_lines(self, new: NewLines) -> OrderTotals:
        """Return the order's lines and amounts, and add the lines that do not exist. Raises `OdooError`.

        All lines of one call, and of one order, are created in one transaction. So if some of them are there, a
        person has deleted the others, and they stay deleted.
        """
        known = new.totals.of(new.lines) if new.totals else None
        if known is not None and len(known.lines) == len(new.lines):
            return known
        lines = OrderLines(self.odoo, await find_company(self.odoo, self.setup.company), self.setup)
        if known is None or not known.lines:
            ids = await lines.add(new.order_id, new.lines, new.partner_id)
        else:
            # a person may also have moved a line, or changed its product
            ids = await lines.existing(new.lines)
        return (await lines.read(new.order_id)).totals(ids)

    async def _row(self, order: NewOrder, company: Company) -> dict[str, str]:
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
        return row | await CompanyFields(self.odoo, company, self.setup).missing_in(row, "sale.order")

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


def _as_html(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "<br>".join(html.escape(line) for line in lines)
