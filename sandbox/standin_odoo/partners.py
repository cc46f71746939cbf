"""Customers and their contacts."""

from typing import Any, ClassVar

from sandbox.standin_odoo.base import LANGUAGE_NAMES
from sandbox.standin_odoo.faults import AccessError, ConstraintError, UserError
from sandbox.standin_odoo.fields import Field, Values
from sandbox.standin_odoo.model import Model


def normalized(email: Any) -> Any:
    """The bare address in lower case, its first part only where that is ASCII; False where there is none."""
    first = str(email or "").partition(",")[0]
    bare = first.rpartition("<")[2].partition(">")[0].strip()
    local, at, domain = bare.rpartition("@")
    if not (local and at and domain):
        return False
    return (local.lower() if local.isascii() else local) + at + domain.lower()


class Partner(Model):
    """`res.partner`."""

    name = "res.partner"
    description = "Contact"
    order = "complete_name ASC, id DESC"
    own_fields: ClassVar[dict[str, Field]] = {
        "name": Field("char", "Name"),
        "complete_name": Field("char", "Complete Name", readonly=True, computed=True),
        "email": Field("char", "Email"),
        "email_normalized": Field("char", "Normalized Email", readonly=True, computed=True),
        "phone": Field("char", "Phone"),
        "ref": Field("char", "Reference"),
        "lang": Field(
            "selection",
            "Language",
            selection=LANGUAGE_NAMES,
            any_selection=True,
            default="en_US",
        ),
        "is_company": Field("boolean", "Is a Company"),
        "active": Field("boolean", "Active", default=True),
        "parent_id": Field("many2one", "Related Company", "res.partner"),
        "child_ids": Field("one2many", "Contact", "res.partner", inverse="parent_id"),
        "commercial_partner_id": Field(
            "many2one", "Commercial Entity", "res.partner", readonly=True, computed=True
        ),
        "user_id": Field("many2one", "Salesperson", "res.users"),
    }

    def display_name(self, record_id: int) -> str:
        """The name, after that of the company for its contact."""
        return str(self.rows[record_id]["complete_name"] or "")

    def is_own(self, record_id: int) -> bool:
        """Whether it is the record of the user who asks."""
        return bool(record_id == self.store.table("res.users")[self.env.uid]["partner_id"])

    def complete(self, values: Values) -> None:
        """A contact takes language and salesperson from its company."""
        if company := self.rows.get(values.get("parent_id")):
            values.setdefault("lang", company["lang"])
            values.setdefault("user_id", company["user_id"])

    def follow_up(self, record_id: int, given: Values) -> None:
        """Compute names and the bare e-mail, and keep the leads' e-mail and phone the same as the customer's."""
        if self.value(record_id, "name") is False:
            raise ConstraintError("Contacts require a name")
        self._compute(record_id)
        for child in self.value(record_id, "child_ids"):
            self._compute(child)
        synchronized = {name: given[name] for name in ("email", "phone") if given.get(name)}
        if "email" in synchronized:
            synchronized["email_from"] = synchronized.pop("email")
        leads = self.store.having("crm.lead", "partner_id", record_id)
        if synchronized and leads:
            self.env.sudo()["crm.lead"].write(leads, synchronized)

    def create_loaded(self, given: Values) -> int:
        """Refuse `parent_id` to whoever may not see what Odoo copies from a company: its credit limit."""
        if given.get("parent_id") and not self.env.superuser:
            raise AccessError(
                'You do not have enough rights to access the field "credit_limit" on Contact (res.partner). '
                f"Please contact your system administrator.\n\nOperation: read\nUser: {self.env.uid}\n"
                "Groups: allowed for groups 'Show Accounting Features - Readonly', 'Accounting / Invoicing'"
            )
        return self.create_one(given)

    def before_unlink(self, record_id: int) -> None:
        """Raise UserError for the record of a user."""
        if self.store.having("res.users", "partner_id", record_id):
            raise UserError("You cannot delete contacts linked to an active user.")

    def _compute(self, record_id: int) -> None:
        row = self.rows[record_id]
        computed = {
            "email_normalized": normalized(row["email"]),
            "commercial_partner_id": record_id,
            "complete_name": row["name"],
        }
        company = self.rows.get(row["parent_id"])
        if company and not row["is_company"]:
            computed["commercial_partner_id"] = row["parent_id"]
            computed["complete_name"] = f"{company['name']}, {row['name']}"
        self.store.put(self.name, record_id, computed)
