"""Leads, the wizard that converts them, quotations and their lines."""

from sandbox.standin_odoo.base import COMPANY, CURRENCY, OWNER
from sandbox.standin_odoo.fields import Field, Values, now, round_half_up
from sandbox.standin_odoo.model import Model

TAX = 0.15
"""The default tax of a new Odoo, on every product."""

_TYPES = {"lead": "Lead", "opportunity": "Opportunity"}
_DEEDS = {"convert": "Convert to opportunity", "merge": "Merge with existing opportunities"}
_LINKS = {"create": "Create a new customer", "exist": "Link to an existing customer"}
_STATES = {"draft": "Quotation", "sent": "Quotation Sent", "sale": "Sales Order", "cancel": "Cancelled"}
_CURRENCY = Field("many2one", "Currency", "res.currency", readonly=True, computed=True, default=CURRENCY)


class Lead(Model, model="crm.lead", label="Lead", owner="user_id"):
    """Leads and opportunities, by their `type`."""

    name = Field("char", "Opportunity", required=True)
    # Odoo creates opportunities unless its setting "Leads" is on
    type = Field("selection", "Type", required=True, selection=_TYPES, default="opportunity")
    active = Field("boolean", "Active", default=True)
    user_id = Field("many2one", "Salesperson", "res.users")
    partner_id = Field("many2one", "Contact", "res.partner")
    contact_name = Field("char", "Contact Name")
    description = Field("html", "Notes")
    email_from = Field("char", "Email")
    phone = Field("char", "Phone")
    date_conversion = Field("datetime", "Conversion Date", readonly=True)
    order_ids = Field("one2many", "Orders", "sale.order", inverse="opportunity_id")
    company_id = OWNER

    def complete(self, values: Values) -> None:
        """Make the user the salesperson."""
        values.setdefault("user_id", self.env.uid)


class Conversion(Model, model="crm.lead2opportunity.partner", label="Convert Lead to Opportunity (not in mass)"):
    """The wizard behind the button "Convert to Opportunity"."""

    name = Field("selection", "Conversion Action", selection=_DEEDS)
    action = Field("selection", "Related Customer", required=True, selection=_LINKS)
    lead_id = Field("many2one", "Associated Lead", "crm.lead", required=True)
    partner_id = Field("many2one", "Customer", "res.partner")

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


class Order(Model, model="sale.order", label="Sales Order", owner="user_id"):
    """Quotations, which are orders that nobody has confirmed."""

    name = Field("char", "Order Reference", required=True, default="New")
    state = Field("selection", "Status", readonly=True, selection=_STATES, default="draft")
    date_order = Field("datetime", "Order Date", required=True, default=now)
    partner_id = Field("many2one", "Customer", "res.partner", required=True)
    user_id = Field("many2one", "Salesperson", "res.users")
    opportunity_id = Field("many2one", "Opportunity", "crm.lead")
    company_id = Field("many2one", "Company", "res.company", required=True, default=COMPANY)
    origin = Field("char", "Source Document")
    note = Field("html", "Terms and conditions")
    order_line = Field("one2many", "Order Lines", "sale.order.line", inverse="order_id")
    currency_id = _CURRENCY
    amount_untaxed = Field("monetary", "Untaxed Amount", readonly=True, computed=True)
    amount_tax = Field("monetary", "Taxes", readonly=True, computed=True)
    amount_total = Field("monetary", "Total", readonly=True, computed=True)

    def complete(self, values: Values) -> None:
        """Set the number, and the salesperson of the customer or its company."""
        values.setdefault("name", f"S{self.store.next_id(self.model):05d}")
        if customer := values.get("partner_id"):
            partners = self.env.sudo()["res.partner"]
            partners.require([customer])
            of_company = partners.value(customer, "commercial_partner_id.user_id")
            values.setdefault("user_id", partners.value(customer, "user_id") or of_company or self.env.uid)

    def compute_amounts(self, record_id: int) -> None:
        """Add up the lines, and round the sums but not their parts: Odoo's default."""
        lines = OrderLine(self.env)
        unrounded = [lines.untaxed(line) for line in self.value(record_id, "order_line")]
        untaxed = round_half_up(sum(unrounded))
        tax = round_half_up(sum(amount * TAX for amount in unrounded))
        amounts = {"amount_untaxed": untaxed, "amount_tax": tax, "amount_total": round_half_up(untaxed + tax)}
        self.store.put(self.model, record_id, amounts)


class OrderLine(Model, model="sale.order.line", label="Sales Order Line", owner="order_id.user_id"):
    """The lines of orders."""

    order_id = Field("many2one", "Order Reference", "sale.order", required=True)
    sequence = Field("integer", "Sequence", default=10)
    product_id = Field("many2one", "Product", "product.product")
    name = Field("text", "Description", required=True, depends=("product_id",))
    product_uom_qty = Field("float", "Quantity", required=True, digits=2, default=1.0)
    price_unit = Field("float", "Unit Price", required=True)
    discount = Field("float", "Discount (%)", digits=2)
    price_subtotal = Field("monetary", "Subtotal", readonly=True, computed=True)
    price_tax = Field("float", "Total Tax", readonly=True, computed=True)
    currency_id = _CURRENCY

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
        untaxed = self.untaxed(record_id)
        computed = {"price_subtotal": round_half_up(untaxed), "price_tax": round_half_up(untaxed * TAX)}
        self.store.put(self.model, record_id, computed)
        Order(self.env.sudo()).compute_amounts(self.value(record_id, "order_id"))

    def untaxed(self, record_id: int) -> float:
        """Return the line's amount before taxes, not rounded."""
        row = self.rows[record_id]
        price: float = row["price_unit"] * (1 - row["discount"] / 100)
        return price * float(row["product_uom_qty"])
