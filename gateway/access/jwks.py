"""The keys that an issuer signs its tokens with, read in the background and kept while the issuer is away."""

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
_KEPT_SECONDS = 24 * 60 * 60.0
"""Tokens that an issuer signed before it went away have expired by then."""

_Jwk = Mapping[str, Any]


class MetadataError(Exception):
    """An issuer's metadata does not lead to its keys; the text says why without an address."""


class SigningKeys:
    """An issuer's public keys by their id.

    A known key is returned at once. After five minutes all are read again in the background; if that fails, or the
    answer has no key, the known ones are used for up to a day. Only a caller with an unknown key id waits for the
    issuer, since issuers exchange their keys. It is asked once for all who wait and at most every five seconds,
    since anybody can make up an id.
    """

    def __init__(self, issuer: str, url: str | None = None, now: Callable[[], float] = time.monotonic) -> None:
        self._issuer = issuer
        self._url = url
        self._now = now
        self._keys: dict[str, _Jwk] | None = None
        self._read_at = self._tried_at = float("-inf")
        self._reading: asyncio.Task[None] | None = None

    async def find(self, key_id: str) -> _Jwk | None:
        """Return the key of this id.

        Raises:
            IssuerUnavailableError: No key could be read, or none for a day.
        """
        keys = self._known()
        if keys is None or key_id not in keys:
            if reading := self._read_soon():
                # a caller that goes away must not affect the others
                await asyncio.shield(reading)
            keys = self._known()
        elif self._age() >= _FRESH_SECONDS:
            self._read_soon()
        if keys is None:
            raise IssuerUnavailableError
        return keys.get(key_id)

    def _known(self) -> dict[str, _Jwk] | None:
        return self._keys if self._age() < _KEPT_SECONDS else None

    def _age(self) -> float:
        return self._now() - self._read_at

    def _read_soon(self) -> asyncio.Task[None] | None:
        """Start to read the keys, unless that was tried just now. Return the task that reads them, if any."""
        if self._reading is None and self._now() - self._tried_at >= _PAUSE_SECONDS:
            self._reading = asyncio.create_task(self._read())
        return self._reading

    async def _read(self) -> None:
        try:
            async with asyncio.timeout(_FETCH_SECONDS), httpx2.AsyncClient() as client:
                self._url = self._url or await discover(client, self._issuer)
                document = await fetch(client, self._url)
            self._keep(signing_keys(document))
        except Exception as error:  # noqa: BLE001  # whatever an issuer answers, the known keys stay
            logger.warning("the token issuer's keys could not be read: %s", type(error).__name__)
        self._tried_at = self._now()
        self._reading = None

    def _keep(self, keys: dict[str, _Jwk]) -> None:
        if self._keys and not keys:
            raise ValueError("no keys")
        self._keys = keys
        self._read_at = self._now()


def signing_keys(document: Any) -> dict[str, _Jwk]:
    """Return those keys of a key set that sign tokens, by their id. Raises as a look-up in it does."""
    return {key["kid"]: key for key in document["keys"] if _signs(key)}


def _signs(key: Any) -> bool:
    return (
        isinstance(key, dict)
        and isinstance(key.get("kid"), str)
        and isinstance(key.get("alg", ""), str)
        and key.get("use", "sig") == "sig"
    )


async def discover(client: httpx2.AsyncClient, issuer: str) -> str:
    """Return the address of the issuer's keys, as its metadata has it (RFC 8414, OpenID Connect Discovery).

    Raises:
        MetadataError: The issuer has no metadata of its own.
        httpx2.HTTPError: The issuer could not be reached.
        ValueError: The address must not be used.
    """
    problem: Exception = MetadataError("The token issuer does not publish metadata.")
    for url in metadata_urls(issuer):
        try:
            metadata = await fetch(client, url)
        except httpx2.HTTPError as error:
            problem = error
            continue
        except ValueError:
            continue
        # some name themselves with a slash more than in their settings, or less
        if metadata["issuer"].rstrip("/") == issuer.rstrip("/"):
            return check_public_url(metadata["jwks_uri"])
        problem = MetadataError("The metadata there names another issuer.")
    raise problem


def metadata_urls(issuer: str) -> list[str]:
    """Return the addresses that an issuer's metadata may have, the OAuth form first."""
    parts = urlsplit(issuer)
    path = parts.path.rstrip("/")
    origin = f"{parts.scheme}://{parts.netloc}"
    return [
        f"{origin}/.well-known/oauth-authorization-server{path}",
        f"{origin}{path}/.well-known/openid-configuration",
    ]


async def fetch(client: httpx2.AsyncClient, url: str) -> Any:
    """Return the JSON document at this address. Raises `httpx2.HTTPError` or `ValueError`."""
    response = await client.get(url)
    if response.status_code != httpx2.codes.OK:
        raise ValueError("not found")
    return response.json()
