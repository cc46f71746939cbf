"""Callers who are known by an access token.

The gateway is an OAuth 2.1 resource server, as MCP's authorization specification describes it.
"""

from collections.abc import Collection, Mapping
from typing import Any

import jwt

from gateway.access.jwks import SigningKeys
from gateway.service.callers import Caller
from gateway.settings import GatewaySettings

_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Only algorithms with public keys: with a shared secret, anybody who has the public key could sign."""

_LEEWAY_SECONDS = 30
_LONGEST_NAME = 255
_SCOPE = "quotations"


class InvalidTokenError(Exception):
    """The token is not valid for this gateway, or has expired."""


def scope_of(environment: str) -> str:
    """Return the scope that opens an environment."""
    return f"{_SCOPE}:{environment}"


class TokenVerifier:
    """Verifies access tokens (RFC 9068) and reads their owner and the environments that their scopes open.

    Issuers differ in a slash at the end of their own name and of an audience. Access tokens of Amazon Cognito have
    no audience, only the client's id in `client_id`.
    """

    def __init__(
        self, issuer: str, audiences: Collection[str], keys: SigningKeys, environments: Collection[str]
    ) -> None:
        self._issuers = _with_and_without_slash([issuer])
        self._audiences = _with_and_without_slash(audiences)
        self._keys = keys
        self._environments = environments

    @classmethod
    def from_settings(cls, settings: GatewaySettings) -> "TokenVerifier | None":
        """Create the verifier of these settings, or return None if OAuth is off."""
        issuer, audiences = settings.gateway_oauth_issuer, settings.gateway_oauth_audience
        if issuer is None:
            return None
        return cls(issuer, audiences, SigningKeys(issuer, settings.gateway_oauth_jwks_url), settings.environments)

    async def caller_with(self, token: str) -> Caller:
        """Return the token's owner as a caller; its scopes may open no environment.

        Raises:
            InvalidTokenError: The token is not valid.
            IssuerUnavailableError: The issuer's keys cannot be read.
        """
        try:
            claims = await self._claims(token)
        except (jwt.PyJWTError, NotImplementedError, TypeError, ValueError):
            # the library raises the others for claims and keys of an unexpected type
            raise InvalidTokenError from None
        return Caller(_owner(claims), self._opened_by(claims))

    async def _claims(self, token: str) -> Mapping[str, Any]:
        header = jwt.get_unverified_header(token)
        algorithm, key_id = header.get("alg"), header.get("kid")
        # checked before the issuer is asked for keys
        if algorithm not in _ALGORITHMS or not isinstance(key_id, str):
            raise InvalidTokenError
        key = await self._keys.find(key_id)
        if key is None:
            raise InvalidTokenError
        # a key that names an algorithm is only for that one; another key is for all algorithms of its type
        signing_key = jwt.PyJWK(dict(key), key.get("alg") or algorithm)
        claims: Mapping[str, Any] = jwt.decode(
            token,
            signing_key,
            algorithms=_ALGORITHMS,
            issuer=self._issuers,
            leeway=_LEEWAY_SECONDS,
            options={"require": ["exp", "iss"], "verify_aud": False},
        )
        self._check_audience(claims)
        return claims

    def _check_audience(self, claims: Mapping[str, Any]) -> None:
        named = claims.get("aud", claims.get("client_id"))
        if self._audiences.isdisjoint([named] if isinstance(named, str) else named or []):
            raise InvalidTokenError

    def _opened_by(self, claims: Mapping[str, Any]) -> frozenset[str]:
        # some issuers send a list named scp
        given = _words(claims.get("scope", claims.get("scp", "")))
        if given is None:
            raise InvalidTokenError
        # of a client without a user, Microsoft Entra names the roles; Auth0 can name permissions
        given |= (_words(claims.get("roles")) or set()) | (_words(claims.get("permissions")) or set())
        return frozenset(name for name in self._environments if not given.isdisjoint(self._scopes_of(name)))

    def _scopes_of(self, environment: str) -> set[str]:
        """Return the forms of an environment's scope: Amazon Cognito puts the name of the resource before it."""
        scope = scope_of(environment)
        return {scope, *(f"{audience.rstrip('/')}/{scope}" for audience in self._audiences)}


def _words(value: object) -> set[str] | None:
    """Return the words of a text or the texts of a list, or None if the value is neither."""
    if isinstance(value, str):
        return set(value.split())
    return {word for word in value if isinstance(word, str)} if isinstance(value, list) else None


def _with_and_without_slash(names: Collection[str]) -> frozenset[str]:
    stems = {name.rstrip("/") for name in names}
    return frozenset(stems | {f"{stem}/" for stem in stems})


def _owner(claims: Mapping[str, Any]) -> str:
    """Return an owner's name; it has a colon, so it cannot be the name of a key."""
    for prefix, claim in (("oauth", "sub"), ("oauth-client", "client_id")):
        name = claims.get(claim)
        if isinstance(name, str) and name:
            if len(name) > _LONGEST_NAME or not name.isprintable():
                raise InvalidTokenError
            return f"{prefix}:{name}"
    raise InvalidTokenError
