"""Patterns for Odoo's `ilike` that find a word with or without accents.

Odoo compares accents unless its database has the extension `unaccent`, which is off by default. In a pattern, `_`
stands for any one character. So patterns find too much, and who uses them compares the records again.

`having_words` allows accents on the letters that bear them in most languages, and usually costs one comparison for
each word and field. `having_letters` allows them on any letter, and costs several times as much.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Any

from activities.search.words import Word, fold

_ACCENTED = frozenset("aceinou")
"""The letters with accents in Spanish, Portuguese and French, and in most words of other languages."""

_RARELY_ACCENTED = "ďđðğģĝġǧħĥĵķǩłľĺļřŕŗšśşșŝṣťțţŧṭŵẁẃẅýÿŷỳỷỹỵžźż"
"""The other letters with accents, in lower case, in the languages of the Latin script."""

_ENOUGH_LETTERS = 2
"""A pattern with at least this many certain letters finds few other records."""

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
    return [term for word in words for term in _having(word, fields)]


def having_letters(words: Iterable[Word], fields: Sequence[str]) -> list[Any]:
    """Return a domain that also finds words with accents on any letter, if they are in the first field."""
    return [
        term for word in words for term in _either([_having(word, fields), *_rarely_accented(word, fields[0])])
    ]


def _having(word: Word, fields: Sequence[str]) -> list[Any]:
    wanted = dict.fromkeys(one for text in _texts(word) for one in patterns(text))
    return _either([[[field, "ilike", pattern]] for field in fields for pattern in wanted])


def _rarely_accented(word: Word, field: str) -> list[list[Any]]:
    """Return the domain of texts with the word's other letters and one of the rare accents, if it can have one."""
    bare = {fold(one) for text in _texts(word) for one in text}
    accented = [one for one in _RARELY_ACCENTED if fold(one) in bare]
    if not accented:
        return []
    # the database compares the pattern first; few texts that fit it are compared with each letter
    shapes = dict.fromkeys(_masked(text, _places_of_accents(text)) for text in _texts(word))
    return [
        [
            "&",
            *_either([[[field, "ilike", shape]] for shape in shapes]),
            *_either([[[field, "ilike", one]] for one in accented]),
        ]
    ]


def _texts(word: Word) -> tuple[str, ...]:
    return (word.text, *word.forms)


def _places_of_accents(text: str) -> set[int]:
    bearing = _ACCENTED | {fold(one) for one in _RARELY_ACCENTED}
    return {place for place, one in enumerate(text) if fold(one) != one or one in bearing}


def _either(domains: Sequence[list[Any]]) -> list[Any]:
    return ["|"] * (len(domains) - 1) + [term for domain in domains for term in domain]


def _masked(text: str, places: set[int]) -> str:
    return "".join("_" if place in places else literal(one) for place, one in enumerate(text))
