"""Users, languages, customers, products and external ids."""

from typing import Any

from sandbox.catalogue import GROUP_INTERNAL
from sandbox.standin_odoo.faults import AccessError, ConstraintError
from sandbox.standin_odoo.fields import LANGUAGES, Values
from sandbox.standin_odoo.model import Model

COMPANY = 1
"""The id of the only company."""

CURRENCY = 1
"""The id of the company's currency, in which all prices are."""

IN_CURRENCY: Values = {"currency_id": CURRENCY}
"""The values that `Model.computed` has for a model with prices."""


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


class Product(Model, model="product.product"):
    """The products."""

    computed = IN_CURRENCY

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
