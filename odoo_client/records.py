"""Create records once, however often the call is repeated."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, StrictInt

from odoo_client.api import Odoo
from odoo_client.diagnosis import load_error
from odoo_client.errors import OdooAccessDeniedError, OdooUnknownReferenceError
from odoo_client.values import Blank

ONCE = {"noupdate": True, "mode": "update"}
"""The context in which `load` creates missing records and does not write to existing ones (measured on Odoo 19).

A repeated call does not undo a user's edits, archiving or reassignment.
"""


class _Message(BaseModel):
    type: str
    message: str


class _LoadAnswer(BaseModel):
    ids: Annotated[list[StrictInt] | None, Blank]
    messages: list[_Message] = []


async def create_once(
    odoo: Odoo, model: str, rows: Sequence[Mapping[str, str]], context: Mapping[str, Any] | None = None
) -> list[int]:
    """Create the records that do not exist yet and return the ids of all, in the order of `rows`.

    Each row maps the columns of Odoo's import to values as text. `id` is the external id that makes the record
    unique, and `partner_id/.id` is a relation by database id. All rows must have the same columns. The records are
    created in one transaction. `context` is added to the call's own.

    Raises:
        OdooBusyError: another transaction is creating the same record.
        OdooError: as in `Odoo.call`.
    """
    columns = list(rows[0])
    table = [[row[column] for column in columns] for row in rows]
    answer = await odoo.call(
        model, "load", columns, table, returns=_LoadAnswer, context={**(context or {}), **ONCE}
    )
    if answer.ids is None:
        # database ids stay in the sentence, so that people can find the record
        sent = [value for row in rows for column, value in row.items() if not column.endswith(".id")]
        error = load_error([one.message for one in answer.messages if one.type == "error"], model, sent)
        if isinstance(error, OdooAccessDeniedError):
            # the answer of `load` is not a fault, so the client has not seen the refusal
            odoo.forget_grants()
        raise error
    return answer.ids


class Named(NamedTuple):
    """The record that an external id names; the id is False if `search` does not find it, e.g. an archived one."""

    model: str
    id: int | Literal[False]


async def look_up(odoo: Odoo, external_id: str) -> Named | None:
    """Return the record that an external id names, None if it names none. Raises `OdooError`."""
    module, name = external_id.split(".", 1)
    try:
        return await odoo.call("ir.model.data", "check_object_reference", module, name, returns=Named)
    except OdooUnknownReferenceError:
        return None
