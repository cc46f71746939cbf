"""Finds the customer of a quotation by its e-mail address (docs/reference.md, Odoo)."""

import asyncio
from dataclasses import dataclass
from typing import Any

from activities.company import Company
from activities.customers.news import is_named
from activities.customers.rows import PartnerRow, partner_fields
from odoo_client import Odoo, Reference, look_up
from quotation.identity import PartnerNames
from quotation.messages import CheckRequest

_MOST = 1000
"""How many customers with one address are compared by their names."""


@dataclass(frozen=True)
class Customers:
    """The customers who can be on orders of one company."""

    odoo: Odoo
    company: Company

    async def find(self, request: CheckRequest) -> tuple[PartnerRow | None, int]:
        """Return the customer if Odoo has it, and the first generation of external ids without a record."""
        # a user may have archived the partner or changed its address: the lead still belongs to it
        if request.partner_id is not None and (known := await self._search([["id", "=", request.partner_id]])):
            return known[0], 1
        names = PartnerNames(request.normalized_email)
        row, is_taken = await asyncio.gather(self._best(request), self._exists(names.partner))
        if row is not None or not is_taken:
            return row, names.generation
        names = names.next
        while await self._exists(names.partner):
            names = names.next
        # search again: another quotation may have created that partner since the first search
        return await self._best(request), names.generation

    async def salesperson(self, partner: PartnerRow) -> Reference | None:
        """Return the salesperson of the customer, or of the company to which it belongs."""
        employer = partner.commercial_partner_id
        if partner.user_id or employer is None or employer.id == partner.id:
            return partner.user_id
        rows = await self._search([["id", "=", employer.id]])
        return rows[0].user_id if rows else None

    async def _best(self, request: CheckRequest) -> PartnerRow | None:
        """Return the customer that is meant, of all with the address."""
        rows = await self._search([["email_normalized", "=", request.normalized_email], ["active", "=", True]])
        name = request.said.partner_name if request.said else ""
        return min(rows, key=lambda row: (not is_named(row, name), row.is_address, row.id), default=None)

    async def _search(self, domain: list[Any]) -> list[PartnerRow]:
        return await self.odoo.call(
            "res.partner",
            "search_read",
            # a customer of another company cannot be on this company's order
            [*domain, self.company.may_own],
            await partner_fields(self.odoo),
            limit=_MOST,
            order="id",
            context=self.company.context | {"active_test": False},
            returns=list[PartnerRow],
        )

    async def _exists(self, external_id: str) -> bool:
        return await look_up(self.odoo, external_id) is not None
