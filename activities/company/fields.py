"""Values for the fields that a company requires, from the settings; a missing value is known before a write."""

import asyncio
from collections.abc import Callable, Collection, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

from activities.company.columns import Column, Definition, InvalidValueError, to_column
from activities.company.company import Company
from activities.company.setup import Setup
from odoo_client import Odoo, OdooRejectedError

Call = Callable[..., Coroutine[Any, Any, Any]]

_SENT = {
    "res.partner": frozenset({"name", "is_company", "email"}),
    "crm.lead": frozenset({"name", "type", "partner_id", "company_id", "user_id"}),
    "sale.order": frozenset({"partner_id", "company_id", "user_id", "origin", "opportunity_id"}),
    "sale.order.line": frozenset({"order_id", "product_id", "product_uom_qty", "sequence"}),
}
"""The fields that every quotation fills; the request may fill more."""

_ATTRIBUTES = ["type", "string", "required", "manual", "depends", "selection", "relation"]


@dataclass(frozen=True)
class CompanyFields:
    """The fields that this company requires in the records of a quotation."""

    odoo: Odoo
    company: Company
    setup: Setup

    async def check(self, models: Collection[str], given: Collection[str] = ()) -> None:
        """Raise `OdooRejectedError` if a record of these models lacks a value, or if a setting's value is wrong.

        `given` has the names of further fields that the request fills.
        """
        # ask again if something is wrong: the field or its default may have been changed since
        for call in (self.odoo.cached_call, self.odoo.call):
            found = await asyncio.gather(*(self._problems(model, given, call) for model in models))
            problems = [problem for some in found for problem in some]
            if not problems:
                return
        raise OdooRejectedError(" ".join(problems))

    async def missing_in(self, row: Mapping[str, str], model: str) -> dict[str, str]:
        """Return the settings' values for the fields that a row of `create_once` leaves blank, by column.

        Raises `OdooRejectedError` if a value is wrong.
        """
        filled = {column.partition("/")[0] for column, text in row.items() if text}
        values = {name: value for name, value in self.setup.defaults.get(model, {}).items() if name not in filled}
        definitions = await definitions_of(model, self.odoo.cached_call) if values else {}
        return dict([await self._column(model, definitions, name, value) for name, value in values.items()])

    async def missing_in_partner(self, row: Mapping[str, str]) -> dict[str, str]:
        """Return the same for a new partner; its contact gets only what Odoo demands."""
        columns = await self.missing_in(row, "res.partner")
        if "child_ids/id" not in row or not columns:
            return columns
        definitions = await definitions_of("res.partner", self.odoo.cached_call)
        of_contact = {
            f"child_ids/{column}": text
            for column, text in columns.items()
            if definitions[column.partition("/")[0]].must_be_given
        }
        return columns | of_contact

    async def _problems(self, model: str, given: Collection[str], call: Call) -> list[str]:
        definitions = await definitions_of(model, call)
        values = self.setup.defaults.get(model, {})
        problems = []
        for name, value in values.items():
            try:
                await self._column(model, definitions, name, value)
            except OdooRejectedError as error:
                problems.append(str(error))
        known = _SENT[model] | set(given) | set(values)
        blank = [name for name, one in definitions.items() if one.must_be_given and name not in known]
        if blank:
            context = self.company.context
            defaults = await call(model, "default_get", blank, returns=dict[str, Any], context=context)
            blank = [name for name in blank if definitions[name].is_empty(defaults.get(name))]
        return [*problems, *(_missing(_label(name, definitions[name], model)) for name in blank)]

    async def _column(self, model: str, definitions: Mapping[str, Definition], name: str, value: Any) -> Column:
        if name not in definitions:
            raise OdooRejectedError(
                f"The settings have a value for {name} of {model}, but Odoo has no such field."
            )
        try:
            return await to_column(self.odoo, name, definitions[name], value)
        except InvalidValueError as error:
            label = _label(name, definitions[name], model)
            raise OdooRejectedError(f"In the settings, the value for {label} {error}.") from None


async def definitions_of(model: str, call: Call) -> Mapping[str, Definition]:
    """Return the fields that a model has in this Odoo; `call` is one of the methods of `Odoo`."""
    definitions: dict[str, Definition] = await call(
        model, "fields_get", [], _ATTRIBUTES, returns=dict[str, Definition]
    )
    return definitions


def _label(name: str, definition: Definition, model: str) -> str:
    return f"'{definition.string}' ({name}) of {model}"


def _missing(label: str) -> str:
    return f"Odoo requires a value for {label}, and the settings have none."
