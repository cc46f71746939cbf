"""Texts of others, as parts of Markdown."""

import re

_MARKS = re.compile(r"([\\`*_{}\[\]<>#|!~])")
_BLANKS = re.compile(r"\s+")


def plain(text: str) -> str:
    """Return the text in one line, so that Markdown shows it as it is."""
    return _MARKS.sub(r"\\\1", _BLANKS.sub(" ", text).strip())
