"""Odoo's `load`: rows of text with a column for each field become records that external ids name.

With the context `{"noupdate": True, "mode": "update"}` a record is created once and never written again; without
it each `load` writes the record. See `BaseModel.load` and `ir.fields.converter` in Odoo.

Columns: `id` (the record's external id), `name`, `partner_id/.id` (a relation by database id), and for a record of
a one2many `child_ids/id`, `child_ids/name` and so on. A row in which only these are filled has one more record of
the one2many. The stand-in has no other columns.
"""

from typing import Any

from sandbox.standin_odoo.faults import ConstraintError, UserError
from sandbox.standin_odoo.fields import Field, Values
from sandbox.standin_odoo.model import Model
from sandbox.standin_odoo.store import Row

_EXTERNAL_IDS = "ir.model.data"
_BOOLEANS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
_NO_NUMBER = "'{cell}' does not seem to be a number for field '{label}'"
_UNFIT = {
    ("many2one", ValueError): "Invalid database id '{cell}' for the field '{label}'",
    ("many2one", KeyError): "No matching record found for database id '{cell}' in field '{label}'",
    ("boolean", KeyError): "Unknown value '{cell}' for boolean field '{label}'",
    ("integer", ValueError): "'{cell}' does not seem to be an integer for field '{label}'",
    ("float", ValueError): _NO_NUMBER,
    ("monetary", ValueError): _NO_NUMBER,
    ("selection", KeyError): "Value '{cell}' not found in selection field '{label}'",
}


def load(model: Model, fields: list[str], data: list[list[Any]]) -> Values:
    """Create or write a record for each row, or none at all: `{"ids": [...] or False, "messages": [...]}`.

    Raises:
        ValueError: a column is unknown.
    """
    _check_columns(model, fields)
    ids: list[int] = []
    messages: list[Values] = []
    for number, (first, rows) in enumerate(_records(model, fields, data)):
        place = {"type": "error", "rows": {"from": first, "to": first + len(rows) - 1}, "record": number}
        try:
            ids.append(_save(model, _values(model, rows)))
        except UserError as error:
            messages.append(place | error.reported)
        except Exception as error:  # noqa: BLE001 - as Odoo does
            text = f"Unknown error during import: {type(error)}: {error}"
            messages.append(place | {"message": text, "moreinfo": "Resolve other errors first"})
    if messages:
        model.store.undo()
    return {"ids": ids if not messages else False, "messages": messages, "nextrow": 0}


def _check_columns(model: Model, columns: list[str]) -> None:
    for column in columns:
        name, _, rest = column.partition("/")
        field = model.fields.get(name)
        if field is None:
            raise ValueError(f"Invalid field name {name!r}")
        if field.relation_field:
            _check_columns(model.env[field.relation], [rest])
        elif rest != (".id" if field.type == "many2one" else ""):
            raise NotImplementedError(f"The stand-in's load has no column {column!r}")


def _records(model: Model, columns: list[str], data: list[list[Any]]) -> list[tuple[int, list[Values]]]:
    """Return the number of each record's first row, and the cells of its rows."""
    records: list[tuple[int, list[Values]]] = []
    for number, row in enumerate(data):
        cells = dict(zip(columns, row, strict=True))
        filled = [column.partition("/")[0] for column, cell in cells.items() if cell]
        if records and filled and all(model.fields[name].relation_field for name in filled):
            records[-1][1].append(cells)
        else:
            records.append((number, [cells]))
    return records


def _values(model: Model, rows: list[Values], **outer: str) -> Values:
    """Return the values of a record; the value of a one2many field is a list of such values.

    `outer` is the one2many field to which the record belongs, if any, as a message blames it.
    """
    values: Values = {}
    for column, cell in rows[0].items():
        name, inner, _ = column.partition("/")
        field = model.fields[name]
        blamed = outer or {"field": name, "field_name": field.string}
        if name == "id":
            values[name] = cell if not cell or "." in cell else f"__import__.{cell}"
        elif not field.relation_field:
            label = f"{outer['field_name']}/{field.string}" if outer else field.string
            try:
                values[name] = _value(model, field, cell) if cell else False
            except (KeyError, ValueError) as error:
                unfit = _UNFIT[field.type, type(error)]
                raise ConstraintError(unfit.format(cell=cell, label=label), **blamed) from None
        elif name not in values:
            start = name + inner
            others = [
                {key.removeprefix(start): one for key, one in row.items() if key.startswith(start)} for row in rows
            ]
            other = model.env[field.relation]
            values[name] = [_values(other, [one], **blamed) for one in others if any(one.values())]
    return values


def _value(model: Model, field: Field, cell: Any) -> Any:
    """Return the value of a cell. Raises an error of `_UNFIT` if it does not fit the field."""
    match field.type:
        case "many2one":
            record_id = int(cell)
            if record_id and record_id not in model.env[field.relation].rows:
                raise KeyError(record_id)
            return record_id or False
        case "boolean":
            return _BOOLEANS[cell.lower()]
        case "integer":
            return int(cell)
        case "float" | "monetary":
            return float(cell)
        case "selection":
            return {text.lower(): one[0] for one in field.selection for text in one}[cell.lower()]
    return cell


def _save(model: Model, values: Values, **inverse: int) -> int:
    """Create or write a record, with the records of its one2many fields, and return its id."""
    external_id = values.pop("id", "")
    inner = {name: values.pop(name) for name in list(values) if model.fields[name].relation_field}
    named = _named(model, external_id)
    is_update = model.env.context.get("mode") == "update"
    if named:
        record_id = int(named["res_id"])
        if named["noupdate"] and is_update:
            return record_id
        model.write([record_id], values | inverse)
    elif external_id or inverse or not is_update:
        record_id = model.create(values | inverse)
        if external_id:
            noupdate = bool(model.env.context.get("noupdate"))
            row = {"model": model.model, "res_id": record_id, "noupdate": noupdate}
            model.store.put(_EXTERNAL_IDS, external_id, row)
    else:
        raise UserError("Cannot update a record without specifying its id or xml_id")
    for name, others in inner.items():
        field = model.fields[name]
        for one in others:
            _save(model.env[field.relation], one, **{field.relation_field: record_id})
    return record_id


def _named(model: Model, external_id: str) -> Row | None:
    """Return what is known about the record that the external id names."""
    if " " in external_id:
        constraint = "ir_model_data_name_nospaces"
        raise ConstraintError(f'new row for relation "ir_model_data" violates check constraint "{constraint}"')
    model.store.check_unchanged(_EXTERNAL_IDS, external_id)
    named = model.store.table(_EXTERNAL_IDS).get(external_id)
    if named and named["model"] != model.model:
        raise UserError(
            f"For external id {external_id} when trying to create/update a record of model {model.model} "
            f"found record of different model {named['model']}"
        )
    return named
