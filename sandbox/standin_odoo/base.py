"""Users, languages, currencies, products and external ids."""

from typing import Any, ClassVar

from sandbox.catalogue import GROUP_INTERNAL
from sandbox.standin_odoo import external_ids
from sandbox.standin_odoo.domains import Domain
from sandbox.standin_odoo.env import on_model, on_records
from sandbox.standin_odoo.faults import AccessError
from sandbox.standin_odoo.fields import Field, Values
from sandbox.standin_odoo.model import Model

LANGUAGE_NAMES = {"en_US": "English (US)", "es_MX": "Spanish (MX) / Español (MX)"}
"""Languages and what people see for them."""


class User(Model):
    """`res.users`. The row has the password and the groups too, which are no fields: nobody can read them."""

    name = "res.users"
    description = "User"
    order = "name, login"
    own_fields: ClassVar[dict[str, Field]] = {
        "login": Field("char", "Login", required=True),
        "name": Field("char", "Name", related="partner_id.name"),
        "email": Field("char", "Email", related="partner_id.email"),
        "active": Field("boolean", "Active", default=True),
        "share": Field("boolean", "Share User", readonly=True, computed=True),
        "partner_id": Field("many2one", "Related Partner", "res.partner", required=True, on_delete="restrict"),
    }

    def display_name(self, record_id: int) -> str:
        """The name of the user's own partner record."""
        return str(self.value(record_id, "name"))

    def is_own(self, record_id: int) -> bool:
        """Whether it is the user who asks."""
        return record_id == self.env.uid

    @on_records
    def has_group(self, ids: list[int], group_ext_id: str) -> bool:
        """Whether the user is in the group, directly or because another one implies it."""
        (user_id,) = ids
        if user_id != self.env.uid and GROUP_INTERNAL not in self.env.groups():
            raise AccessError("You can ony call user.has_group() with your current user.")
        return group_ext_id in self.env.groups(user_id)


class Language(Model):
    """`res.lang`."""

    name = "res.lang"
    description = "Languages"
    own_fields: ClassVar[dict[str, Field]] = {
        "code": Field("char", "Locale Code", required=True),
        "name": Field("char", "Name", required=True),
    }

    @on_model
    def get_installed(self) -> list[list[str]]:
        """Code and name of each installed language."""
        return [[row["code"], row["name"]] for row in self.rows.values()]


class Currency(Model):
    """`res.currency`."""

    name = "res.currency"
    description = "Currency"
    own_fields: ClassVar[dict[str, Field]] = {
        "name": Field("char", "Currency", required=True),
        "symbol": Field("char", "Symbol", required=True),
    }


class Product(Model):
    """`product.product`."""

    name = "product.product"
    description = "Product Variant"
    order = "default_code, name, id"
    own_fields: ClassVar[dict[str, Field]] = {
        "name": Field("char", "Name", required=True),
        "default_code": Field("char", "Internal Reference"),
        "barcode": Field("char", "Barcode"),
        "list_price": Field("float", "Sales Price", digits=2),
        "lst_price": Field("float", "Sales\N{NO-BREAK SPACE}Price", related="list_price"),
        "write_date": Field("datetime", "Write Date", readonly=True),
        "currency_id": Field("many2one", "Currency", "res.currency", readonly=True),
        "sale_ok": Field("boolean", "Sales", default=True),
        "active": Field("boolean", "Active", default=True),
    }

    def complete(self, values: Values) -> None:
        """Prices are in the company's currency."""
        values["currency_id"] = next(iter(self.store.table("res.currency")))

    def display_name(self, record_id: int) -> str:
        """Code and name."""
        row = self.rows[record_id]
        return f"[{row['default_code']}] {row['name']}" if row["default_code"] else str(row["name"])

    @on_model
    def name_search(
        self, name: str = "", domain: Domain | None = None, operator: str = "ilike", limit: int = 100
    ) -> list[list[Any]]:
        """By code or barcode exactly; if none has it, by what code or name contain."""
        others = domain or []
        found = self.search([["default_code", "=", name], *others], limit=limit)
        found = found or self.search([["barcode", "=", name], *others], limit=limit)
        found = found or self.search(
            ["|", ["default_code", operator, name], ["name", operator, name], *others], limit=limit
        )
        code = name.partition("[")[2].partition("]")[0]
        found = found or (self.search([["default_code", "=", code], *others], limit=limit) if code else [])
        return [[one, self.display_name(one)] for one in found]


class ModelData(Model):
    """`ir.model.data`, of which clients without special rights can ask one thing."""

    name = "ir.model.data"
    description = "Model Data"

    @on_model
    def check_object_reference(
        self,
        module: str,
        xml_id: str,
        raise_on_access_error: bool = False,  # noqa: FBT001, FBT002 - Odoo's signature
    ) -> list[Any]:
        """Model and id of the record of an external id; the id is False where the user cannot find the record."""
        named = external_ids.find(self.store, f"{module}.{xml_id}")
        if named is None:
            raise ValueError(f"External ID not found in the system: {module}.{xml_id}")
        if self.env[named.model].search([["id", "=", named.record_id]]):
            return [named.model, named.record_id]
        if raise_on_access_error:
            raise AccessError(f'Not enough access rights on the external ID "{module}.{xml_id}"')
        return [named.model, False]
