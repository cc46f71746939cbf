"""Odoo's `load`: rows of text with a column for each field become records that external ids name.

With the context `{"noupdate": True, "mode": "update"}` a record is created once and never written again; without
it each `load` writes the record. See `BaseModel.load` and `ir.fields.converter` in Odoo.

Columns: `id` (the record's external id), `name`, `partner_id/.id` (a relation by database id), and for one record
of a one2many `child_ids/id`, `child_ids/name` and so on. The stand-in has no other columns.
"""

from contextlib import suppress
from typing import Any

from sandbox.standin_odoo.faults import ConstraintError, SerializationFailureError, UserError
from sandbox.standin_odoo.fields import Field, Values
from sandbox.standin_odoo.model import Model
from sandbox.standin_odoo.store import Row

_EXTERNAL_IDS = "ir.model.data"

Cells = dict[str, Any]
"""The cells of a row by field; those of a one2many are `Cells` themselves."""


class _UnfitError(Exception):
    """A cell does not fit its field; the text is Odoo's sentence."""


class _FailedError(Exception):
    """Some record failed: this undoes all of them."""


def load(model: Model, fields: list[str], data: list[list[Any]]) -> Values:
    """Create or write a record for each row, or none at all: `{"ids": [...] or False, "messages": [...]}`.

    Raises:
        ValueError: a column is unknown.
    """
    rows = [_cells(model, fields, row) for row in data]
    ids: list[int] = []
    messages: list[Values] = []
    try:
        with model.store.savepoint():
            for number, cells in enumerate(rows):
                place = {"type": "error", "rows": {"from": number, "to": number}, "record": number}
                try:
                    with model.store.savepoint():
                        ids.append(_save(model, cells))
                except Exception as error:  # noqa: BLE001 - as Odoo does
                    messages.append(place | _message(model, error))
            if messages:
                raise _FailedError  # noqa: TRY301 - the savepoint undoes the block on an exception
    except _FailedError:
        return {"ids": False, "messages": messages, "nextrow": 0}
    return {"ids": ids, "messages": [], "nextrow": 0}


def _cells(model: Model, columns: list[str], row: list[Any]) -> Cells:
    cells: Cells = {}
    for column, cell in zip(columns, row, strict=True):
        name, _, rest = column.partition("/")
        definition = model.fields.get(name)
        if definition is None or name == "id":
            if column != "id":
                raise ValueError(f"Invalid field name {name!r}")
            cells["id"] = cell
        elif definition.type == "one2many" and rest:
            cells.setdefault(name, {})[rest] = cell
        elif rest == (".id" if definition.type == "many2one" else ""):
            cells[name] = cell
        else:
            raise NotImplementedError(f"The stand-in's load has no column {column!r}")
    for name, inner in cells.items():
        if isinstance(inner, dict):
            cells[name] = _cells(model.env[model.fields[name].relation], list(inner), list(inner.values()))
    return cells


def _message(model: Model, error: Exception) -> Values:
    if isinstance(error, _UnfitError):
        text, field = error.args
        return {"message": text, "field": field, "field_name": model.fields[field].string}
    if isinstance(error, ConstraintError):
        return {"message": error.sentence} | ({"field": error.field} if error.field else {})
    if isinstance(error, UserError | SerializationFailureError):
        return {"message": str(error)}
    text = f"Unknown error during import: {type(error)}: {error}"
    return {"message": text, "moreinfo": "Resolve other errors first"}


def _save(model: Model, cells: Cells, **inverse: int) -> int:
    """Create or write the record of a row, with the records of its one2many fields, and return its id."""
    values = _values(model, cells) | inverse
    external_id = _complete(cells.get("id"))
    named = _named(model, external_id)
    is_update = model.env.context.get("mode") == "update"
    if named and named["noupdate"] and is_update:
        return int(named["res_id"])
    if named:
        record_id = int(named["res_id"])
        model.write([record_id], values)
    elif external_id or inverse or not is_update:
        record_id = _create(model, external_id, values)
    else:
        raise UserError("Cannot update a record without specifying its id or xml_id")
    for name, inner in cells.items():
        if isinstance(inner, dict) and any(inner.values()):
            definition = model.fields[name]
            _save(model.env[definition.relation], inner, **{definition.inverse: record_id})
    return record_id


def _complete(external_id: str | None) -> str:
    """Return the external id with its module, which is `__import__` if it names none."""
    if not external_id or "." in external_id:
        return external_id or ""
    return f"__import__.{external_id}"


def _named(model: Model, external_id: str) -> Row | None:
    """Return what is known about the record that the external id names."""
    model.store.check_unchanged(_EXTERNAL_IDS, external_id)
    named = model.store.table(_EXTERNAL_IDS).get(external_id)
    if named and named["model"] != model.name:
        raise UserError(
            f"For external id {external_id} when trying to create/update a record of model {model.name} "
            f"found record of different model {named['model']}"
        )
    return named


def _create(model: Model, external_id: str, values: Values) -> int:
    record_id = model.create(values)
    if " " in external_id:
        constraint = "ir_model_data_name_nospaces"
        raise ConstraintError(f'new row for relation "ir_model_data" violates check constraint "{constraint}"')
    if external_id:
        row = {"model": model.name, "res_id": record_id, "noupdate": bool(model.env.context.get("noupdate"))}
        model.store.put(_EXTERNAL_IDS, external_id, row)
    return record_id


def _values(model: Model, cells: Cells, prefix: str = "", field: str = "") -> Values:
    """Return the values of a row's own fields; the cells of its one2many fields are only checked."""
    values: Values = {}
    for name, cell in cells.items():
        if name == "id":
            continue
        definition = model.fields[name]
        label = f"{prefix}{definition.string}"
        if isinstance(cell, dict):
            _values(model.env[definition.relation], cell, f"{label}/", field or name)
            continue
        try:
            values[name] = _converted(model, definition, label, cell) if cell else False
        except ValueError as error:
            raise _UnfitError(str(error), field or name) from None
    return values


def _converted(model: Model, definition: Field, label: str, cell: Any) -> Any:
    match definition.type:
        case "many2one":
            return _reference(model.env[definition.relation], label, cell)
        case "boolean":
            if (word := cell.lower()) in ("1", "true", "yes", "0", "false", "no"):
                return word in ("1", "true", "yes")
            raise ValueError(f"Unknown value '{cell}' for boolean field '{label}'")
        case "integer" | "float" | "monetary":
            kind, convert = ("an integer", int) if definition.type == "integer" else ("a number", float)
            with suppress(ValueError):
                return convert(cell)
            raise ValueError(f"'{cell}' does not seem to be {kind} for field '{label}'")
        case "selection":
            for value, string in definition.selection.items():
                if cell.lower() in (value.lower(), string.lower()):
                    return value
            raise ValueError(f"Value '{cell}' not found in selection field '{label}'")
    return cell


def _reference(other: Model, label: str, cell: str) -> int | bool:
    if not cell.isdecimal():
        raise ValueError(f"Invalid database id '{cell}' for the field '{label}'")
    if int(cell) and not other.existing([int(cell)]):
        raise ValueError(f"No matching record found for database id '{cell}' in field '{label}'")
    return int(cell) or False
