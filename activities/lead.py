"""The steps `lead` and `convert`: a lead, and the opportunity that it becomes."""

import html
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel
from temporalio import activity

from activities.company import NOTHING, CompanyFields, Setup, find_company
from activities.customers import missing_facts
from odoo_client import Odoo, create_once
from quotation import steps, texts
from quotation.messages import LeadToConvert, NewLead

_WIZARD = "crm.lead2opportunity.partner"
_OPPORTUNITY = "opportunity"


class _LeadRow(BaseModel):
    type: str
    active: bool


@dataclass
class LeadActivities:
    """Creates leads in one Odoo and converts them."""

    odoo: Odoo
    setup: Setup = NOTHING

    @activity.defn(name=steps.CREATE_LEAD)
    async def create_lead(self, lead: NewLead) -> int:
        """Return the id of the quotation's lead, and create it the first time. Raises `OdooError`."""
        company = await find_company(self.odoo, self.setup.company)
        # no e-mail and no phone: Odoo would overwrite the partner's with them
        row = {
            "id": lead.external_id,
            "name": lead.name,
            "type": "lead",
            "partner_id/.id": str(lead.partner_id),
            "company_id/.id": str(company.id),
        }
        if facts := lead.missing_facts or await missing_facts(self.odoo, lead.partner_id, lead.said):
            row["description"] = _as_html(facts)
        if lead.contact_name:
            row["contact_name"] = lead.contact_name
        if lead.user_id is not None:
            row["user_id/.id"] = str(lead.user_id)
        row |= await CompanyFields(self.odoo, company, self.setup).missing_in(row, "crm.lead")
        [lead_id] = await create_once(self.odoo, "crm.lead", [row], company.context)
        return lead_id

    @activity.defn(name=steps.CONVERT_TO_OPPORTUNITY)
    async def convert_to_opportunity(self, lead: LeadToConvert) -> int | None:
        """Convert the lead as Odoo's own button does, and return its id, which stays the same.

        An opportunity stays as it is, with its date of conversion. So does an archived lead, which Odoo's button
        does not convert either: the id is then None. Raises `OdooError`.
        """
        wizard = await self._open_wizard(lead)
        # check last: applied to an opportunity, the wizard would set a new date of conversion
        rows = await self.odoo.call(
            "crm.lead", "read", [lead.lead_id], list(_LeadRow.model_fields), returns=list[_LeadRow]
        )
        if rows and rows[0].type == _OPPORTUNITY:
            return lead.lead_id
        if rows and not rows[0].active:
            return None
        await self.odoo.call(_WIZARD, "action_apply", [wizard], context=_active(lead), returns=object)
        return lead.lead_id

    async def _open_wizard(self, lead: LeadToConvert) -> int:
        # by default the wizard merges a partner's second lead into the first, and deletes it
        values = {
            "name": "convert",
            "lead_id": lead.lead_id,
            "action": "exist",
            # leave the wizard's partner empty so the lead keeps its current one, even if a user changed it
            "partner_id": False,
        }
        return await self.odoo.call(_WIZARD, "create", values, context=_active(lead), returns=int)


def _as_html(facts: Sequence[str]) -> str:
    items = "".join(f"<li>{html.escape(fact)}</li>" for fact in facts)
    return f"<p>{html.escape(texts.SAID)}</p><ul>{items}</ul>"


def _active(lead: LeadToConvert) -> dict[str, object]:
    return {"active_model": "crm.lead", "active_id": lead.lead_id, "active_ids": [lead.lead_id]}
