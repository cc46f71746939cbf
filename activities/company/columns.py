"""Values of the settings as columns of Odoo's import."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from pydantic import BaseModel

from odoo_client import Odoo

_ENFORCED = frozenset({"char", "text", "selection", "date", "datetime", "many2one"})
"""The types whose required fields Odoo does not leave empty, in its own fields and in those of a company."""

_ENFORCED_IF_MANUAL = _ENFORCED | {"integer", "float", "boolean"}
"""The same for a field that was added in Odoo's settings: no code computes its value (measured on Odoo 19)."""

_FORMATS = {"date": "%Y-%m-%d", "datetime": "%Y-%m-%d %H:%M:%S"}


class Definition(BaseModel):
    """A field as `fields_get` describes it."""

    type: str
    string: str
    required: bool = False
    manual: bool = False
    depends: list[str] = []
    selection: list[tuple[Any, str]] = []
    relation: str = ""

    @property
    def must_be_given(self) -> bool:
        """True if Odoo refuses a record without a value for the field, unless it has a default."""
        enforced = _ENFORCED_IF_MANUAL if self.manual else _ENFORCED
        return self.required and not self.depends and self.type in enforced

    def is_empty(self, value: Any) -> bool:
        """Return True if a default counts as empty; for numbers and booleans, none does."""
        return value is None or (self.type in _ENFORCED and not value)


class Column(NamedTuple):
    """A column of `load`, e.g. `country_id/.id`, and its text."""

    name: str
    text: str


class InvalidValueError(Exception):
    """A value does not fit its field; the text is the end of a sentence about it."""


async def to_column(odoo: Odoo, name: str, field: Definition, value: Any) -> Column:
    """Return the column with this value. Raises `InvalidValueError`."""
    if field.type in ("many2one", "many2many"):
        given = value if isinstance(value, list) and field.type == "many2many" else [value]
        ids = [str(await _record_id(odoo, field.relation, one)) for one in given]
        return Column(f"{name}/.id", ",".join(ids))
    if field.type not in _TEXTS:
        raise InvalidValueError(f"cannot be set, because its type is {field.type}")
    return Column(name, _TEXTS[field.type](field, value))


async def _record_id(odoo: Odoo, model: str, value: Any) -> int:
    """Return the id of the record with this id or name; it is cached, since it is the same for all quotations."""
    if isinstance(value, str):
        found = await odoo.cached_call(model, "name_search", value, [], "=", 2, returns=list[tuple[int, str]])
        ids = [record_id for record_id, _ in found]
    elif type(value) is int:
        ids = await odoo.cached_call(model, "search", [["id", "=", value]], returns=list[int])
    else:
        raise InvalidValueError("must be the id or the name of a record")
    if len(ids) != 1:
        raise InvalidValueError(f"must name exactly one record of {model}")
    return ids[0]


def _text(_: Definition, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise InvalidValueError("must be text")
    return value


def _selected(field: Definition, value: Any) -> str:
    for key, label in field.selection:
        if value in (key, label):
            return str(key)
    raise InvalidValueError(f"must be one of {', '.join(str(key) for key, _ in field.selection[:20])}")


def _boolean(_: Definition, value: Any) -> str:
    if not isinstance(value, bool):
        raise InvalidValueError("must be true or false")
    return "1" if value else "0"


def _number(field: Definition, value: Any) -> str:
    kinds = int if field.type == "integer" else int | float
    if isinstance(value, bool) or not isinstance(value, kinds):
        raise InvalidValueError("must be a whole number" if field.type == "integer" else "must be a number")
    return repr(value)


def _moment(field: Definition, value: Any) -> str:
    form = _FORMATS[field.type]
    try:
        datetime.strptime(value, form).replace(tzinfo=UTC)
    except (TypeError, ValueError):
        example = datetime(2026, 12, 31, 10, tzinfo=UTC).strftime(form)
        raise InvalidValueError(f"must have the form {example}") from None
    return str(value)


_TEXTS: dict[str, Callable[[Definition, Any], str]] = {
    "char": _text,
    "text": _text,
    "html": _text,
    "selection": _selected,
    "boolean": _boolean,
    "integer": _number,
    "float": _number,
    "monetary": _number,
    "date": _moment,
    "datetime": _moment,
}
"""How a value of each type is written."""
