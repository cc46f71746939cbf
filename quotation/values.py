"""Rules for the texts of callers: what XML-RPC can carry and people can see."""

import unicodedata
from typing import Any

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
    """Return a text without surrounding whitespace, and any other value unchanged."""
    return value.strip(_EDGES) if isinstance(value, str) else value


def normalized_email(address: str) -> str:
    """Return the address by which customers are compared, as Odoo's `email_normalized` is for ASCII."""
    return address.lower()


def drop_null_default(schema: dict[str, Any]) -> None:
    """Leave the default null out of a field's JSON schema."""
    # null is the same as absent; repeating it for each field would only cost a model tokens
    schema.pop("default", None)
