"""Odoo's wizard that converts a lead to an opportunity, and the lead as the wizard finds it."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel

from activities.customers import CustomerRow, facts_missing_in, fields_of_facts, missing_facts
from odoo_client import Blank, Fields, Odoo, OptionalReference, OptionalText, has_trees, specification
from quotation.messages import LeadToConvert, Said

_WIZARD = "crm.lead2opportunity.partner"
_STATE = ("type", "active", "description")


class LeadRow(BaseModel):
    """A lead, before it is converted."""

    type: str
    active: bool
    description: OptionalText = None

    @property
    def is_opportunity(self) -> bool:
        """True if it was converted before."""
        return self.type == "opportunity"


class _LinkedLeadRow(LeadRow):
    partner_id: OptionalReference = None


class _WholeLeadRow(LeadRow):
    partner_id: Annotated[CustomerRow | None, Blank] = None


class _WizardRow(BaseModel):
    id: int
    lead_id: _WholeLeadRow


@dataclass(frozen=True)
class OpenWizard:
    """A wizard that was not applied yet, and the facts of the caller that the customer's record lacks."""

    id: int
    lead: LeadRow | None
    missing_facts: list[str]


@dataclass(frozen=True)
class Conversion:
    """The conversion of one lead."""

    odoo: Odoo
    lead: LeadToConvert

    async def open(self) -> OpenWizard:
        """Create the wizard, and read the lead after it. Raises `OdooError`."""
        if await has_trees(self.odoo):
            return await self._open_and_read()
        wizard = await self.odoo.call(_WIZARD, "create", self._values, context=self._context, returns=int)
        rows = await self.odoo.call(
            "crm.lead", "read", [self.lead.lead_id], [*_STATE, "partner_id"], returns=list[_LinkedLeadRow]
        )
        row = rows[0] if rows else None
        facts: list[str] = []
        if row is not None and row.partner_id is not None:
            facts = await missing_facts(self.odoo, row.partner_id.id, self.lead.said)
        return OpenWizard(wizard, row, facts)

    async def apply(self, wizard: OpenWizard) -> None:
        """Make the lead an opportunity. Applied to one that is converted, it sets a new date of conversion."""
        await self.odoo.call(_WIZARD, "action_apply", [wizard.id], context=self._context, returns=object)

    async def _open_and_read(self) -> OpenWizard:
        said = self.lead.said
        of_lead: Fields = {name: {} for name in _STATE}
        if said is not None:
            of_lead = {**of_lead, "partner_id": await fields_of_facts(self.odoo)}
        (row,) = await self.odoo.call(
            _WIZARD,
            "web_save",
            [],
            self._values,
            specification({"lead_id": of_lead}),
            context=self._context,
            returns=tuple[_WizardRow],
        )
        return OpenWizard(row.id, row.lead_id, _facts(row.lead_id.partner_id, said))

    @property
    def _values(self) -> dict[str, object]:
        # by default the wizard merges a partner's second lead into the first, and deletes it
        return {
            "name": "convert",
            "lead_id": self.lead.lead_id,
            "action": "exist",
            # leave the wizard's partner empty so the lead keeps its current one, even if a user changed it
            "partner_id": False,
        }

    @property
    def _context(self) -> dict[str, object]:
        lead_id = self.lead.lead_id
        return {"active_model": "crm.lead", "active_id": lead_id, "active_ids": [lead_id]}


def _facts(customer: CustomerRow | None, said: Said | None) -> list[str]:
    if customer is None or said is None:
        return []
    return facts_missing_in([customer, *customer.child_ids], customer, said)
