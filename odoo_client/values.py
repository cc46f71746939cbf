"""Odoo's own forms of values: an empty value is False, and a relation is an id with a name."""

from collections.abc import Mapping
from typing import Annotated, NamedTuple

from pydantic import BeforeValidator


def _false_to_none(value: object) -> object:
    return None if value is False else value


def _to_pair(value: object) -> object:
    return (value.get("id"), value.get("display_name")) if isinstance(value, Mapping) else _false_to_none(value)


def _to_id(value: object) -> object:
    pair = _to_pair(value)
    return pair[0] if isinstance(pair, list | tuple) else pair


class Reference(NamedTuple):
    """A many2one value as `read` returns it."""

    id: int
    name: str


Blank = BeforeValidator(_false_to_none)
"""Marks a field that is False in Odoo if it is empty: `Annotated[str | None, Blank]`."""

OptionalText = Annotated[str | None, Blank]
OptionalReference = Annotated[Reference | None, BeforeValidator(_to_pair)]
"""A many2one, as `read` or as `web_read` returns it."""

NamedReference = Annotated[Reference, BeforeValidator(_to_pair)]
"""The same for one that is never empty."""

OptionalId = Annotated[int | None, BeforeValidator(_to_id)]
"""The id of a many2one, which `web_read` returns alone."""
