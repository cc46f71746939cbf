"""Users, languages, currencies, customers, products and external ids."""

from typing import Any

from sandbox.catalogue import GROUP_INTERNAL
from sandbox.standin_odoo.faults import AccessError, ConstraintError
from sandbox.standin_odoo.fields import Field, Values
from sandbox.standin_odoo.model import Model

LANGUAGES = {"en_US": "English (US)", "es_MX": "Spanish (MX) / Español (MX)"}
"""The installed languages and their labels."""

CURRENCY = 1
"""The id of the company's currency, in which all prices are."""

COMPANY = 1
"""The id of the only company."""

OWNER = Field("many2one", "Company", "res.company")
"""The field with the company that owns a record; none shares it with all."""

_TAX_USES = {"sale": "Sales", "purchase": "Purchases", "none": "None"}
_PRODUCT_TYPES = {"consu": "Goods", "service": "Service", "combo": "Combo"}
_TRACKING = {"no": "Nothing"}
_ADDRESSES = {"contact": "Contact", "invoice": "Invoice", "delivery": "Delivery", "other": "Other"}


class Language(Model, model="res.lang", label="Languages"):
    """The languages; they have no rows."""

    def get_installed(self) -> list[list[str]]:
        """Return code and label of each installed language."""
        return [list(language) for language in LANGUAGES.items()]


class Currency(Model, model="res.currency", label="Currency"):
    """The currencies; there is one."""

    name = Field("char", "Currency", required=True)
    symbol = Field("char", "Symbol", required=True)


class Company(Model, model="res.company", label="Companies"):
    """The companies; there is one."""

    name = Field("char", "Company Name", required=True)
    currency_id = Field("many2one", "Currency", "res.currency", required=True)
    # the companies above, itself included
    parent_ids = Field("many2many", "Parent", "res.company", readonly=True, computed=True, default=(COMPANY,))


class Partner(Model, model="res.partner", label="Contact"):
    """Customers and their contacts."""

    name = Field("char", "Name")
    email = Field("char", "Email")
    email_normalized = Field("char", "Normalized Email", readonly=True, computed=True)
    phone = Field("char", "Phone")
    type = Field("selection", "Address Type", selection=_ADDRESSES, default="contact")
    lang = Field("selection", "Language", selection=LANGUAGES, default="en_US")
    is_company = Field("boolean", "Is a Company")
    active = Field("boolean", "Active", default=True)
    parent_id = Field("many2one", "Related Company", "res.partner")
    child_ids = Field("one2many", "Contact", "res.partner", inverse="parent_id")
    commercial_partner_id = Field("many2one", "Commercial Entity", "res.partner", readonly=True, computed=True)
    user_id = Field("many2one", "Salesperson", "res.users")
    company_id = OWNER
    property_product_pricelist = Field("many2one", "Pricelist", "product.pricelist", computed=True)

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


class PriceList(Model, model="product.pricelist", label="Pricelist"):
    """The price lists; the feature is off, so there is none."""

    name = Field("char", "Pricelist Name", required=True)
    currency_id = Field("many2one", "Currency", "res.currency", required=True)


class Tax(Model, model="account.tax", label="Tax"):
    """The taxes; there is none that prices include."""

    name = Field("char", "Tax Name", required=True)
    price_include = Field("boolean", "Price Include", readonly=True, computed=True)
    type_tax_use = Field("selection", "Tax Type", required=True, selection=_TAX_USES, default="sale")


class User(Model, model="res.users", label="User"):
    """The users; their rows hold passwords and groups too, which no field shows."""

    login = Field("char", "Login", required=True)
    name = Field("char", "Name")
    active = Field("boolean", "Active", default=True)
    share = Field("boolean", "Share User", readonly=True, computed=True)
    partner_id = Field("many2one", "Related Partner", "res.partner", required=True)
    company_id = Field("many2one", "Company", "res.company", required=True, default=COMPANY)
    company_ids = Field("many2many", "Companies", "res.company", default=(COMPANY,))

    def has_group(self, ids: list[int], group_ext_id: str) -> bool:
        """Return True if the user is in the group, directly or by one that implies it."""
        if ids != [self.env.uid] and GROUP_INTERNAL not in self.env.groups():
            raise AccessError("You can ony call user.has_group() with your current user.")
        return group_ext_id in self.env.groups(*ids)


class Product(Model, model="product.product", label="Product Variant"):
    """The products."""

    name = Field("char", "Name", required=True)
    default_code = Field("char", "Internal Reference")
    barcode = Field("char", "Barcode")
    list_price = Field("float", "Sales Price", digits=2)
    write_date = Field("datetime", "Write Date", readonly=True)
    currency_id = Field("many2one", "Currency", "res.currency", readonly=True, default=CURRENCY)
    sale_ok = Field("boolean", "Sales", default=True)
    active = Field("boolean", "Active", default=True)
    company_id = OWNER
    type = Field("selection", "Product Type", required=True, selection=_PRODUCT_TYPES, default="consu")
    service_tracking = Field("selection", "Create on Order", required=True, selection=_TRACKING, default="no")

    def name_of(self, record_id: int) -> str:
        """Return code and name."""
        code = self.rows[record_id]["default_code"]
        return f"[{code}] {super().name_of(record_id)}" if code else super().name_of(record_id)


class ModelData(Model, model="ir.model.data", label="Model Data"):
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
