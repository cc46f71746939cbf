"""Quotations and their lines."""

from datetime import UTC, datetime, timedelta
from typing import ClassVar

from sandbox.standin_odoo.env import on_records
from sandbox.standin_odoo.faults import UserError
from sandbox.standin_odoo.fields import Field, Values, now, round_half_up
from sandbox.standin_odoo.model import Model

TAX = 0.15
"""The default tax of a new Odoo, on every product."""

STATES = {"draft": "Quotation", "sent": "Quotation Sent", "sale": "Sales Order", "cancel": "Cancelled"}


class Order(Model):
    """`sale.order`."""

    name = "sale.order"
    description = "Sales Order"
    order = "date_order desc, id desc"
    own_fields: ClassVar[dict[str, Field]] = {
        "name": Field("char", "Order Reference", required=True),
        "state": Field("selection", "Status", readonly=True, selection=STATES, default="draft"),
        "date_order": Field("datetime", "Order Date", required=True),
        "validity_date": Field("date", "Expiration"),
        "partner_id": Field("many2one", "Customer", "res.partner", required=True, on_delete="restrict"),
        "partner_invoice_id": Field(
            "many2one", "Invoice Address", "res.partner", required=True, on_delete="restrict"
        ),
        "partner_shipping_id": Field(
            "many2one", "Delivery Address", "res.partner", required=True, on_delete="restrict"
        ),
        "user_id": Field("many2one", "Salesperson", "res.users"),
        "opportunity_id": Field("many2one", "Opportunity", "crm.lead"),
        "origin": Field("char", "Source Document"),
        "client_order_ref": Field("char", "Customer Reference"),
        "note": Field("html", "Terms and conditions"),
        "order_line": Field("one2many", "Order Lines", "sale.order.line", inverse="order_id"),
        "create_date": Field("datetime", "Creation Date", readonly=True),
        "currency_id": Field("many2one", "Currency", "res.currency", readonly=True, computed=True),
        "amount_untaxed": Field("monetary", "Untaxed Amount", readonly=True, computed=True),
        "amount_tax": Field("monetary", "Taxes", readonly=True, computed=True),
        "amount_total": Field("monetary", "Total", readonly=True, computed=True),
    }

    def complete(self, values: Values) -> None:
        """Number, dates and currency; addresses and salesperson from the customer. MissingError without it."""
        values.setdefault("name", f"S{self.store.next_number('sale.order.name'):05d}")
        values.setdefault("date_order", now())
        values.setdefault("validity_date", (datetime.now(UTC) + timedelta(days=30)).date().isoformat())
        values["currency_id"] = next(iter(self.store.table("res.currency")))
        if not (customer := values.get("partner_id")):
            return
        partners = self.env.sudo()["res.partner"]
        partners.require([customer])
        values.setdefault("partner_invoice_id", customer)
        values.setdefault("partner_shipping_id", customer)
        of_company = partners.value(customer, "commercial_partner_id.user_id")
        values.setdefault("user_id", partners.value(customer, "user_id") or of_company or self.env.uid)

    def follow_up(self, record_id: int, given: Values) -> None:
        """Refuse to give an order to a colleague: unlike a lead, Odoo reads it again when that is done."""
        if "user_id" in given:
            self.check("read", [record_id])

    def before_unlink(self, record_id: int) -> None:
        """Raise UserError for what is more than a quotation."""
        if self.value(record_id, "state") not in ("draft", "cancel"):
            raise UserError(
                "You can not delete a sent quotation or a confirmed sales order. You must first cancel it."
            )

    def compute_amounts(self, record_id: int) -> None:
        """Add up the lines and round the sums, not the parts: Odoo's default."""
        lines = OrderLine(self.env)
        unrounded = [lines.untaxed(line) for line in self.value(record_id, "order_line")]
        untaxed = round_half_up(sum(unrounded), 2)
        tax = round_half_up(sum(amount * TAX for amount in unrounded), 2)
        amounts = {"amount_untaxed": untaxed, "amount_tax": tax, "amount_total": round_half_up(untaxed + tax, 2)}
        self.store.put(self.name, record_id, amounts)


class OrderLine(Model):
    """`sale.order.line`."""

    name = "sale.order.line"
    description = "Sales Order Line"
    order = "order_id, sequence, id"
    own_fields: ClassVar[dict[str, Field]] = {
        "order_id": Field("many2one", "Order Reference", "sale.order", required=True, on_delete="cascade"),
        "sequence": Field("integer", "Sequence", default=10),
        "product_id": Field("many2one", "Product", "product.product", on_delete="restrict"),
        "name": Field("text", "Description", required=True),
        "product_uom_qty": Field("float", "Quantity", required=True, digits=2, default=1.0),
        "price_unit": Field("float", "Unit Price", required=True),
        # what the price would be but for a person; where it equals the price, Odoo computes that anew
        "technical_price_unit": Field("float", "Technical Price Unit"),
        "discount": Field("float", "Discount (%)", digits=2),
        "price_subtotal": Field("monetary", "Subtotal", readonly=True, computed=True),
        "price_tax": Field("float", "Total Tax", readonly=True, computed=True),
        "price_total": Field("monetary", "Total", readonly=True, computed=True),
        "currency_id": Field(
            "many2one", "Currency", "res.currency", readonly=True, related="order_id.currency_id"
        ),
        "salesman_id": Field("many2one", "Salesperson", "res.users", readonly=True, related="order_id.user_id"),
        "state": Field("selection", "Order Status", readonly=True, selection=STATES, related="order_id.state"),
    }

    def display_name(self, record_id: int) -> str:
        """Order, description and customer."""
        customer = self.value(record_id, "order_id.partner_id.commercial_partner_id.name")
        return f"{self.value(record_id, 'order_id.name')} - {self.value(record_id, 'name')} ({customer})"

    def complete(self, values: Values) -> None:
        """Description and price from the product. MissingError where it or the order does not exist."""
        if not (product := values.get("product_id")):
            return
        if not (order := values.get("order_id")):
            raise ValueError("Expected singleton: sale.order()")
        self.env["sale.order"].require([order])
        products = self.env.sudo()["product.product"]
        products.require([product])
        values.setdefault("name", products.display_name(product))
        values.setdefault("price_unit", products.value(product, "list_price"))
        values.setdefault("technical_price_unit", values["price_unit"])

    def complete_change(self, record_id: int, values: Values) -> None:
        """Another quantity or product brings the product's price again, unless the price counts as a person's."""
        if "product_uom_qty" not in values and "product_id" not in values:
            return
        products = self.env.sudo()["product.product"]
        product = values.get("product_id", self.value(record_id, "product_id"))
        if "product_id" in values:
            values.setdefault("name", products.display_name(product))
        if "price_unit" not in values and self.value(record_id, "price_unit") == self.value(
            record_id, "technical_price_unit"
        ):
            values["price_unit"] = values["technical_price_unit"] = products.value(product, "list_price")

    def follow_up(self, record_id: int, given: Values) -> None:  # noqa: ARG002 - a line is always computed
        """Compute the amounts of the line and of its order."""
        untaxed = self.untaxed(record_id)
        subtotal, tax = round_half_up(untaxed, 2), round_half_up(untaxed * TAX, 2)
        computed = {"price_subtotal": subtotal, "price_tax": tax, "price_total": round_half_up(subtotal + tax, 2)}
        self.store.put(self.name, record_id, computed)
        Order(self.env.sudo()).compute_amounts(self.value(record_id, "order_id"))

    def untaxed(self, record_id: int) -> float:
        """The line's amount before taxes, not rounded."""
        price: float = self.value(record_id, "price_unit") * (1 - self.value(record_id, "discount") / 100)
        return price * float(self.value(record_id, "product_uom_qty"))

    @on_records
    def unlink(self, ids: list[int]) -> bool:
        """Delete the lines and add up their orders anew."""
        orders = {self.value(line, "order_id") for line in self.existing(ids)}
        super().unlink(ids)
        for order in orders:
            Order(self.env.sudo()).compute_amounts(order)
        return True
