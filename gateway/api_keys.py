"""The gateway's keys, as `GATEWAY_API_KEYS` lists them; only the digest of a key is kept."""

import hashlib
import re
from dataclasses import dataclass, field

from runtime.entries import parse_entries

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}", re.ASCII)
# fits into a header
_KEY = re.compile(r"[!-~]+", re.ASCII)
_FORM = "name:key[:env+env[:all|operate]]"


@dataclass(frozen=True)
class ApiKey:
    """One key, its owner and its rights. An owner may have several keys, so that one can be replaced."""

    name: str
    digest: str = field(repr=False)
    environments: frozenset[str] | None
    """The environments that it opens; None for all configured ones."""
    reads_all: bool
    """Whether it may read everyone's quotations in its environments."""
    operates: bool = False
    """Whether it may also cancel and retry them."""


def digest_of(key: str) -> str:
    """Return a key's digest (SHA-256, hex). Keys are random, so a slow hash would add nothing."""
    return hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()


def parse_api_keys(text: str) -> tuple[ApiKey, ...]:
    """Parse the list; an empty text is an empty list.

    Raises:
        ValueError: The message names an entry by its number only, since any part of it may be the key.
    """
    keys = parse_entries(text, _FORM, _parse)
    if len({key.digest for key in keys}) != len(keys):
        raise ValueError("it has the same key twice")
    return keys


def _parse(entry: str, number: int) -> ApiKey:
    name, _, rest = entry.partition(":")
    key, *rights = rest.split(":")
    if not _NAME.fullmatch(name):
        raise ValueError(f"entry {number} must start with a name made of letters, digits, '.', '_', '@' and '-'")
    if not _KEY.fullmatch(key):
        raise ValueError(f"entry {number} must have a key of printable ASCII without spaces, as in {_FORM}")
    environments = frozenset(rights[0].lower().split("+")) if rights else None
    if environments is not None and not all(environments):
        raise ValueError(f"entry {number} has an environment without a name")
    if rights[1:] not in ([], ["all"], ["operate"]):
        raise ValueError(f"entry {number} must be {_FORM}")
    return ApiKey(
        name, digest_of(key), environments, reads_all=bool(rights[1:]), operates=rights[1:] == ["operate"]
    )
