"""The step `partner`: a customer that Odoo does not have yet."""

from dataclasses import dataclass

from temporalio import activity

from activities.company import NOTHING, CompanyFields, Setup, find_company
from odoo_client import Odoo, create_once
from quotation import steps
from quotation.identity import PartnerNames
from quotation.messages import NewPartner
from quotation.values import normalized_email


@dataclass
class PartnerActivities:
    """Creates partners in one Odoo, with the language `lang` if one is set."""

    odoo: Odoo
    lang: str | None = None
    setup: Setup = NOTHING

    @activity.defn(name=steps.GET_OR_CREATE_PARTNER)
    async def get_or_create_partner(self, partner: NewPartner) -> int:
        """Return the id of the partner for this e-mail address, and create it unless another quotation has.

        The contact is created in the same transaction. Raises `OdooError`.
        """
        names = PartnerNames(partner.email, partner.generation)
        row = {
            "id": names.partner,
            "name": partner.name,
            "is_company": "1",
            "email": _findable(partner.email),
            "phone": partner.phone,
        }
        if self.lang is not None:
            row["lang"] = self.lang
        if partner.contact_name:
            row["child_ids/id"] = names.contact
            row["child_ids/name"] = partner.contact_name
        company = await find_company(self.odoo, self.setup.company)
        row |= await CompanyFields(self.odoo, company, self.setup).missing_in_partner(row)
        [partner_id] = await create_once(self.odoo, "res.partner", [row], company.context)
        return partner_id


def _findable(address: str) -> str:
    # Odoo normalizes ASCII only: another quotation would not find this partner, and would create a second one
    return address if address.isascii() else normalized_email(address)
