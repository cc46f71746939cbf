"""All checks before the first write, so that a quotation that must fail leaves nothing in Odoo."""

import asyncio
from dataclasses import dataclass

from pydantic import BaseModel
from temporalio import activity

from activities.failures import RequestError
from odoo_client import (
    Odoo,
    OdooAccessDeniedError,
    OdooRejectedError,
    OdooUnknownReferenceError,
    OptionalReference,
    OptionalText,
    Reference,
    is_member,
    may_create,
)
from quotation import steps
from quotation.errors import ErrorCode
from quotation.identity import PartnerNames
from quotation.messages import CheckedProduct, CheckedRequest, CheckRequest, FoundPartner

MODELS = ("res.partner", "crm.lead", "sale.order", "sale.order.line")
"""The models whose records a quotation creates."""

ASSIGNS_OTHERS = "sales_team.group_sale_salesman_all_leads"
"""Users in this group may assign leads and orders to colleagues."""


class _ProductRow(BaseModel):
    id: int
    name: str
    default_code: OptionalText


class _PartnerRow(BaseModel):
    id: int
    name: OptionalText
    user_id: OptionalReference
    commercial_partner_id: OptionalReference


class _UserRow(BaseModel):
    id: int
    active: bool
    share: bool


class _LanguageRow(BaseModel):
    code: str


@dataclass
class CheckActivities:
    """The look-ups of the step `auth` in one Odoo; `lang` is the language of new partners, if any."""

    odoo: Odoo
    lang: str | None = None

    @activity.defn(name=steps.AUTHENTICATE)
    async def authenticate(self) -> int:
        """Log in, check that the user may create all records of a quotation, and return the user's id.

        Raises `OdooAuthError` or `OdooAccessDeniedError`.
        """
        uid = await self.odoo.login()
        rights = await asyncio.gather(*(may_create(self.odoo, model) for model in MODELS))
        missing = [model for model, granted in zip(MODELS, rights, strict=True) if not granted]
        if missing:
            raise OdooAccessDeniedError(f"Odoo's user has no right to create {', '.join(missing)}.")
        return uid

    @activity.defn(name=steps.CHECK_REQUEST)
    async def check_request(self, request: CheckRequest) -> CheckedRequest:
        """Look up products, salesperson, partner and language concurrently.

        Raises `RequestError` (product or salesperson), `OdooRejectedError` for a language that is not installed.
        """
        products, own_id, partner, *_ = await asyncio.gather(
            self._products(request.product_ids),
            self.odoo.login(),
            self._partner(request.normalized_email, request.partner_id),
            self._check_salesperson(request.user_id),
            self.check_language(),
        )
        row, generation = partner
        return CheckedRequest(
            products=products,
            partner=row and FoundPartner(id=row.id, name=row.name or request.normalized_email),
            partner_generation=generation,
            own_user_id=None if request.user_id else await self._stand_in(row, own_id),
        )

    async def check_language(self) -> None:
        """Raise `OdooRejectedError` if the language of new partners is not installed."""
        if self.lang is None:
            return
        # ask again if the language is missing: it may have been installed since
        for call in (self.odoo.cached_call, self.odoo.call):
            installed = await call("res.lang", "get_installed", returns=list[tuple[str, str]])
            if self.lang in [code for code, _ in installed]:
                return
        raise OdooRejectedError(f"The language {self.lang} of new partners is not installed in Odoo.")

    async def _products(self, ids: list[int]) -> list[CheckedProduct]:
        wanted = sorted(set(ids))
        domain = [["id", "in", wanted], ["active", "=", True], ["sale_ok", "=", True]]
        fields = ["name", "default_code"]
        rows = await self.odoo.call("product.product", "search_read", domain, fields, returns=list[_ProductRow])
        missing = sorted(set(wanted) - {row.id for row in rows})
        if missing:
            numbers = ", ".join(map(str, missing))
            raise RequestError(
                ErrorCode.PRODUCT_NOT_FOUND,
                f"Product {numbers} does not exist in Odoo, is archived or is not for sale.",
            )
        return [CheckedProduct(id=row.id, name=row.name, default_code=row.default_code) for row in rows]

    async def _check_salesperson(self, user_id: int) -> None:
        if not user_id:
            return
        domain = [["id", "=", user_id], ["active", "=", True], ["share", "=", False]]
        rows = await self.odoo.call(
            "res.users", "search_read", domain, ["active", "share"], returns=list[_UserRow]
        )
        if not rows:
            raise RequestError(ErrorCode.USER_NOT_FOUND, f"User {user_id} is not an active internal user of Odoo.")
        if user_id != await self.odoo.login() and not await is_member(self.odoo, ASSIGNS_OTHERS):
            raise RequestError(
                ErrorCode.ODOO_ACCESS_DENIED, f"Odoo's user may not assign quotations to user {user_id}."
            )

    async def _stand_in(self, partner: _PartnerRow | None, own_id: int) -> int | None:
        # Odoo would assign the order to the salesperson of the customer or its company, and refuse it if the
        # service's user may not do that
        salesperson = partner and (partner.user_id or await self._salesperson_of_company(partner))
        if salesperson is None or salesperson.id == own_id:
            return None
        return None if await is_member(self.odoo, ASSIGNS_OTHERS) else own_id

    async def _salesperson_of_company(self, partner: _PartnerRow) -> Reference | None:
        company = partner.commercial_partner_id
        if company is None or company.id == partner.id:
            return None
        row = await self._search_partner([["id", "=", company.id]])
        return row.user_id if row else None

    async def _partner(self, email: str, known_id: int | None) -> tuple[_PartnerRow | None, int]:
        """Return the partner, and the first generation of external ids without a record."""
        # a user may have archived the partner or changed its address: the lead still belongs to it
        if known_id is not None and (known := await self._search_partner([["id", "=", known_id]])):
            return known, 1
        names = PartnerNames(email)
        row, is_taken = await asyncio.gather(self._find(email), self._exists(names.partner))
        if row is not None or not is_taken:
            return row, names.generation
        names = names.next
        while await self._exists(names.partner):
            names = names.next
        # search again: another quotation may have created that partner since the first search
        return await self._find(email), names.generation

    async def _find(self, email: str) -> _PartnerRow | None:
        return await self._search_partner([["email_normalized", "=", email], ["active", "=", True]])

    async def _search_partner(self, domain: list[list[object]]) -> _PartnerRow | None:
        rows = await self.odoo.call(
            "res.partner",
            "search_read",
            domain,
            ["name", "user_id", "commercial_partner_id"],
            limit=1,
            order="id",
            context={"active_test": False},
            returns=list[_PartnerRow],
        )
        return rows[0] if rows else None

    async def _exists(self, external_id: str) -> bool:
        module, name = external_id.split(".", 1)
        try:
            await self.odoo.call("ir.model.data", "check_object_reference", module, name, returns=list)
        except OdooUnknownReferenceError:
            return False
        return True
