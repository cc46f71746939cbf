"""Leads, the wizard that converts them, quotations and their lines."""

from sandbox.standin_odoo.base import IN_CURRENCY
from sandbox.standin_odoo.fields import Values, now, round_half_up
from sandbox.standin_odoo.model import Model
from sandbox.standin_odoo.store import Row

TAX = 0.15
"""The default tax of a new Odoo, on every product."""


class Lead(Model, model="crm.lead"):
    """Leads and opportunities, by their `type`."""

    owner = "user_id"

    def defaults(self) -> Values:
        """Make the user the salesperson."""
        return super().defaults() | {"user_id": self.env.uid}


class Conversion(Model, model="crm.lead2opportunity.partner"):
    """The wizard behind the button "Convert to Opportunity"."""

    def complete(self, values: Values) -> None:
        """Refuse what the stand-in does not do: left to its defaults, Odoo's wizard may merge leads."""
        if values.get("name") != "convert" or values.get("action") != "exist":
            raise NotImplementedError("The stand-in converts leads and links them to an existing customer")
        self.env["crm.lead"].check("read", [values["lead_id"]])

    def action_apply(self, ids: list[int]) -> Values:
        """Convert the leads of the context's `active_ids`, and return the window to open."""
        self.require(ids)
        leads = self.env["crm.lead"]
        lead_ids = self.env.context.get("active_ids", [])
        for lead in lead_ids:
            if leads.value(lead, "active"):
                partner = self.value(ids[0], "partner_id") or leads.value(lead, "partner_id")
                leads.write([lead], {"type": "opportunity", "date_conversion": now(), "partner_id": partner})
        return {"type": "ir.actions.act_window", "res_model": leads.model, "res_id": lead_ids[0]}


class Order(Model, model="sale.order"):
    """Quotations, which are orders that nobody has confirmed."""

    owner = "user_id"
    computed = IN_CURRENCY

    def defaults(self) -> Values:
        """Set the date to now."""
        return super().defaults() | {"date_order": now()}

    def complete(self, values: Values) -> None:
        """Set the number, and the salesperson of the customer or its company."""
        values.setdefault("name", f"S{self.store.next_id(self.model):05d}")
        if customer := values.get("partner_id"):
            partners = self.env.sudo()["res.partner"]
            partners.require([customer])
            of_company = partners.value(customer, "commercial_partner_id.user_id")
            values.setdefault("user_id", partners.value(customer, "user_id") or of_company or self.env.uid)

    def follow_up(self, record_id: int) -> None:
        """Add up the lines, and round the sums but not their parts: Odoo's default."""
        lines = self.store.table("sale.order.line")
        unrounded = [_untaxed(lines[line]) for line in self.value(record_id, "order_line")]
        untaxed, tax = round_half_up(sum(unrounded)), round_half_up(sum(amount * TAX for amount in unrounded))
        amounts = {"amount_untaxed": untaxed, "amount_tax": tax, "amount_total": round_half_up(untaxed + tax)}
        self.store.put(self.model, record_id, amounts)


class OrderLine(Model, model="sale.order.line"):
    """The lines of orders."""

    owner = "order_id.user_id"
    computed = IN_CURRENCY

    def complete(self, values: Values) -> None:
        """Set the product's description and price."""
        if not (product := values.get("product_id")):
            return
        if not (order := values.get("order_id")):
            raise ValueError("Expected singleton: sale.order()")
        self.env["sale.order"].require([order])
        products = self.env.sudo()["product.product"]
        products.require([product])
        values.setdefault("name", products.name_of(product))
        values.setdefault("price_unit", products.value(product, "list_price"))

    def follow_up(self, record_id: int) -> None:
        """Compute the amounts of the line and of its order."""
        untaxed = _untaxed(self.rows[record_id])
        computed = {"price_subtotal": round_half_up(untaxed), "price_tax": round_half_up(untaxed * TAX)}
        self.store.put(self.model, record_id, computed)
        self.env.sudo()["sale.order"].follow_up(self.value(record_id, "order_id"))


def _untaxed(line: Row) -> float:
    """Return the line's amount before taxes, not rounded."""
    price: float = line["price_unit"] * (1 - line["discount"] / 100)
    return price * float(line["product_uom_qty"])
