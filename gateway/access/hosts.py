"""The names under which the gateway is reached; requests made under another one are refused.

A web page that resolves its own name to the gateway's address (DNS rebinding) would otherwise reach it with the
visitor's browser, past the firewall that the address is behind.
"""

import re
from collections.abc import Collection
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.settings import GatewaySettings, is_loopback
from gateway.web.problems import ProblemResponse

_HOST = re.compile(r"(?P<name>\[[^\[\]]+\]|[^:\[\]@/?#]+)(:[0-9]{1,5})?", re.ASCII)
_EVERY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104  # recognised, not bound


class PublicNames:
    """The names that requests may be made under."""

    def __init__(self, host: str, names: Collection[str]) -> None:
        bound = f"[{host}]" if ":" in host else host.lower()
        self._has_loopback = host in _EVERY_ADDRESS or is_loopback(host)
        self._names = {*names, bound}

    @classmethod
    def of(cls, settings: GatewaySettings) -> "PublicNames":
        """Give the names of these settings."""
        return cls(settings.gateway_host, settings.gateway_public_hosts)

    def has_host(self, host: str) -> bool:
        """Tell whether a `Host` header names the gateway, at whichever port."""
        match = _HOST.fullmatch(host.lower())
        return match is not None and self._has(match["name"])

    def has_origin(self, origin: str) -> bool:
        """Tell whether an `Origin` header names a page of one of these hosts, at whichever port."""
        scheme, separator, host = origin.partition("://")
        return bool(separator) and scheme in ("http", "https") and self.has_host(host)

    def _has(self, name: str) -> bool:
        return name in self._names or (self._has_loopback and is_loopback(name.strip("[]")))


class HostCheck:
    """Answers 421 to a wrong `Host` and 403 to a wrong `Origin`; a request without one comes from no web page."""

    def __init__(self, app: ASGIApp, names: PublicNames, open_paths: Collection[str]) -> None:
        self._app = app
        self._names = names
        self._open_paths = open_paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        refusal = None if scope["type"] != "http" or scope["path"] in self._open_paths else self._refusal(scope)
        await (refusal or self._app)(scope, receive, send)

    def _refusal(self, scope: Scope) -> ProblemResponse | None:
        headers = Headers(scope=scope)
        if not self._names.has_host(headers.get("host", "")):
            return ProblemResponse(HTTPStatus.MISDIRECTED_REQUEST)
        if not all(map(self._names.has_origin, headers.getlist("origin"))):
            return ProblemResponse(HTTPStatus.FORBIDDEN, "Pages of this origin may not use this service.")
        return None
