"""Callers by an access token: the gateway as an OAuth 2.1 resource server (MCP's authorization specification)."""

from collections.abc import Collection, Mapping
from typing import Any

import jwt

from gateway.access.jwks import SigningKeys
from gateway.service.callers import Caller
from gateway.settings import GatewaySettings

_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Those of public keys only: with another one whoever knows the public key could sign."""

_LEEWAY_SECONDS = 30
_LONGEST_NAME = 255
_SCOPE = "quotations"


class InvalidTokenError(Exception):
    """It is no token of the issuer for this gateway, or none any more."""


def scope_of(environment: str) -> str:
    """Give the scope that opens an environment."""
    return f"{_SCOPE}:{environment}"


class TokenVerifier:
    """Tells whose an access token is (RFC 9068), and which environments its scopes open."""

    def __init__(self, issuer: str, audience: str, keys: SigningKeys, environments: Collection[str]) -> None:
        self._issuer = issuer
        self._audience = audience
        self._keys = keys
        self._environments = environments

    @classmethod
    def of(cls, settings: GatewaySettings) -> "TokenVerifier | None":
        """Give the verifier of these settings; None where OAuth is off."""
        issuer, audience = settings.gateway_oauth_issuer, settings.gateway_oauth_audience
        if issuer is None or audience is None:
            return None
        return cls(issuer, audience, SigningKeys(issuer, settings.gateway_oauth_jwks_url), settings.environments)

    async def caller_with(self, token: str) -> Caller:
        """Give whose token this is; its scopes may open no environment.

        Raises `InvalidTokenError`, and `IssuerUnavailableError` where the issuer's keys cannot be read.
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
        # looked at before the issuer is asked for keys
        if algorithm not in _ALGORITHMS or not isinstance(key_id, str):
            raise InvalidTokenError
        key = await self._keys.find(key_id)
        if key is None:
            raise InvalidTokenError
        # a key that names its algorithm is for no other; one that does not is for those of its type
        signing_key = jwt.PyJWK(dict(key), key.get("alg") or algorithm)
        claims: Mapping[str, Any] = jwt.decode(
            token,
            signing_key,
            algorithms=_ALGORITHMS,
            issuer=self._issuer,
            audience=self._audience,
            leeway=_LEEWAY_SECONDS,
            options={"require": ["exp", "iss", "aud"]},
        )
        return claims

    def _opened_by(self, claims: Mapping[str, Any]) -> frozenset[str]:
        # some issuers write scp, and a list
        scopes = claims.get("scope", claims.get("scp", ""))
        given = scopes.split() if isinstance(scopes, str) else scopes
        if not isinstance(given, list):
            raise InvalidTokenError
        return frozenset(name for name in self._environments if scope_of(name) in given)


def _owner(claims: Mapping[str, Any]) -> str:
    """Give an owner's name that no key can have, since the names of keys have no colon."""
    for prefix, claim in (("oauth", "sub"), ("oauth-client", "client_id")):
        name = claims.get(claim)
        if isinstance(name, str) and name:
            if len(name) > _LONGEST_NAME or not name.isprintable():
                raise InvalidTokenError
            return f"{prefix}:{name}"
    raise InvalidTokenError
