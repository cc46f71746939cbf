"""Telephone numbers as links, messengers and spreadsheets write them."""

import re
from decimal import Decimal

from quotation.forgiving.invisible import without_invisible
from quotation.values import strip

# `tel:` of links, `whatsapp:` of Twilio
_SCHEMES = re.compile(r"(\s*(tel|sms|callto|whatsapp):(//)?)+\s*", re.IGNORECASE)
_WITH_DECIMALS = re.compile(r"(\d+)\.0+", re.ASCII)
_SCIENTIFIC = re.compile(r"\d(\.\d+)?[eE]\+?\d{1,2}", re.ASCII)


def to_phone(value: object) -> object:
    """Return the telephone number of a text without what others put around it, and any other value as it is.

    Raises `ValueError` if a spreadsheet has cut the number, e.g. to `5.2551E+11`.
    """
    if not isinstance(value, str):
        return value
    text = str(strip(without_invisible(value)))
    if scheme := _SCHEMES.match(text):
        text = text[scheme.end() :]
    if whole := _WITH_DECIMALS.fullmatch(text):
        return whole[1]
    return _whole(text) if _SCIENTIFIC.fullmatch(text) else text


def _whole(text: str) -> str:
    number = Decimal(text)
    digits = number.as_tuple().digits
    # as many digits as the number has: none is lost
    if len(digits) == number.adjusted() + 1:
        return f"{number:f}"
    raise ValueError("must have all its digits; a spreadsheet has shortened it")
