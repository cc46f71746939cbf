"""The gateway's keys, as `GATEWAY_API_KEYS` lists them; of a key itself only its digest is kept."""

import hashlib
import re
from dataclasses import dataclass, field

from runtime.entries import parse_entries

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}", re.ASCII)
# what a header can carry and the list cannot mistake for its own marks
_KEY = re.compile(r"[!-~]+", re.ASCII)
_FORM = "name:key[:env+env[:all]]"


@dataclass(frozen=True)
class ApiKey:
    """One key: whose it is and what it opens. A name may have several, so that they can be exchanged."""

    name: str
    digest: str = field(repr=False)
    environments: frozenset[str] | None
    """The environments that it may use; None for all that are configured."""
    reads_all: bool
    """Whether it reads everyone's quotations in its environments."""


def digest_of(key: str) -> str:
    """Give a key's digest (SHA-256, hex). A key is random, so that a slow hash would add nothing."""
    return hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()


def parse_api_keys(text: str) -> tuple[ApiKey, ...]:
    """Read the list; an empty text is none.

    Raises `ValueError` with words that tell an entry by its number only: any part of it may be the key.
    """
    keys = parse_entries(text, _FORM, _parse)
    if len({key.digest for key in keys}) != len(keys):
        raise ValueError("has the same key twice")
    return keys


def _parse(entry: str, number: int) -> ApiKey:
    name, _, rest = entry.partition(":")
    key, *rights = rest.split(":")
    if not _NAME.fullmatch(name):
        raise ValueError(f"entry {number} must start with a name of letters, digits, '.', '_', '@' and '-'")
    if not _KEY.fullmatch(key):
        raise ValueError(f"entry {number} has no key of printable ASCII characters without blanks; it is {_FORM}")
    environments = frozenset(rights[0].lower().split("+")) if rights else None
    if environments is not None and not all(environments):
        raise ValueError(f"entry {number} has an empty name of an environment")
    if rights[1:] not in ([], ["all"]):
        raise ValueError(f"entry {number} must be {_FORM}")
    return ApiKey(name, digest_of(key), environments, bool(rights[1:]))
