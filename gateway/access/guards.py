"""The checks that every request passes before it is served: its host, its caller and the caller's rate."""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Security
from fastapi.security import APIKeyHeader, HTTPBearer
from starlette.types import Scope

from gateway.access.authentication import Authentication
from gateway.access.board_sessions import BoardSessions, SessionReaders
from gateway.access.codec_callers import CodecAccess, CodecCallers, is_for_codec
from gateway.access.hosts import HostCheck, PublicNames
from gateway.access.page_links import LinkReaders, PageLinks, is_for_people
from gateway.access.protected_resource import ProtectedResource
from gateway.access.rate_limit import RateLimiting
from gateway.rates import RateLimit
from gateway.settings import GatewaySettings
from gateway.web.capacity import PROBES

_METRICS = "/metrics"
"""Prometheus asks for it by the address of a replica, but with a key."""


def documented(settings: GatewaySettings) -> list[Any]:
    """Return dependencies that show in the OpenAPI document where a key goes; they check nothing."""
    if not settings.knows_callers:
        return []
    return [
        Security(HTTPBearer(scheme_name="Key or token", auto_error=False)),
        Security(APIKeyHeader(name="X-API-Key", scheme_name="Key", auto_error=False)),
    ]


def is_open(settings: GatewaySettings) -> Callable[[Scope], bool]:
    """Return a function that returns True for a request that needs no key. None of these has a body."""
    resource = ProtectedResource.from_settings(settings)
    paths = PROBES | (resource.paths if resource else frozenset())
    return lambda scope: scope["path"] in paths or is_for_people(scope)


def guard(app: FastAPI, settings: GatewaySettings, links: PageLinks, sessions: BoardSessions) -> None:
    """Guard all routes of `app`; a middleware that is added later comes before these."""
    resource = ProtectedResource.from_settings(settings)
    if resource is not None:
        app.router.routes.extend(resource.routes())
    codec = CodecAccess.from_settings(settings)
    # a request passes the last one first
    if settings.gateway_rate_limit:
        app.add_middleware(RateLimiting, limit=RateLimit(settings.gateway_rate_limit))
    app.add_middleware(Authentication, settings=settings, is_open=is_open(settings))
    app.add_middleware(SessionReaders, sessions=sessions)
    if codec is not None:
        app.add_middleware(CodecCallers, access=codec)
    app.add_middleware(LinkReaders, links=links)
    app.add_middleware(
        HostCheck,
        names=PublicNames.from_settings(settings),
        open_paths=PROBES | {_METRICS},
        has_own_origin=lambda scope: codec is not None and is_for_codec(scope),
    )
