"""The salesperson of a lead and its order, who must be one that Odoo accepts for both."""

from dataclasses import dataclass

from pydantic import BaseModel

from activities.company.company import Company
from activities.failures import RequestError
from odoo_client import Odoo, Reference, is_member
from quotation.errors import ErrorCode

ASSIGNS_OTHERS = "sales_team.group_sale_salesman_all_leads"
"""Users in this group may assign leads and orders to colleagues."""


class _UserRow(BaseModel):
    id: int
    active: bool
    share: bool
    company_ids: list[int]


@dataclass(frozen=True)
class Salespeople:
    """The users to whom Odoo's user can assign leads and orders of a company."""

    odoo: Odoo
    company: Company

    async def check(self, user_id: int) -> None:
        """Raise `RequestError` if the user is not a salesperson whom Odoo's user may assign; 0 is always right."""
        if not user_id:
            return
        domain = [["id", "=", user_id], ["active", "=", True], ["share", "=", False]]
        rows = await self.odoo.call(
            "res.users", "search_read", domain, list(_UserRow.model_fields), returns=list[_UserRow]
        )
        if not rows:
            raise RequestError(ErrorCode.USER_NOT_FOUND, f"User {user_id} is not an active internal user of Odoo.")
        if self.company.id not in rows[0].company_ids:
            raise RequestError(
                ErrorCode.USER_NOT_FOUND, f"User {user_id} does not belong to the company of the quotation."
            )
        if user_id != await self.odoo.login() and not await is_member(self.odoo, ASSIGNS_OTHERS):
            raise RequestError(
                ErrorCode.ODOO_ACCESS_DENIED, f"Odoo's service user may not assign quotations to user {user_id}."
            )

    async def of_customer(self, salesperson: Reference | None) -> int | None:
        """Return the user to assign if `salesperson` is the customer's, or None if Odoo assigns its own user.

        Odoo would assign the order to the customer's salesperson and the lead to its own user, and refuse what
        its own user may not assign.
        """
        own_id = await self.odoo.login()
        if salesperson is None or salesperson.id == own_id:
            return None
        if not await is_member(self.odoo, ASSIGNS_OTHERS):
            return own_id
        return salesperson.id if await self._belongs_to_company(salesperson.id) else own_id

    async def _belongs_to_company(self, user_id: int) -> bool:
        rows = await self.odoo.cached_call(
            "res.users", "read", [user_id], list(_UserRow.model_fields), returns=list[_UserRow]
        )
        return any(self.company.id in row.company_ids for row in rows)
