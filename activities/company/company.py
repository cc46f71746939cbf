"""The company of an environment's leads and orders."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from odoo_client import Odoo, OdooRejectedError, Reference

Call = Callable[..., Coroutine[Any, Any, Any]]

_PARENTS = "parent_ids"
"""Since Odoo 17: a branch may use the records of the companies above it (`addons/base/models/res_company.py`)."""


class _UserRow(BaseModel):
    company_id: Reference
    company_ids: list[int]


class _CompanyRow(BaseModel):
    id: int
    name: str
    currency_id: Reference
    parent_ids: list[int] = []


@dataclass(frozen=True)
class Company:
    """A `res.company`; `currency` is its currency's code (ISO 4217)."""

    id: int
    name: str
    currency: str
    lineage: frozenset[int]
    """The company itself and those above it, whose records it may use."""

    @property
    def context(self) -> dict[str, Any]:
        """The context of calls that create or read this company's records."""
        return {"allowed_company_ids": [self.id]}

    @property
    def may_own(self) -> list[Any]:
        """The condition of a search for records that can be used on this company's orders."""
        return ["company_id", "in", [False, *sorted(self.lineage)]]

    def may_use(self, owner: Reference | None) -> bool:
        """Return True if a record of the company `owner`, or of none, can be used on this company's orders."""
        return owner is None or owner.id in self.lineage


async def find_company(odoo: Odoo, named: str | None) -> Company:
    """Return the company with this id or name, or the user's own company if `named` is None.

    Raises `OdooRejectedError` if the user does not belong to such a company.
    """
    # ask again if it is missing: it may have been created or assigned since
    for call in (odoo.cached_call, odoo.call):
        own, companies = await _companies(odoo, call)
        for row in companies:
            if row.id == own if named is None else named.casefold() in (str(row.id), row.name.strip().casefold()):
                lineage = frozenset([row.id, *row.parent_ids])
                return Company(id=row.id, name=row.name, currency=row.currency_id.name, lineage=lineage)
    raise OdooRejectedError(
        "The configured company does not exist in Odoo, or Odoo's service user does not belong to it."
    )


async def _companies(odoo: Odoo, call: Call) -> tuple[int, list[_CompanyRow]]:
    """Return the id of the user's own company, and all companies of the user."""
    uid = await odoo.login()
    users: list[_UserRow] = await call(
        "res.users", "read", [uid], ["company_id", "company_ids"], returns=list[_UserRow]
    )
    if not users:
        return 0, []
    [user] = users
    known = await call("res.company", "fields_get", [_PARENTS], ["type"], returns=dict[str, object])
    rows: list[_CompanyRow] = await call(
        "res.company",
        "search_read",
        [["id", "in", user.company_ids]],
        ["name", "currency_id", *known],
        returns=list[_CompanyRow],
    )
    return user.company_id.id, rows
