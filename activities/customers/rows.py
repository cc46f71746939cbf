"""The rows of `res.partner` as Odoo answers them."""

from pydantic import BaseModel

from activities.company.fields import definitions_of
from odoo_client import NAME, Fields, Odoo, OptionalReference, OptionalText

_ADDRESSES = ("invoice", "delivery", "other", "private")


class PartnerRow(BaseModel):
    """A partner: a company, a person, a contact or an address of one."""

    id: int
    name: OptionalText
    type: OptionalText = None
    parent_id: OptionalReference = None
    commercial_partner_id: OptionalReference = None
    user_id: OptionalReference = None
    phone: OptionalText = None
    # Odoo 19 has no such field
    mobile: OptionalText = None
    # the module `product` adds it
    property_product_pricelist: OptionalReference = None

    @property
    def is_address(self) -> bool:
        """True for an address of a company or person."""
        return self.parent_id is not None and self.type in _ADDRESSES


class CustomerRow(PartnerRow):
    """A partner with its contacts and addresses."""

    child_ids: list[PartnerRow] = []


async def partner_fields(odoo: Odoo) -> list[str]:
    """Return the fields of a row that this Odoo has. Raises `OdooError`."""
    known = await definitions_of("res.partner", odoo.cached_call)
    return [field for field in PartnerRow.model_fields if field in known]


async def fields_of_facts(odoo: Odoo) -> Fields:
    """Return the fields of a `CustomerRow` that tell which facts it holds. Raises `OdooError`."""
    known = await partner_fields(odoo)
    of_contact: Fields = {name: {} for name in ("name", "phone", "mobile") if name in known}
    return {**of_contact, "commercial_partner_id": NAME, "child_ids": of_contact}
