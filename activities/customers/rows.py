"""The rows of `res.partner` as Odoo answers them."""

from pydantic import BaseModel

from activities.company.fields import definitions_of
from odoo_client import Odoo, OptionalReference, OptionalText

_ADDRESSES = ("invoice", "delivery", "other", "private")


class PartnerRow(BaseModel):
    """A partner: a company, a person, a contact or an address of one."""

    id: int
    name: OptionalText
    type: OptionalText = None
    parent_id: OptionalReference = None
    commercial_partner_id: OptionalReference
    user_id: OptionalReference
    phone: OptionalText
    # Odoo 19 has no such field
    mobile: OptionalText = None
    # the module `product` adds it
    property_product_pricelist: OptionalReference = None

    @property
    def is_address(self) -> bool:
        """True for an address of a company or person."""
        return self.parent_id is not None and self.type in _ADDRESSES


async def partner_fields(odoo: Odoo) -> list[str]:
    """Return the fields of a row that this Odoo has. Raises `OdooError`."""
    known = await definitions_of("res.partner", odoo.cached_call)
    return [field for field in PartnerRow.model_fields if field in known]
