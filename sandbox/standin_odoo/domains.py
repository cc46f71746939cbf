"""Odoo's search domains: conditions in prefix notation, joined by `&` unless an operator says otherwise."""

import functools
import re
from collections.abc import Callable
from typing import Any

Domain = list[Any]
"""Conditions `[path, operator, value]`, and the operators `&`, `|` and `!` before their operands."""


def matches(domain: Domain, value_of: Callable[[str], Any]) -> bool:
    """Return True if a record satisfies `domain`. Raises `KeyError` for an operator that the stand-in lacks."""
    stack: list[bool] = []
    for term in reversed(domain):
        if term == "!":
            stack.append(not stack.pop())
        elif term == "&":
            stack.append(stack.pop() & stack.pop())
        elif term == "|":
            stack.append(stack.pop() | stack.pop())
        else:
            path, operator, expected = term
            stack.append(_OPERATORS[operator](value_of(path), expected))
    return all(stack)


def _equal(value: Any, expected: Any) -> bool:
    return bool(value == expected) if expected else not value


def _like(pattern: str, value: Any) -> bool:
    return bool(value) and bool(_expression(pattern).fullmatch(str(value)))


@functools.lru_cache
def _expression(pattern: str) -> re.Pattern[str]:
    r"""Return SQL's LIKE as a regular expression: `%` is any text, `_` any character, `\` escapes the next one."""
    wildcards = {"%": ".*", "_": "."}
    characters = iter(pattern)
    parts = [
        re.escape(next(characters, "\\")) if one == "\\" else wildcards.get(one, re.escape(one))
        for one in characters
    ]
    return re.compile("".join(parts), re.DOTALL | re.IGNORECASE)


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": _equal,
    "!=": lambda value, expected: not _equal(value, expected),
    "in": lambda value, expected: any(_equal(value, one) for one in expected),
    "ilike": lambda value, expected: not expected or _like(f"%{expected}%", value),
    "=ilike": lambda value, expected: _like(expected, value),
    ">": lambda value, expected: bool(value is not False and value > expected),
    "<=": lambda value, expected: bool(value is not False and value <= expected),
}
