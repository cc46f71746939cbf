"""Odoo's search domains: lists of conditions in prefix notation, with `&` where nothing stands."""

import re
from collections.abc import Callable, Sequence
from typing import Any

Domain = list[Any]
"""Conditions `[path, operator, value]` and the operators `&`, `|`, `!` before their operands."""

ValueOf = Callable[[str], Any]
"""Gives a record's value for a field path of a condition."""


def like(pattern: str, *, ignore_case: bool) -> re.Pattern[str]:
    r"""A regular expression for SQL's LIKE: `%` any text, `_` any character, `\` takes the next as itself."""
    parts = []
    characters = iter(pattern)
    for character in characters:
        if character == "%":
            parts.append(".*")
        elif character == "_":
            parts.append(".")
        else:
            parts.append(re.escape(next(characters, "\\") if character == "\\" else character))
    return re.compile("".join(parts), re.DOTALL | (re.IGNORECASE if ignore_case else 0))


def matches(domain: Domain, value_of: ValueOf) -> bool:
    """Whether a record satisfies `domain`; ValueError for an operator that does not exist."""
    stack: list[bool] = []
    for term in reversed(domain):
        if term == "!":
            stack.append(not stack.pop())
        elif term in ("&", "|"):
            left, right = stack.pop(), stack.pop()
            stack.append(left and right if term == "&" else left or right)
        else:
            stack.append(_condition(term, value_of))
    return all(stack)


def fields_in(domain: Domain) -> set[str]:
    """The field paths that the conditions of `domain` name."""
    return {term[0] for term in domain if isinstance(term, list | tuple)}


def _condition(term: Sequence[Any], value_of: ValueOf) -> bool:
    path, operator, expected = term
    if path in (0, 1):  # (1, '=', 1) and (0, '=', 1): true and false
        return bool(path == expected)
    value = value_of(path)
    operator = operator.lower()
    if operator == "=":
        return _equal(value, expected)
    if operator == "!=":
        return not _equal(value, expected)
    if operator in ("in", "not in"):
        found = any(_equal(value, one) for one in expected)
        return found is (operator == "in")
    if operator in _LIKES:
        return _like(value, operator, str(expected or ""))
    if operator in _ORDERS:
        return value is not False and value is not None and _ORDERS[operator](value, expected)
    raise ValueError(f"Invalid operator in condition {tuple(term)!r}")


def _equal(value: Any, expected: Any) -> bool:
    if isinstance(value, list):  # one2many: any of its records
        return any(one == expected for one in value) if expected else not value
    if expected is False or expected is None:
        return not value
    return bool(value == expected) and (value is not False)


_LIKES = {"like", "ilike", "not like", "not ilike", "=like", "=ilike"}


def _like(value: Any, operator: str, expected: str) -> bool:
    negative, kind = operator.startswith("not "), operator.removeprefix("not ")
    if not expected:
        return not negative
    pattern = expected if kind.startswith("=") else f"%{expected}%"
    found = bool(value) and bool(like(pattern, ignore_case="ilike" in kind).fullmatch(str(value)))
    return found is not negative


_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda value, expected: value < expected,
    ">": lambda value, expected: value > expected,
    "<=": lambda value, expected: value <= expected,
    ">=": lambda value, expected: value >= expected,
}
