"""Odoo's own forms of values: an empty value is False, and a relation is an id with a name."""

from typing import Annotated, NamedTuple

from pydantic import BeforeValidator


def _false_to_none(value: object) -> object:
    return None if value is False else value


class Reference(NamedTuple):
    """A many2one value as `read` returns it."""

    id: int
    name: str


Blank = BeforeValidator(_false_to_none)
"""Marks a field that is False in Odoo if it is empty: `Annotated[str | None, Blank]`."""

OptionalText = Annotated[str | None, Blank]
OptionalReference = Annotated[Reference | None, Blank]
