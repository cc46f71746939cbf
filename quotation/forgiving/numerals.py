"""Numbers as people and models write them; an ambiguous numeral is refused with both of its readings."""

import re
from decimal import Decimal

from quotation.forgiving.invisible import without_invisible
from quotation.values import strip

_LONGEST = 64
_GROUP = 3
_PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_DECIMAL_COMMA = re.compile(r"([+-]?\d+),(\d+)", re.ASCII)
# for one of these people say "mil quinientos", and others one and a half
_AMBIGUOUS = re.compile(r"([+-]?0*[1-9]\d*)[.,](\d{3})", re.ASCII)
_GROUPED = re.compile(
    r"""(?P<whole> [+-]?[1-9]\d{0,2} (?P<separator>[.,'\x20\u2019\u00a0\u2009\u202f]) \d{3}
    (?: (?P=separator)\d{3} )* )
    (?: (?P<point>[.,]) (?P<decimals>\d+) )?""",
    re.ASCII | re.VERBOSE,
)
_NOT_A_DIGIT = re.compile(r"[^\d+-]", re.ASCII)
_LARGEST_INTEGER = 10**18


def to_number(value: object) -> Decimal:
    """Convert a JSON number, or a numeral in a string.

    Raises:
        ValueError: It is not a finite number, or it is a boolean, or the numeral has two readings.

    """
    if isinstance(value, str) and len(value) <= _LONGEST:
        return _read(_stripped(value))
    if isinstance(value, Decimal | int | float) and not isinstance(value, bool):
        number = Decimal(str(value)) if isinstance(value, float) else Decimal(value)
        if number.is_finite():
            return number
    raise ValueError("must be a finite number")


def to_integer(value: object) -> int:
    """Convert as `to_number` does; raise `ValueError` unless the number is whole."""
    number = to_number(value)
    # compare first: int() of 1e999 would be a number of a thousand digits
    if abs(number) > _LARGEST_INTEGER or number != int(number):
        raise ValueError("must be an integer")
    return int(number)


def to_price(value: object) -> Decimal:
    """Convert as `to_number` does; `$` says no more than the number alone, while any other currency does."""
    if isinstance(value, str):
        value = _stripped(value).removeprefix("$")
    # Odoo stores prices as doubles: round here, in sight, and not silently there
    return Decimal(repr(float(to_number(value))))


def _stripped(text: str) -> str:
    return str(strip(without_invisible(text)))


def _read(text: str) -> Decimal:
    if ambiguous := _AMBIGUOUS.fullmatch(text):
        whole, decimals = ambiguous.groups()
        thousands, fraction = Decimal(whole + decimals), Decimal(f"{whole}.{decimals}").normalize()
        raise ValueError(f"can be read as {thousands} or as {fraction:f}: send it without a thousands separator")
    if _PLAIN.fullmatch(text):
        return Decimal(text)
    if comma := _DECIMAL_COMMA.fullmatch(text):
        return Decimal(f"{comma[1]}.{comma[2]}")
    if (grouped := _GROUPED.fullmatch(text)) and _is_certain(grouped):
        return Decimal(f"{_NOT_A_DIGIT.sub('', grouped['whole'])}.{grouped['decimals'] or 0}")
    raise ValueError("must be a finite number in the digits 0 to 9, without a unit or a currency")


def _is_certain(grouped: re.Match[str]) -> bool:
    if grouped["point"] is None:
        # groups by "." and "," alone are certain only if there are two of them, as one was ambiguous
        return True
    # after a group by another sign, three digits may be one more group: 1'500,000
    if grouped["separator"] not in ".,":
        return len(grouped["decimals"]) != _GROUP
    return grouped["point"] != grouped["separator"]
