"""The keys of `PAYLOAD_KEYS`, which encrypt everything that Temporal stores."""

import base64
import binascii
import re
from dataclasses import dataclass, field

from runtime.entries import parse_entries

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_KEY_BYTES = (16, 24, 32)
_FORM = "id:base64key, where base64key is 16, 24 or 32 bytes"
# base64 has two alphabets
_STANDARD = str.maketrans("-_", "+/")


@dataclass(frozen=True)
class PayloadKey:
    """An AES key, and the id by which payloads name it."""

    id: str
    key: bytes = field(repr=False)


def parse_payload_keys(text: str) -> tuple[PayloadKey, ...]:
    """Parse the list; an empty text is an empty list.

    Raises:
        ValueError: The message names an entry by its number only, since any part of it may be the key.
    """
    keys = parse_entries(text, _FORM, _parse)
    if len({key.id for key in keys}) != len(keys):
        raise ValueError("it has the same id twice")
    return keys


def _parse(entry: str, number: int) -> PayloadKey:
    name, _, text = entry.partition(":")
    if not _ID.fullmatch(name):
        raise ValueError(f"entry {number} must start with an id made of letters, digits, '.', '_' and '-'")
    try:
        key = base64.b64decode(text.translate(_STANDARD), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) not in _KEY_BYTES:
        raise ValueError(f"entry {number} must be {_FORM}")
    return PayloadKey(name, key)
