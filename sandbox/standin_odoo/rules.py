"""The rules of single models: what Odoo computes, and what it lets clients do beside reading and writing."""

from collections.abc import Iterable
from typing import Any

from sandbox.catalogue import GROUP_INTERNAL, GROUP_SYSTEM
from sandbox.standin_odoo.faults import AccessError, ConstraintError
from sandbox.standin_odoo.fields import LANGUAGES, Values, now, round_half_up
from sandbox.standin_odoo.model import Model
from sandbox.standin_odoo.store import Row

TAX = 0.15
"""The default tax of a new Odoo, on every product."""


class Language(Model, model="res.lang"):
    """The languages; they have no rows."""

    def get_installed(self) -> list[list[str]]:
        """Return code and label of each installed language."""
        return list(LANGUAGES)


class Partner(Model, model="res.partner"):
    """Customers and their contacts."""

    def name_of(self, record_id: int) -> str:
        """Return the name, after that of the company for a contact."""
        company, name = self.value(record_id, "commercial_partner_id"), super().name_of(record_id)
        return name if company in (False, record_id) else f"{super().name_of(company)}, {name}"

    def complete(self, values: Values) -> None:
        """Set the language and the salesperson of a contact's company."""
        if company := self.rows.get(values.get("parent_id")):
            values.setdefault("lang", company["lang"])
            values.setdefault("user_id", company["user_id"])

    def follow_up(self, record_id: int) -> None:
        """Compute the bare e-mail address and the company."""
        row = self.rows[record_id]
        if row["name"] is False:
            raise ConstraintError("Contacts require a name")
        company = record_id if row["is_company"] else row["parent_id"] or record_id
        computed = {"email_normalized": _normalized(row["email"]), "commercial_partner_id": company}
        self.store.put(self.model, record_id, computed)


def _normalized(email: Any) -> Any:
    bare = str(email or "").partition(",")[0].rpartition("<")[2].partition(">")[0].strip()
    local, at, domain = bare.rpartition("@")
    if not (local and at and domain):
        return False
    # Odoo keeps the case of a part that is not ASCII
    return (local.lower() if local.isascii() else local) + at + domain.lower()


class User(Model, model="res.users"):
    """The users; their rows hold passwords and groups too, which no field shows."""

    def has_group(self, ids: list[int], group_ext_id: str) -> bool:
        """Return True if the user is in the group, directly or by one that implies it."""
        if ids != [self.env.uid] and GROUP_INTERNAL not in self.env.groups():
            raise AccessError("You can ony call user.has_group() with your current user.")
        return group_ext_id in self.env.groups(*ids)

    def context_get(self) -> Values:
        """Return the user's id, language and time zone."""
        return {"lang": "en_US", "tz": False, "uid": self.env.uid}


class ApiKey(Model, model="res.users.apikeys"):
    """The API keys; their rows hold the keys too, which no field shows."""

    def _hidden(self, ids: Iterable[int]) -> set[int]:
        is_administrator = GROUP_SYSTEM in self.env.groups()
        return {one for one in ids if not is_administrator and self.rows[one]["user_id"] != self.env.uid}


class Product(Model, model="product.product"):
    """The products."""

    def name_of(self, record_id: int) -> str:
        """Return code and name."""
        code = self.rows[record_id]["default_code"]
        return f"[{code}] {super().name_of(record_id)}" if code else super().name_of(record_id)


class ModelData(Model, model="ir.model.data"):
    """The external ids; `load` writes them."""

    def check_object_reference(self, module: str, xml_id: str) -> list[Any]:
        """Return model and id of the record that an external id names; False as id if `search` does not find it.

        Raises:
            ValueError: the external id names nothing.
        """
        row = self.rows.get(f"{module}.{xml_id}")
        if row is None:
            raise ValueError(f"External ID not found in the system: {module}.{xml_id}")
        is_found = self.env[row["model"]].search([["id", "=", row["res_id"]]])
        return [row["model"], row["res_id"] if is_found else False]


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

    def defaults(self) -> Values:
        """Set the date to now."""
        return super().defaults() | {"date_order": now()}

    def complete(self, values: Values) -> None:
        """Set the number, and the salesperson of the customer or its company."""
        values.setdefault("name", f"S{self.store.next_id(self.model):05d}")
        if customer := values.get("partner_id"):
            partners = self.env["res.partner"]
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

    def complete(self, values: Values) -> None:
        """Set the product's description and price."""
        if not (product := values.get("product_id")):
            return
        if not (order := values.get("order_id")):
            raise ValueError("Expected singleton: sale.order()")
        self.env["sale.order"].require([order])
        products = self.env["product.product"]
        products.require([product])
        values.setdefault("name", products.name_of(product))
        values.setdefault("price_unit", products.value(product, "list_price"))

    def follow_up(self, record_id: int) -> None:
        """Compute the amounts of the line and of its order."""
        untaxed = _untaxed(self.rows[record_id])
        computed = {"price_subtotal": round_half_up(untaxed), "price_tax": round_half_up(untaxed * TAX)}
        self.store.put(self.model, record_id, computed)
        self.env["sale.order"].follow_up(self.value(record_id, "order_id"))


def _untaxed(line: Row) -> float:
    """Return the line's amount before taxes, not rounded."""
    price: float = line["price_unit"] * (1 - line["discount"] / 100)
    return price * float(line["product_uom_qty"])
