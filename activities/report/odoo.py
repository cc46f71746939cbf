"""The findings about one Odoo: whether quotations will complete there, and what will not work."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from activities.checks import CheckActivities
from activities.company import NOTHING, CompanyFields, Setup, find_company
from activities.company.salesperson import ASSIGNS_OTHERS
from activities.company.setup import MODELS
from activities.report.findings import Finding, Kind, may_be_wrong
from activities.report.keys import inspect_key
from odoo_client import (
    Odoo,
    OdooAccessDeniedError,
    OdooError,
    OdooInstallationError,
    OdooMissingError,
    OdooMissingModelError,
    OdooUnavailableError,
    is_member,
    key_owner,
    look_up,
    may_create,
)

SUPPORTED = range(16, 21)
"""The major versions of Odoo that quotations are tested with."""

_LARGEST_CLOCK_DIFFERENCE = 60.0
_WIZARD = "crm.lead2opportunity.partner"
_MODULES = {"crm.lead": "crm", _WIZARD: "crm", "sale.order": "sale", "sale.order.line": "sale"}
"""The modules that bring the models of a quotation."""


class _ProblemError(Exception):
    """A check found a problem that is not an error of a call."""


@dataclass(frozen=True)
class OdooLook:
    """One subject: the variables that may be wrong if it has a problem, and the function that looks."""

    variables: tuple[str, ...]
    look: Callable[[], Awaitable[Finding | None]]
    is_basis: bool = False
    """If this check fails, the later ones are pointless."""


@dataclass
class OdooInspection:
    """Checks the Odoo of an environment, without writing to it."""

    environment: str
    odoo: Odoo
    username: str
    lang: str | None = None
    setup: Setup = field(default=NOTHING)
    has_key: bool = False
    """True if calls are made with `ODOO__{NAME}__API_KEY`."""

    async def findings(self) -> list[Finding]:
        """Return the findings in the order in which they matter."""
        found: list[Finding] = []
        for one in self._looks():
            try:
                finding = await one.look()
            except (OdooError, _ProblemError) as error:
                found.append(Finding(Kind.PROBLEM, self._problem(one.variables, error)))
                if one.is_basis or isinstance(error, OdooUnavailableError):
                    break
            else:
                found += [finding] if finding else []
        return found

    def _looks(self) -> tuple[OdooLook, ...]:
        secret = "API_KEY" if self.has_key else "PASSWORD"
        return (
            OdooLook(("URL",), self._version, is_basis=True),
            OdooLook((), self._clock),
            OdooLook(("DB", "USERNAME", secret), self._user, is_basis=True),
            OdooLook(("USERNAME", secret), self._key_owner),
            OdooLook((), self._key_end),
            OdooLook((), self._error_pages),
            OdooLook(("COMPANY",) if self.setup.company else ("USERNAME",), self._company),
            OdooLook(("LANG",), self._language),
            OdooLook((), self._modules, is_basis=True),
            OdooLook((), self._link),
            OdooLook((), self._rights),
            OdooLook((), self._conversion),
            OdooLook((), self._other_salespeople),
            OdooLook(("DEFAULTS",), self._mandatory_fields),
            OdooLook((), self._products),
        )

    def _problem(self, names: tuple[str, ...], error: Exception) -> str:
        if isinstance(error, OdooUnavailableError):
            names = ("URL",)
        elif isinstance(error, OdooAccessDeniedError):
            names = ("USERNAME",)
        if not names or (isinstance(error, OdooMissingError) and names != ("URL",)):
            return f"{self.environment}: {error}"
        return may_be_wrong([f"ODOO__{self.environment.upper()}__{name}" for name in names], error)

    def _ok(self, words: str) -> Finding:
        return Finding(Kind.OK, f"{self.environment}: {words}")

    def _limit(self, words: str) -> Finding:
        return Finding(Kind.LIMIT, f"{self.environment}: {words}")

    async def _version(self) -> Finding:
        version = await self.odoo.major_version()
        if version not in SUPPORTED:
            return self._limit(
                f"Odoo {version} is not one of the tested versions ({SUPPORTED[0]} to {SUPPORTED[-1]})."
            )
        return self._ok(f"Odoo {version} answers.")

    async def _clock(self) -> Finding | None:
        ahead = self.odoo.clock_difference
        if ahead is None:
            return None
        seconds = ahead.total_seconds()
        if abs(seconds) > _LARGEST_CLOCK_DIFFERENCE:
            direction = "ahead of" if seconds > 0 else "behind"
            raise _ProblemError(f"the clock of this machine is {abs(seconds):.0f} s {direction} Odoo's.")
        return self._ok("the clock agrees with Odoo's.")

    async def _user(self) -> Finding:
        return self._ok(f"the user {self.username} can log in and has the id {await self.odoo.login()}.")

    async def _key_owner(self) -> None:
        # nothing but the key says who calls
        if self.has_key and (login := await key_owner(self.odoo)) != self.username:
            raise _ProblemError(f"the API key is that of the user {login}.")

    async def _key_end(self) -> Finding | None:
        return await inspect_key(self.environment, self.odoo) if self.has_key else None

    async def _error_pages(self) -> None:
        # over JSON-2 Odoo answers so with status 500, and each new customer's quotation asks
        if self.has_key:
            try:
                await look_up(self.odoo, "durable_quotations.nothing")
            except OdooUnavailableError as error:
                words = "Odoo's answer about a missing external id has status 500, which a proxy may replace"
                raise _ProblemError(f"{words}: {error}") from None

    async def _rights(self) -> Finding:
        await CheckActivities(self.odoo, self.lang, self.setup).log_in()
        return self._ok(f"the user may create {', '.join(MODELS)}.")

    async def _conversion(self) -> Finding:
        if not await may_create(self.odoo, _WIZARD):
            raise OdooAccessDeniedError("Odoo's service user is not allowed to convert leads.")
        return self._ok("the user may convert leads to opportunities.")

    async def _other_salespeople(self) -> Finding:
        if await is_member(self.odoo, ASSIGNS_OTHERS):
            return self._ok("the user may assign quotations to other salespeople.")
        return self._limit("the user may not assign quotations to other salespeople (user_id).")

    async def _modules(self) -> Finding:
        known = await asyncio.gather(*map(self._has_model, _MODULES))
        lacking = {module for module, is_known in zip(_MODULES.values(), known, strict=True) if not is_known}
        if lacking:
            raise _ProblemError(f"Odoo lacks what quotations need: {_not_installed(*sorted(lacking))}.")
        return self._ok("the modules crm and sale are installed.")

    async def _has_model(self, model: str) -> bool:
        try:
            await self.odoo.call(model, "fields_get", ["id"], ["type"], returns=dict[str, object])
        except OdooMissingModelError:
            return False
        return True

    async def _link(self) -> Finding:
        fields = await self.odoo.cached_call(
            "sale.order", "fields_get", ["opportunity_id"], ["type"], returns=dict[str, object]
        )
        if fields:
            return self._ok("orders are linked to their opportunities.")
        return self._limit(f"orders are not linked to their opportunities: {_not_installed('sale_crm')}.")

    async def _company(self) -> Finding:
        company = await find_company(self.odoo, self.setup.company)
        return self._ok(f"leads and orders are for the company '{company.name}' ({company.currency}).")

    async def _language(self) -> Finding:
        await CheckActivities(self.odoo, self.lang, self.setup).check_language()
        if self.lang is None:
            return self._ok("Odoo chooses the language of new partners, because the settings name none.")
        return self._ok(f"new partners have the language {self.lang}.")

    async def _mandatory_fields(self) -> Finding | None:
        try:
            company = await find_company(self.odoo, self.setup.company)
        except OdooInstallationError:
            return None
        await CompanyFields(self.odoo, company, self.setup).check(MODELS)
        return self._ok("no mandatory field lacks a value.")

    async def _products(self) -> Finding:
        domain = [["active", "=", True], ["sale_ok", "=", True]]
        try:
            count = await self.odoo.call("product.product", "search_count", domain, returns=int)
        except OdooAccessDeniedError:
            raise OdooAccessDeniedError("Odoo's service user is not allowed to read products.") from None
        if not count:
            raise _ProblemError("Odoo has no product for sale.")
        return self._ok(f"{count} products are for sale.")


def _not_installed(*modules: str) -> str:
    words = ("module", "is") if len(modules) == 1 else ("modules", "are")
    return f"the {words[0]} {' and '.join(modules)} {words[1]} not installed"
