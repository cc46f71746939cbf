"""All checks before the first write, so that a quotation that must fail leaves nothing in Odoo."""

import asyncio
from dataclasses import dataclass

from temporalio import activity

from activities.company import NOTHING, Company, CompanyFields, Salespeople, Setup, find_company
from activities.company.agreement import Agreement, Customer
from activities.company.products import find_products
from activities.company.setup import MODELS
from activities.customers import Customers, PartnerRow, has_another_name, missing_facts
from activities.search import ProductSearch, find_named_products
from odoo_client import (
    Odoo,
    OdooAccessDeniedError,
    OdooRejectedError,
    may_create,
)
from quotation import steps
from quotation.messages import CheckedProduct, CheckedRequest, CheckRequest, FoundPartner
from quotation.warning import QuotationWarning, WarningCode


@dataclass
class CheckActivities:
    """The look-ups of the step `auth` in one Odoo; `lang` is the language of new partners, if any."""

    odoo: Odoo
    lang: str | None = None
    setup: Setup = NOTHING

    async def log_in(self) -> int:
        """Log in, check that the user may create all records of a quotation, and return the user's id.

        Raises `OdooAuthError` or `OdooAccessDeniedError`.
        """
        uid = await self.odoo.login()
        rights = await asyncio.gather(*(may_create(self.odoo, model) for model in MODELS))
        missing = [model for model, granted in zip(MODELS, rights, strict=True) if not granted]
        if missing:
            raise OdooAccessDeniedError(f"Odoo's service user is not allowed to create {', '.join(missing)}.")
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
        customers = Customers(self.odoo, company)
        (products, named), own_id, partner, *_ = await asyncio.gather(
            self._products(request, company),
            self.odoo.login(),
            customers.find(request),
            salespeople.check(request.user_id),
            self.check_language(),
        )
        row, generation = partner
        fields = CompanyFields(self.odoo, company, self.setup)
        customer = Customer(row.id, row.property_product_pricelist) if row else Customer()
        _, warnings = await asyncio.gather(
            fields.check(MODELS if row is None else MODELS[1:], request.given),
            Agreement(self.odoo, company, fields).check(request, named, customer),
        )
        salesperson_id, facts = None, list[str]()
        if row is not None:
            salesperson_id, facts = await asyncio.gather(
                self._salesperson(request, row, customers, salespeople),
                missing_facts(self.odoo, row.id, request.said, row),
            )
        return CheckedRequest(
            products=products,
            named_products=named,
            partner=row and FoundPartner(id=row.id, name=row.name or request.normalized_email),
            missing_facts=facts,
            partner_generation=generation,
            own_user_id=salesperson_id if salesperson_id == own_id else None,
            salesperson_id=salesperson_id,
            warnings=[*_warnings(request, row), *warnings],
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
        """Return all products, and the ids of those that the request does not name by id."""
        # a gateway of an older version sends ids only
        names = [line.product for line in request.lines] or [""] * len(request.product_ids)
        named = await find_named_products(ProductSearch(self.odoo, self.lang, company), names)
        ids = [named.get(name, one) for one, name in zip(request.product_ids, names, strict=True)]
        return await find_products(self.odoo, ids, company), named

    async def _salesperson(
        self, request: CheckRequest, partner: PartnerRow, customers: Customers, salespeople: Salespeople
    ) -> int | None:
        if request.user_id:
            return None
        return await salespeople.of_customer(await customers.salesperson(partner))


def _warnings(request: CheckRequest, partner: PartnerRow | None) -> list[QuotationWarning]:
    if partner is None or request.said is None or not has_another_name(partner, request.said.partner_name):
        return []
    message = "The customer with this e-mail address has a different name in Odoo. The order is for that customer."
    return [QuotationWarning(code=WarningCode.PARTNER_NAME_DIFFERS, message=message)]
