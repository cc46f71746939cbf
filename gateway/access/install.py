"""What every request passes before the gateway looks at it: its host, its caller, how often that one asks."""

from typing import Any

from fastapi import FastAPI, Security
from fastapi.security import APIKeyHeader, HTTPBearer

from gateway.access.authentication import Authentication
from gateway.access.hosts import HostCheck, PublicNames
from gateway.access.protected_resource import ProtectedResource
from gateway.access.rate_limit import RateLimit, RateLimiting
from gateway.settings import GatewaySettings
from gateway.web.capacity import PROBES


def documented(settings: GatewaySettings) -> list[Any]:
    """Give dependencies of routes that tell in the OpenAPI document where a key goes; they check nothing."""
    if not settings.knows_callers:
        return []
    return [
        Security(HTTPBearer(scheme_name="Key or token", auto_error=False)),
        Security(APIKeyHeader(name="X-API-Key", scheme_name="Key", auto_error=False)),
    ]


def install(app: FastAPI, settings: GatewaySettings) -> None:
    """Guard all routes of `app`; what is added to it afterwards is passed before."""
    resource = ProtectedResource.of(settings)
    if resource is not None:
        app.router.routes.extend(resource.routes())
    # the last one added is the first one passed
    if settings.gateway_rate_limit:
        app.add_middleware(RateLimiting, limit=RateLimit(settings.gateway_rate_limit))
    app.add_middleware(
        Authentication, settings=settings, open_paths=PROBES | (resource.paths if resource else frozenset())
    )
    app.add_middleware(HostCheck, names=PublicNames.of(settings), open_paths=PROBES)
