"""All checks before the first write, so that a quotation that must fail leaves nothing in Odoo."""

import asyncio
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from temporalio import activity

from activities.company import NOTHING, Company, CompanyFields, Salespeople, Setup, find_company
from activities.company.products import find_products
from activities.company.setup import MODELS
from activities.search import ProductSearch, find_named_products
from odoo_client import (
    Odoo,
    OdooAccessDeniedError,
    OdooRejectedError,
    OdooUnknownReferenceError,
    OptionalReference,
    OptionalText,
    Reference,
    may_create,
)
from quotation import steps
from quotation.identity import PartnerNames
from quotation.messages import CheckedProduct, CheckedRequest, CheckRequest, FoundPartner


class _PartnerRow(BaseModel):
    id: int
    name: OptionalText
    user_id: OptionalReference
    commercial_partner_id: OptionalReference


@dataclass
class CheckActivities:
    """The look-ups of the step `auth` in one Odoo; `lang` is the language of new partners, if any."""

    odoo: Odoo
    lang: str | None = None
    setup: Setup = NOTHING

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

        Raises:
            RequestError: A product or the salesperson does not exist or cannot be used, or a product can be one of
                several.
            OdooRejectedError: A language is not installed, Odoo's user does not belong to the company, or a
                mandatory field has no value.

        """
        company = await find_company(self.odoo, self.setup.company)
        salespeople = Salespeople(self.odoo, company)
        (products, named), own_id, partner, *_ = await asyncio.gather(
            self._products(request, company),
            self.odoo.login(),
            self._partner(request.normalized_email, request.partner_id, company),
            salespeople.check(request.user_id),
            self.check_language(),
        )
        row, generation = partner
        models = MODELS if row is None else MODELS[1:]
        await CompanyFields(self.odoo, company, self.setup).check(models, request.given)
        salesperson_id = None
        if row is not None and not request.user_id:
            salesperson_id = await salespeople.of_customer(await self._salesperson(row, company))
        return CheckedRequest(
            products=products,
            named_products=named,
            partner=row and FoundPartner(id=row.id, name=row.name or request.normalized_email),
            partner_generation=generation,
            own_user_id=salesperson_id if salesperson_id == own_id else None,
            salesperson_id=salesperson_id,
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

    async def _products(
        self, request: CheckRequest, company: Company
    ) -> tuple[list[CheckedProduct], dict[str, int]]:
        """Return all products, and the ids of those that the request names in another way."""
        # a gateway of an older version sends ids only
        names = [line.product for line in request.lines] or [""] * len(request.product_ids)
        named = await find_named_products(ProductSearch(self.odoo, self.lang, company), names)
        ids = [named.get(name, one) for one, name in zip(request.product_ids, names, strict=True)]
        return await find_products(self.odoo, ids, company), named

    async def _salesperson(self, partner: _PartnerRow, company: Company) -> Reference | None:
        employer = partner.commercial_partner_id
        if partner.user_id or employer is None or employer.id == partner.id:
            return partner.user_id
        row = await self._search_partner([["id", "=", employer.id]], company)
        return row.user_id if row else None

    async def _partner(self, email: str, known_id: int | None, company: Company) -> tuple[_PartnerRow | None, int]:
        """Return the partner, and the first generation of external ids without a record."""
        # a user may have archived the partner or changed its address: the lead still belongs to it
        if known_id is not None and (known := await self._search_partner([["id", "=", known_id]], company)):
            return known, 1
        names = PartnerNames(email)
        row, is_taken = await asyncio.gather(self._find(email, company), self._exists(names.partner))
        if row is not None or not is_taken:
            return row, names.generation
        names = names.next
        while await self._exists(names.partner):
            names = names.next
        # search again: another quotation may have created that partner since the first search
        return await self._find(email, company), names.generation

    async def _find(self, email: str, company: Company) -> _PartnerRow | None:
        return await self._search_partner([["email_normalized", "=", email], ["active", "=", True]], company)

    async def _search_partner(self, domain: list[Any], company: Company) -> _PartnerRow | None:
        rows = await self.odoo.call(
            "res.partner",
            "search_read",
            # a customer of another company cannot stand on this company's order
            [*domain, ["company_id", "in", [False, *sorted(company.lineage)]]],
            ["name", "user_id", "commercial_partner_id"],
            limit=1,
            order="id",
            context=company.context | {"active_test": False},
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
