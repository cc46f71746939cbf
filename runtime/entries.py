"""Settings that are lists of entries, any part of which may be a secret."""

from collections.abc import Callable
from typing import TypeVar

Entry = TypeVar("Entry")


def parse_entries(text: str, form: str, parse: Callable[[str, int], Entry]) -> tuple[Entry, ...]:
    """Read a comma-separated list; an empty text is none. `form` tells in words what an entry is.

    `parse` gets an entry and its number. Raises `ValueError` as it does, which tells an entry by its number only.
    """
    entries = [entry.strip() for entry in text.split(",")]
    parsed = tuple(parse(entry, number) for number, entry in enumerate(entries, 1) if entry)
    if text.strip() and not parsed:
        raise ValueError(f"must be entries {form}, comma-separated")
    return parsed
