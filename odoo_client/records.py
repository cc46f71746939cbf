"""Records that are created once, however often it is asked for."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import BaseModel, StrictInt

from odoo_client.api import Odoo
from odoo_client.diagnosis import load_error
from odoo_client.values import Blank

ONCE = {"noupdate": True, "mode": "update"}
"""The context in which `load` creates what is missing and writes nothing to what exists: neither a salesperson's
edits nor archiving nor reassignment are undone by a repeated call (measured on Odoo 19)."""


class _Message(BaseModel):
    type: str
    message: str


class _LoadAnswer(BaseModel):
    ids: Annotated[list[StrictInt] | None, Blank]
    messages: list[_Message] = []


async def create_once(odoo: Odoo, model: str, rows: Sequence[Mapping[str, str]]) -> list[int]:
    """Create the records that do not exist yet and give the ids of all, in the order of `rows`.

    Each row maps a column to its value as text and has the column `id`, the external id that makes the record
    unique; the columns are those of Odoo's import (`partner_id/.id` is a relation by database id). The rows must
    all have the same columns. All are created in one transaction, or none.

    Raises `OdooBusyError` where another transaction creates the same record at this moment, otherwise as
    `Odoo.call`.
    """
    columns = list(rows[0])
    table = [[row[column] for column in columns] for row in rows]
    answer = await odoo.call(model, "load", columns, table, returns=_LoadAnswer, context=ONCE)
    if answer.ids is None:
        # people need the database ids to find what is wrong
        sent = [value for row in rows for column, value in row.items() if not column.endswith(".id")]
        raise load_error([message.message for message in answer.messages if message.type == "error"], model, sent)
    return answer.ids
