"""Settings that are lists of entries; any part of an entry may be a secret."""

from collections.abc import Callable
from typing import TypeVar

Entry = TypeVar("Entry")


def parse_entries(text: str, form: str, parse: Callable[[str, int], Entry]) -> tuple[Entry, ...]:
    """Parse a comma-separated list; an empty text is an empty list. `form` describes an entry.

    Raises:
        ValueError: From `parse`, which gets an entry and its number and names the entry by its number only.
    """
    entries = [entry.strip() for entry in text.split(",")]
    parsed = tuple(parse(entry, number) for number, entry in enumerate(entries, 1) if entry)
    if text.strip() and not parsed:
        raise ValueError(f"must be a comma-separated list of {form}")
    return parsed
