"""Rules for single values of callers: texts that XML-RPC can carry, and numbers in the forms that models write."""

import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

_NUMERAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_LONGEST_NUMERAL = 64
# all whitespace, except the control characters that are refused anywhere
_EDGES = "".join(
    blank
    for blank in map(chr, range(0x3001))
    if blank.isspace() and (blank in "\t\r\n" or unicodedata.category(blank) != "Cc")
)

# general categories of Unicode that show something: letters, numbers, punctuation, symbols, private use
_SHOWN = ("L", "N", "P", "S", "Co")
# letters and symbols that are drawn as blanks: the Hangul fillers and the Braille blank
_EMPTY = "\u115f\u1160\u3164\uffa0\u2800"


def check_characters(text: str, allowed: str = "") -> str:
    """Return the text. Raise `ValueError` for a character that XML-RPC cannot carry."""
    for character in text:
        if character in allowed:
            continue
        category = unicodedata.category(character)
        # XML 1.0 does not allow these
        if category in ("Cc", "Cs") or character in "\ufffe\uffff":
            raise ValueError(f"must not contain the character U+{ord(character):04X}")
    return text


def check_visible(text: str) -> str:
    """Return the text. Raise `ValueError` if none of its characters can be seen."""
    for character in text:
        if unicodedata.category(character).startswith(_SHOWN) and character not in _EMPTY:
            return text
    raise ValueError("must not be blank")


def strip(value: object) -> object:
    """Return a text without the whitespace around it, and any other value as it is."""
    return value.strip(_EDGES) if isinstance(value, str) else value


def to_number(value: object) -> Decimal:
    """Convert a JSON number, or a numeral in a string; raise `ValueError` for booleans and non-finite numbers."""
    if isinstance(value, str) and len(value) <= _LONGEST_NUMERAL and _NUMERAL.fullmatch(value.strip(_EDGES)):
        return Decimal(value.strip(_EDGES))
    if isinstance(value, Decimal | int | float) and not isinstance(value, bool):
        number = Decimal(str(value)) if isinstance(value, float) else Decimal(value)
        if number.is_finite():
            return number
    raise ValueError("must be a finite number")


def to_integer(value: object) -> int:
    """Convert as `to_number` does; raise `ValueError` unless the number is whole."""
    number = to_number(value)
    # compare first: int() of 1e999 would be a number of a thousand digits
    if abs(number) > 10**18 or number != int(number):
        raise ValueError("must be an integer")
    return int(number)


def normalized_email(address: str) -> str:
    """Return the address by which customers are compared, as Odoo's `email_normalized` is for ASCII."""
    return address.lower()


def drop_null_default(schema: dict[str, Any]) -> None:
    """Leave the default null out of a field's JSON schema."""
    # null is the same as absent; repeating it for each field would only cost a model tokens
    schema.pop("default", None)


class Arguments(BaseModel):
    """The input of a caller: an unknown field is an error, and null is the same as absent.

    Raises:
        pydantic.ValidationError: The input is not valid; the messages never repeat it.

    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _drop_nulls(cls, data: object) -> object:
        if isinstance(data, Mapping):
            return {
                name: value for name, value in data.items() if value is not None or name not in cls.model_fields
            }
        return data
