"""Leads, and the wizard that makes opportunities of them."""

from typing import Any, ClassVar

from sandbox.standin_odoo.env import on_records
from sandbox.standin_odoo.fields import Field, Reference, Values, now
from sandbox.standin_odoo.model import Model
from sandbox.standin_odoo.partners import normalized


class Lead(Model):
    """`crm.lead`, a lead or an opportunity by its `type`."""

    name = "crm.lead"
    description = "Lead"
    order = "priority desc, id desc"
    own_fields: ClassVar[dict[str, Field]] = {
        "name": Field("char", "Opportunity", required=True),
        "type": Field(
            "selection",
            "Type",
            required=True,
            selection={"lead": "Lead", "opportunity": "Opportunity"},
            # "Leads" is a setting of CRM that is off by default
            default="opportunity",
        ),
        "active": Field("boolean", "Active", default=True),
        "priority": Field(
            "selection",
            "Priority",
            selection={"0": "Low", "1": "Medium", "2": "High", "3": "Very High"},
            default="0",
        ),
        "user_id": Field("many2one", "Salesperson", "res.users"),
        "partner_id": Field("many2one", "Contact", "res.partner"),
        "contact_name": Field("char", "Contact Name"),
        "partner_name": Field("char", "Company Name"),
        "email_from": Field("char", "Email"),
        "email_normalized": Field("char", "Normalized Email", readonly=True, computed=True),
        "phone": Field("char", "Phone"),
        "description": Field("html", "Notes"),
        "date_conversion": Field("datetime", "Conversion Date", readonly=True),
        "order_ids": Field("one2many", "Orders", "sale.order", inverse="opportunity_id"),
    }

    def complete(self, values: Values) -> None:
        """The user is the salesperson; names, e-mail and phone are the customer's."""
        values.setdefault("user_id", self.env.uid)
        self._take_from_customer(values)

    def complete_change(self, record_id: int, values: Values) -> None:
        """Another customer brings other names, e-mail and phone."""
        if "partner_id" in values and values["partner_id"] != self.value(record_id, "partner_id"):
            self._take_from_customer(values)

    def _take_from_customer(self, values: Values) -> None:
        partners = self.env.sudo()["res.partner"]
        customer = values.get("partner_id", 0)
        if not partners.existing([customer]):
            values.setdefault("contact_name", False)
            values.setdefault("partner_name", False)
            return
        company = partners.value(customer, "commercial_partner_id")
        of_customer = {
            "contact_name": not partners.value(customer, "is_company") and partners.value(customer, "name"),
            "partner_name": partners.value(company, "is_company") and partners.value(company, "name"),
            "email_from": partners.value(customer, "email"),
            "phone": partners.value(customer, "phone"),
        }
        # what the customer has not stays as it is
        for name, value in of_customer.items():
            if value:
                values.setdefault(name, value)

    def follow_up(self, record_id: int, given: Values) -> None:
        """Overwrite the customer's e-mail and phone with those given to the lead."""
        email = self.value(record_id, "email_from")
        self.store.put(self.name, record_id, {"email_normalized": normalized(email)})
        customer = self.value(record_id, "partner_id")
        if not customer:
            return
        customers = self.env.sudo()["res.partner"]
        overwritten: Values = {}
        if given.get("email_from") and customers.value(customer, "email_normalized") != normalized(email):
            overwritten["email"] = email
        if given.get("phone") and customers.value(customer, "phone") != given["phone"]:
            overwritten["phone"] = given["phone"]
        if overwritten:
            customers.write([customer], overwritten)

    @on_records
    def convert_opportunity(self, ids: list[int], partner: Any) -> bool:
        """Make opportunities of leads. `partner` is a record in Odoo's own code: a client can but empty it."""
        for lead in ids:
            if not self.value(lead, "active"):
                continue
            values: Values = {"type": "opportunity", "date_conversion": now()}
            if partner or self.value(lead, "partner_id"):
                values["partner_id"] = partner.id if partner else False
            self.write([lead], values)
        return True


class Conversion(Model):
    """`crm.lead2opportunity.partner`: the form behind the button "Convert to Opportunity"."""

    name = "crm.lead2opportunity.partner"
    description = "Convert Lead to Opportunity (not in mass)"
    own_fields: ClassVar[dict[str, Field]] = {
        "name": Field(
            "selection",
            "Conversion Action",
            selection={"convert": "Convert to opportunity", "merge": "Merge with existing opportunities"},
        ),
        "action": Field(
            "selection",
            "Related Customer",
            required=True,
            selection={"create": "Create a new customer", "exist": "Link to an existing customer"},
        ),
        "lead_id": Field("many2one", "Associated Lead", "crm.lead", required=True, on_delete="cascade"),
        "partner_id": Field("many2one", "Customer", "res.partner"),
        "user_id": Field("many2one", "Salesperson", "res.users"),
    }

    @property
    def leads(self) -> Lead:
        """The leads as this user may change them."""
        return Lead(self.env)

    def complete(self, values: Values) -> None:
        """What the form suggests: to merge where the customer has another lead."""
        values.setdefault("lead_id", self.env.context.get("active_id", False))
        values.setdefault("action", "create")
        lead = values["lead_id"]
        self.leads.check("read", [lead])
        if not self.leads.existing([lead]):
            return
        if self.leads.value(lead, "partner_id"):
            values["action"] = "exist"
        values.setdefault("partner_id", self.leads.value(lead, "partner_id"))
        values.setdefault("user_id", self.leads.value(lead, "user_id"))
        values.setdefault("name", "merge" if len(self._similar(lead, values["partner_id"])) > 1 else "convert")

    def _similar(self, lead: int, partner: Reference) -> list[int]:
        """Leads of the same customer or e-mail that the user sees, the one itself among them."""
        email = self.leads.value(lead, "email_normalized")
        similar = set(self.store.having("crm.lead", "partner_id", partner) if partner else ())
        similar.update(self.store.having("crm.lead", "email_normalized", email) if email else ())
        return [
            one
            for one in similar.difference(self.leads.hidden(similar))
            if self.leads.value(one, "active") or self.leads.value(one, "type") == "opportunity"
        ]

    @on_records
    def action_apply(self, ids: list[int]) -> Values:
        """Convert the leads of the context's `active_ids`, or merge those of the customer: a window to open."""
        self.require(ids)
        (wizard,) = ids
        lead = self._merge(wizard) if self.value(wizard, "name") == "merge" else self._convert(wizard)
        kind = self.leads.value(lead, "type")
        return {
            "name": "Lead or Opportunity",
            "view_mode": "form",
            "res_model": "crm.lead",
            "domain": [["type", "=", kind]],
            "res_id": lead,
            "view_id": False,
            "type": "ir.actions.act_window",
            "context": {"default_type": kind},
        }

    def _convert(self, wizard: int) -> int:
        leads: list[int] = self.env.context.get("active_ids", [])
        for lead in leads:
            self._convert_one(lead, wizard)
        return leads[0]

    def _convert_one(self, lead: int, wizard: int) -> None:
        if self.leads.value(lead, "active"):
            partner = self.value(wizard, "partner_id") or self.leads.value(lead, "partner_id")
            if not partner and self.value(wizard, "action") == "create":
                names = [self.leads.value(lead, name) for name in ("contact_name", "partner_name", "name")]
                email = self.leads.value(lead, "email_from")
                partner = self.env["res.partner"].create_one({"name": next(filter(None, names)), "email": email})
            self.leads.write([lead], {"type": "opportunity", "date_conversion": now(), "partner_id": partner})
        self.leads.write([lead], {"user_id": self.value(wizard, "user_id")})

    def _merge(self, wizard: int) -> int:
        lead: int = self.value(wizard, "lead_id")
        found = {lead, *self._similar(lead, self.value(wizard, "partner_id"))}
        # the surest stays: what is an opportunity already, then what is newest
        surest = max(found, key=lambda one: (self.leads.value(one, "type") == "opportunity", one))
        if self.leads.value(surest, "type") == "lead":
            self._convert_one(surest, wizard)
        self.env.sudo()["crm.lead"].unlink(sorted(found - {surest}))
        return surest
