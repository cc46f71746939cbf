"""Odoo's reason for a refusal, without the customer data that it may quote."""

import html
import re
from collections.abc import Mapping, Sequence
from typing import Any

SEARCHED = 4_000
"""How many characters of a text are searched. Some expressions take quadratic time."""

_LONGEST = 300
_SHORTEST_SECRET = 3
_GAP = "…"

_PREFIX = "The operation cannot be completed: "
_MARKUP = re.compile(r"<[^<>]*>")
# PostgreSQL and Odoo add the whole row, the values of the collision, or general advice
_ADDITIONS = re.compile(r"\n(- create/update:|DETAIL:|Detail:|DETALLE:|HINT:|CONTEXT:|CONTEXTO:)[\s\S]*")

_NAMES = re.compile(
    r"""
    # such as 'Customer' (partner_id)
    (?:'[^'\n]*'|"[^"\n]*"|“[^“”\n]*”)(?=\ \([a-z_][a-z0-9_.]*[:)])
    # such as field 'Order Lines/Product'
    | \b(?:field|campo)\ '[^'\n]*'(?!\w)
    # such as database id '26174'
    | \bid(?:entifier)?\ '\d{1,10}'(?!\w)
    # such as (Record: crm.lead(27414,), User: 7)
    | \(Record:\ [a-z_.]+\([\d,\ ]*\),\ User:\ \d+\)
    """,
    re.VERBOSE,
)
"""Texts that stay: names of fields and models, and database ids."""

_DATA = re.compile(
    r"""
    # quoted, even with an apostrophe inside or without an end
    (?<!\w)'.*?(?:'(?!\w)|$) | ".*?(?:"|$) | “.*?(?:”|$) | ‘.*?(?:’(?!\w)|$) | «.*?(?:»|$)
    # web addresses; clean() knows those of e-mail
    | \b\w+://\S+
    # phone, tax and account numbers
    | \+?\(?\d[\d\s().\-]{5,}\d | \b(?=(?:\w*\d){5})\w+
    """,
    re.VERBOSE | re.MULTILINE,
)
_QUOTES = {"'": "'", '"': '"', "“": "”", "‘": "’", "«": "»"}
_WORD = re.compile(r"\S+")
_BEGINS = ("", "-", "–", "•")
"""Texts that may precede the first sentence of a line."""
_GAPS = re.compile(rf"['\"“‘«]?{_GAP}['\"”’»]?(?:[\s,]*['\"“‘«]?{_GAP}['\"”’»]?)+")

# placeholders for texts that stay; Odoo's texts contain no private-use characters
_PLACE = 0xE000
_PLACES = re.compile(r"[\ue000-\uf8ff]")


def reason(text: str, sent: Any) -> str:
    """Return Odoo's text as one line of at most 300 characters, without customer data.

    Leave out the texts of `sent` and everything else that may name a record: quoted texts, addresses, long
    numbers, and capitalized words within a sentence. Keep labels and names of fields and models, and database ids.
    """
    is_cut = len(text) > SEARCHED
    text = _without_last_word(text[:SEARCHED]) if is_cut else text
    text = _ADDITIONS.sub("", html.unescape(_MARKUP.sub(" ", text))).removeprefix(_PREFIX)
    text = _without(sent, _PLACES.sub("", text))
    text = _without_begun(sent, text) if is_cut else text
    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        kept.append(match.group())
        return chr(_PLACE + len(kept) - 1)

    text = _DATA.sub(_gap, _NAMES.sub(keep, text))
    text = "\n".join(_without_names(line) for line in text.splitlines())
    text = _PLACES.sub(lambda match: kept[ord(match.group()) - _PLACE], text)
    return " ".join(_GAPS.sub(_GAP, text).split())[:_LONGEST] or "it gave no reason."


def _without(sent: Any, text: str) -> str:
    for value in _texts(sent):
        if len(value) >= _SHORTEST_SECRET:
            text = re.sub(re.escape(value), _GAP, text, flags=re.IGNORECASE)
    return text


def _without_last_word(text: str) -> str:
    """Leave out the last word, because the cut may go through an address or an HTML entity."""
    return text.removesuffix(next(reversed(text.split()), ""))


def _without_begun(sent: Any, text: str) -> str:
    """Leave out the beginning of a sent value from the end of a cut text."""
    text = text.rstrip()
    for value in _texts(sent):
        lengths = range(min(len(value), len(text)), _SHORTEST_SECRET - 1, -1)
        begun = next((n for n in lengths if text.lower().endswith(value[:n].lower())), 0)
        text = text[: len(text) - begun]
    return text


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, Sequence):
        # longest first: a name may contain another value
        return sorted((text for item in value for text in _texts(item)), key=len, reverse=True)
    return []


def _gap(match: re.Match[str]) -> str:
    text = match.group()
    return f"{text[0]}{_GAP}{_QUOTES[text[0]]}" if text[0] in _QUOTES else _GAP


def _without_names(line: str) -> str:
    """Leave out e-mail addresses and capitalized words, except a single one at the beginning of a sentence."""

    def clean(match: re.Match[str]) -> str:
        word = match.group()
        if "@" in word or "＠" in word:
            return _GAP
        if not _is_capitalized(word) or word.startswith("Odoo"):
            return word
        is_alone = word[-1] in ".!?" or not _is_capitalized(line[match.end() :])
        before = line[: match.start()].strip()
        begins = before in _BEGINS or before[-1] in ".!?"
        return word if is_alone and begins else _GAP

    return _WORD.sub(clean, line)


def _is_capitalized(text: str) -> bool:
    return text.lstrip(" ([{¡¿")[:1].isupper()
