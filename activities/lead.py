"""The steps `lead` and `convert`: a lead, and the opportunity that it becomes."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

from temporalio import activity

from activities.company import NOTHING, CompanyFields, Setup, find_company
from activities.conversion import Conversion
from activities.customers import missing_facts
from odoo_client import Odoo, create_once
from quotation import steps, texts
from quotation.messages import LeadToConvert, NewLead

_TAG = re.compile(r"<[^<>]*>")


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
        # only the workflow of an older version asks for the facts about a new customer here
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
        does not convert either: the id is then None. Its notes get the facts about a new customer that another
        quotation created first, with other facts. Raises `OdooError`.
        """
        conversion = Conversion(self.odoo, lead)
        wizard = await conversion.open()
        row = wizard.lead
        if row is not None:
            await self._note(lead.lead_id, row.description, wizard.missing_facts)
        if row is not None and row.is_opportunity:
            return lead.lead_id
        if row is not None and not row.active:
            return None
        await conversion.apply(wizard)
        return lead.lead_id

    async def _note(self, lead_id: int, description: str | None, facts: Sequence[str]) -> None:
        """Add the facts to the lead's internal notes, unless they are there."""
        held = _as_text(description or "")
        unheld = [fact for fact in facts if " ".join(fact.split()) not in held]
        if unheld:
            notes = f"{description or ''}{_as_html(unheld)}"
            await self.odoo.call("crm.lead", "write", [lead_id], {"description": notes}, returns=bool)


def _as_text(notes: str) -> str:
    return " ".join(html.unescape(_TAG.sub(" ", notes)).split())


def _as_html(facts: Sequence[str]) -> str:
    items = "".join(f"<li>{html.escape(fact)}</li>" for fact in facts)
    return f"<p>{html.escape(texts.SAID)}</p><ul>{items}</ul>"
