"""The keys that an issuer signs its tokens with, read when they are needed and kept for a while."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx2

from gateway.errors import IssuerUnavailableError
from gateway.settings import check_public_url

logger = logging.getLogger(__name__)

_FRESH_SECONDS = 300.0
_PAUSE_SECONDS = 5.0
_FETCH_SECONDS = 4.0

_Jwk = Mapping[str, Any]


class SigningKeys:
    """An issuer's public keys by their id.

    They are read again after five minutes, and at once for an id that is not among them, since issuers exchange
    their keys; but at most every five seconds, since anybody can make up an id. Where the issuer is away the last
    ones known are used.
    """

    def __init__(self, issuer: str, url: str | None = None, now: Callable[[], float] = time.monotonic) -> None:
        self._issuer = issuer
        self._url = url
        self._now = now
        self._keys: dict[str, _Jwk] | None = None
        self._read_at = self._tried_at = float("-inf")
        self._reading = asyncio.Lock()

    async def find(self, key_id: str) -> _Jwk | None:
        """Give the key of this id. Raises `IssuerUnavailableError` where no key could ever be read."""
        if not self._has_fresh(key_id):
            async with self._reading:
                # another request may have read them meanwhile
                if not self._has_fresh(key_id) and self._now() - self._tried_at >= _PAUSE_SECONDS:
                    await self._read()
        if self._keys is None:
            raise IssuerUnavailableError
        return self._keys.get(key_id)

    def _has_fresh(self, key_id: str) -> bool:
        return key_id in (self._keys or {}) and self._now() - self._read_at < _FRESH_SECONDS

    async def _read(self) -> None:
        try:
            async with asyncio.timeout(_FETCH_SECONDS), httpx2.AsyncClient() as client:
                self._url = self._url or await _discover(client, self._issuer)
                document = await _fetch(client, self._url)
            self._keys = {key["kid"]: key for key in document["keys"] if _signs(key)}
            self._read_at = self._now()
        except (httpx2.HTTPError, TimeoutError, ValueError, LookupError, TypeError, AttributeError) as error:
            logger.warning("the token issuer's keys could not be read: %s", type(error).__name__)
        self._tried_at = self._now()


def _signs(key: Any) -> bool:
    return isinstance(key, dict) and isinstance(key.get("kid"), str) and key.get("use", "sig") == "sig"


async def _discover(client: httpx2.AsyncClient, issuer: str) -> str:
    """Give where the issuer's metadata says that its keys are (RFC 8414, OpenID Connect Discovery)."""
    for url in metadata_urls(issuer):
        try:
            metadata = await _fetch(client, url)
        except (httpx2.HTTPError, ValueError):
            continue
        if metadata["issuer"] == issuer:
            return check_public_url(metadata["jwks_uri"])
    raise LookupError("no metadata")


def metadata_urls(issuer: str) -> list[str]:
    """Give where an issuer's metadata may be, the OAuth form first."""
    parts = urlsplit(issuer)
    path = parts.path.rstrip("/")
    origin = f"{parts.scheme}://{parts.netloc}"
    return [
        f"{origin}/.well-known/oauth-authorization-server{path}",
        f"{origin}{path}/.well-known/openid-configuration",
    ]


async def _fetch(client: httpx2.AsyncClient, url: str) -> Any:
    response = await client.get(url)
    if response.status_code != httpx2.codes.OK:
        raise ValueError("not found")
    return response.json()
