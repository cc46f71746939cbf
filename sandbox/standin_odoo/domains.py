"""Odoo's search domains: conditions in prefix notation, joined by `&` unless an operator says otherwise."""

import functools
import operator
import re
from collections.abc import Callable
from typing import Any

Domain = list[Any]
"""Conditions `[path, operator, value]`, and the operators `&`, `|` and `!` before their operands."""

ValueOf = Callable[[str], Any]
"""Return a record's value at the path of a condition."""

_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


def matches(domain: Domain, value_of: ValueOf) -> bool:
    """Return True if a record satisfies `domain`.

    Raises:
        ValueError: an operator is unknown.
    """
    stack: list[bool] = []
    for term in reversed(domain):
        if term == "!":
            stack.append(not stack.pop())
        elif term == "&":
            stack.append(stack.pop() & stack.pop())
        elif term == "|":
            stack.append(stack.pop() | stack.pop())
        else:
            path, comparison, expected = term
            stack.append(_holds(value_of(path), comparison, expected))
    return all(stack)


def _holds(value: Any, comparison: str, expected: Any) -> bool:
    match comparison:
        case "=":
            return _equal(value, expected)
        case "!=":
            return not _equal(value, expected)
        case "in":
            return any(_equal(value, one) for one in expected)
        case "ilike":
            return not expected or _like(f"%{expected}%", value)
        case "=ilike":
            return _like(expected, value)
    if comparison in _COMPARISONS:
        return value is not False and _COMPARISONS[comparison](value, expected)
    raise ValueError(f"Invalid operator in condition {comparison!r}")


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
