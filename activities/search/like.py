"""Patterns for Odoo's `ilike` that find a word with or without accents.

Odoo compares accents unless its database has the extension `unaccent`, which is off by default. In a pattern, `_`
stands for any one character. So patterns find too much, and who uses them compares the records again.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Any

from activities.search.words import Word, fold

_ACCENTED = frozenset("aceinou")
"""The letters with accents in Spanish, Portuguese and French, and in most words of other languages."""

_ENOUGH_LETTERS = 2
"""A pattern with so many certain letters finds few other records."""

_LONGEST_PAIRED = 8
_SHORT = 3
_WILDCARD = re.compile(r"[\\%_]")


def literal(text: str) -> str:
    """Return a pattern in which `%`, `_` and the backslash mean themselves."""
    return _WILDCARD.sub(r"\\\g<0>", text)


def patterns(text: str) -> list[str]:
    """Return patterns of which one fits every way to put accents on a text in lower case.

    A short text with hardly any consonants gets patterns for two accents at most.
    """
    accents = {place for place, one in enumerate(text) if fold(one) != one}
    open_places = [place for place, one in enumerate(text) if one in _ACCENTED]
    certain = len(text) - len(accents) - len(open_places)
    if certain >= _ENOUGH_LETTERS or len(open_places) > _LONGEST_PAIRED:
        return [_masked(text, {*accents, *open_places})]
    at_once = min(len(open_places), 1 if len(text) <= _SHORT else 2)
    return [_masked(text, {*accents, *places}) for places in combinations(open_places, at_once)]


def having_words(words: Iterable[Word], fields: Sequence[str]) -> list[Any]:
    """Return a domain that finds all records that have each word in one of the fields, and a few others."""
    domain: list[Any] = []
    for word in words:
        wanted = dict.fromkeys(one for text in (word.text, *word.forms) for one in patterns(text))
        conditions = [[field, "ilike", pattern] for field in fields for pattern in wanted]
        domain += ["|"] * (len(conditions) - 1) + conditions
    return domain


def _masked(text: str, places: set[int]) -> str:
    return "".join("_" if place in places else literal(one) for place, one in enumerate(text))
