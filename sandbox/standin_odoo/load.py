"""Odoo's `load`: rows of text with a column for each field, made into records that external ids name.

With the context `{"noupdate": True, "mode": "update"}` a record is made once and never written again;
without it each `load` writes it anew. See `BaseModel.load` and `ir.fields.converter` in Odoo.

Columns: `name`, `partner_id/.id` (by database id), `partner_id/id` (by external id), `order_line/name` (of a
sub-record), `id` (the record's own external id), `.id` (its database id). A row that has values for sub-records
only goes on with the record before it.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from sandbox.standin_odoo import external_ids
from sandbox.standin_odoo.faults import ConstraintError, SerializationFailureError, UserError
from sandbox.standin_odoo.fields import Field, Values

if TYPE_CHECKING:
    from sandbox.standin_odoo.model import Model

Path = list[str]
Raw = dict[str, Any]
"""A record's cells by field; for a relation a list of `Raw`, in which `""` is the name to look for."""

CREATE, UPDATE, LINK = 0, 1, 4
"""One2many commands: `(0, external id or 0, values)`, `(1, id, values)`, `(4, id)`."""

_REFERENCES = ("", "id", ".id")


class _Extracted(NamedTuple):
    cells: Raw
    first_row: int
    last_row: int


class _UnfitError(Exception):
    """A cell that cannot be converted; the text says `{field}` where the field's name goes."""


class _FailedError(Exception):
    """Undoes the whole import."""


def load(model: "Model", fields: list[str], data: list[list[Any]]) -> Values:
    """Import `data`; ValueError for an unknown column. One record that fails undoes all of them."""
    ids: list[int] = []
    messages: list[Values] = []
    try:
        with model.store.savepoint():
            records = list(_extract(model, [field.split("/") for field in fields], data))
            for number, record in enumerate(records):
                place = {"rows": {"from": record.first_row, "to": record.last_row}, "record": number}
                ids.append(_Import(model, place, messages).run(record.cells))
            if messages:
                raise _FailedError  # noqa: TRY301 - the savepoint undoes what an exception leaves
    except _FailedError:
        return {"ids": False, "messages": messages, "nextrow": 0}
    return {"ids": ids, "messages": [], "nextrow": 0}


def _extract(model: "Model", paths: list[Path], data: list[list[Any]]) -> Iterator[_Extracted]:
    for name, *_ in paths:
        if name not in model.fields and name not in _REFERENCES:
            raise ValueError(f"Invalid field name {name!r}")
    types = [model.fields[path[0]].type if path[0] in model.fields else "" for path in paths]
    index = 0
    while index < len(data):
        span = [data[index]]
        while index + len(span) < len(data) and _goes_on(data[index + len(span)], types):
            span.append(data[index + len(span)])
        cells: Raw = {}
        for column, (name, *_) in enumerate(paths):
            if types[column] in ("many2one", "one2many"):
                if name not in cells:
                    cells[name] = _extract_relation(model.env[model.fields[name].relation], name, paths, span)
            else:
                cells[name] = span[0][column]
        yield _Extracted(cells, index, index + len(span) - 1)
        index += len(span)


def _goes_on(row: list[Any], types: list[str]) -> bool:
    filled = {kind == "one2many" for cell, kind in zip(row, types, strict=True) if cell}
    return filled == {True}


def _extract_relation(other: "Model", name: str, paths: list[Path], span: list[list[Any]]) -> list[Raw]:
    columns = [column for column, path in enumerate(paths) if path[0] == name]
    rows = [[row[column] for column in columns] for row in span]
    filled = [cells for cells in rows if any(cells)]
    return [one.cells for one in _extract(other, [paths[column][1:] or [""] for column in columns], filled)]


class _Import:
    """The import of one record, and where to say what is wrong with it."""

    def __init__(self, model: "Model", place: Values, messages: list[Values]) -> None:
        self.model = model
        self._place = place
        self._messages = messages

    def run(self, cells: Raw) -> int:
        """Create or write the record and return its id, 0 where it failed."""
        try:
            return self._save(cells, self._convert(cells))
        except SerializationFailureError as error:
            self._blame(str(error))
            return 0

    def _blame(self, text: str, **more: Any) -> None:
        self._messages.append({**self._place, "type": "error", "message": text, **more})

    def _convert(self, cells: Raw) -> Values:
        values: Values = {}
        for name, cell in cells.items():
            if name in _REFERENCES:
                continue
            try:
                values[name] = _converted(self.model, name, cell)
            except _UnfitError as unfit:
                string = self.model.fields[name].string
                self._blame(str(unfit).replace("{field}", string), field=name, field_name=string)
        return values

    def _save(self, cells: Raw, values: Values) -> int:
        database_id = self._database_id(cells)
        try:
            with self.model.store.savepoint():
                return _save(self.model, cells.get("id"), database_id, values)
        except ConstraintError as error:
            self._blame(error.sentence, **({"field": error.field} if error.field else {}))
        except UserError as error:
            self._blame(str(error))
        except SerializationFailureError:
            raise
        except Exception as error:  # noqa: BLE001 - as Odoo does
            text = f"Unknown error during import: {type(error)}: {error}"
            self._blame(text, moreinfo="Resolve other errors first")
        return 0

    def _database_id(self, cells: Raw) -> int | None:
        if not cells.get(".id"):
            return None
        database_id = int(cells[".id"])
        if self.model.search([["id", "=", database_id]]):
            return database_id
        self._blame(f"Unknown database identifier '{database_id}'", field=".id")
        return None


def _save(model: "Model", external_id: str | None, database_id: int | None, values: Values) -> int:
    update = model.env.context.get("mode") == "update"
    if not external_id:
        if database_id:
            model.write([database_id], values)
            return database_id
        if update:
            raise UserError("Cannot update a record without specifying its id or xml_id")
        return model.create_loaded(values)
    external_id = external_ids.complete(external_id)
    named = external_ids.find(model.store, external_id)
    if named is None:
        record_id = model.create_loaded(values)
        model.assign(external_id, model.name, record_id)
        return record_id
    if named.model != model.name:
        raise UserError(
            f"For external id {external_id} when trying to create/update a record of model {model.name} "
            f"found record of different model {named.model}"
        )
    if not (update and named.no_update):
        model.write([named.record_id], values)
    return named.record_id


def _converted(model: "Model", name: str, cell: Any) -> Any:  # noqa: PLR0911 - one for each type
    definition = model.fields[name]
    if not cell:
        return False
    if definition.type == "many2one":
        return _reference(model.env[definition.relation], _only_reference(cell[0]))
    if definition.type == "one2many":
        return _commands(model.env[definition.relation], cell)
    if definition.type == "boolean":
        return _boolean(cell)
    if definition.type in ("integer", "float", "monetary"):
        return _number(definition, cell)
    if definition.type == "selection":
        return _selected(definition, cell)
    return cell


def _boolean(cell: str) -> bool:
    if cell.lower() in ("1", "true", "yes"):
        return True
    if cell.lower() in ("", "0", "false", "no"):
        return False
    raise _UnfitError(f"Unknown value '{cell}' for boolean field '{{field}}'")


def _number(definition: Field, cell: Any) -> float:
    kind, convert = ("an integer", int) if definition.type == "integer" else ("a number", float)
    try:
        return convert(cell)
    except ValueError:
        raise _UnfitError(f"'{cell}' does not seem to be {kind} for field '{{field}}'") from None


def _selected(definition: Field, cell: str) -> str:
    for value, string in definition.selection.items():
        if cell.lower() in (value.lower(), string.lower()):
            return value
    raise _UnfitError(f"Value '{cell}' not found in selection field '{{field}}'")


def _only_reference(cells: Raw) -> tuple[str, Any]:
    if set(cells) - set(_REFERENCES):
        raise _UnfitError("Can not create Many-To-One records indirectly, import the field separately")
    if len(cells) > 1:
        raise _UnfitError(
            "Ambiguous specification for field '{field}', only provide one of name, external id or database id"
        )
    return next(iter(cells.items()))


def _reference(other: "Model", reference: tuple[str, Any]) -> int | bool:
    kind, value = reference
    if str(value).lower() in ("", "0", "false", "no"):
        return False
    if kind == ".id":
        try:
            database_id = int(value)
        except ValueError:
            raise _UnfitError(f"Invalid database id '{value}' for the field '{{field}}'") from None
        if other.existing([database_id]):
            return database_id
        raise _UnfitError(f"No matching record found for database id '{value}' in field '{{field}}'")
    if kind == "id":
        named = external_ids.find(other.store, external_ids.complete(value))
        if named and named.model == other.name:
            return named.record_id
        raise _UnfitError(f"No matching record found for external id '{value}' in field '{{field}}'")
    if found := other.name_search(value, operator="=", limit=1):
        return int(found[0][0])
    raise _UnfitError(f"No matching record found for name '{value}' in field '{{field}}'")


def _commands(other: "Model", records: list[Raw]) -> list[tuple[Any, ...]]:
    """One2many commands; an external id that names nothing yet goes to the new record."""
    commands: list[tuple[Any, ...]] = []
    for cells in records:
        values: Values = {}
        for name in set(cells) - set(_REFERENCES):
            try:
                values[name] = _converted(other, name, cells[name])
            except _UnfitError as unfit:
                string = other.fields[name].string
                raise _UnfitError(str(unfit).replace("{field}", f"{{field}}/{string}")) from None
        references = {kind: cells[kind] for kind in _REFERENCES if cells.get(kind)}
        try:
            found = _reference(other, _only_reference(references)) if references else False
        except _UnfitError:
            if "id" not in references:
                raise
            found = False
        if found:
            commands += [(LINK, found), (UPDATE, found, values)]
        else:
            commands.append((CREATE, references.get("id", 0), values))
    return commands
