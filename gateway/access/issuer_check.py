"""The check of a gateway that starts with OAuth (see `runtime.startup`)."""

import asyncio
from functools import partial

import httpx2

from gateway.access.jwks import MetadataError, discover, fetch, signing_keys
from gateway.settings import GatewaySettings
from runtime.startup import Check

_SECONDS = 10.0


def issuer_checks(settings: GatewaySettings) -> list[Check]:
    """Return the checks of the token issuer, if one is set."""
    issuer = settings.gateway_oauth_issuer
    return [] if issuer is None else [partial(check_issuer, issuer, settings.gateway_oauth_jwks_url)]


async def check_issuer(issuer: str, keys_url: str | None) -> str | None:
    """Return what keeps the gateway from reading the issuer's keys, without which it refuses every token."""
    variable = "GATEWAY_OAUTH_JWKS_URL" if keys_url else "GATEWAY_OAUTH_ISSUER"
    reason = await _problem(issuer, keys_url)
    return reason and f"{variable} may be wrong: {reason}"


async def _problem(issuer: str, keys_url: str | None) -> str | None:
    try:
        async with asyncio.timeout(_SECONDS), httpx2.AsyncClient() as client:
            keys = signing_keys(await fetch(client, keys_url or await discover(client, issuer)))
    except MetadataError as error:
        return str(error)
    except TimeoutError:
        return f"The token issuer did not answer within {_SECONDS:g} seconds."
    except httpx2.HTTPError as error:
        return f"The token issuer could not be reached ({type(error).__name__})."
    except (ValueError, LookupError, TypeError, AttributeError):
        return "The token issuer answered with something other than a key set."
    return None if keys else "The token issuer has no signing keys."
