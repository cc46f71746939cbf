"""The host names of the gateway; a request under another name is refused.

Otherwise a web page whose own name resolves to the gateway's address (DNS rebinding) could reach the gateway
through a visitor's browser, from inside the firewall.
"""

import re
from collections.abc import Callable, Collection
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.settings import GatewaySettings
from gateway.web.problems import ProblemResponse
from runtime.serving.listener import is_loopback

_HOST = re.compile(r"(?P<name>\[[^\[\]]+\]|[^:\[\]@/?#]+)(:[0-9]{1,5})?", re.ASCII)
_EVERY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104  # recognised, not bound


class PublicNames:
    """The host names that a request may use."""

    def __init__(self, host: str, names: Collection[str]) -> None:
        bound = f"[{host}]" if ":" in host else host.lower()
        self._has_loopback = host in _EVERY_ADDRESS or is_loopback(host)
        self._names = {*names, bound}

    @classmethod
    def from_settings(cls, settings: GatewaySettings) -> "PublicNames":
        """Create the names of these settings."""
        return cls(settings.gateway_host, settings.gateway_public_hosts)

    def has_host(self, host: str) -> bool:
        """Return True if a `Host` header names the gateway, at any port."""
        match = _HOST.fullmatch(host.lower())
        return match is not None and self._has(match["name"])

    def has_origin(self, origin: str) -> bool:
        """Return True if an `Origin` header names a page of one of these hosts, at any port."""
        scheme, separator, host = origin.partition("://")
        return bool(separator) and scheme in ("http", "https") and self.has_host(host)

    def _has(self, name: str) -> bool:
        return name in self._names or (self._has_loopback and is_loopback(name.strip("[]")))


class HostCheck:
    """Answers 421 to a wrong `Host` and 403 to a wrong `Origin`. Only web pages send an `Origin`."""

    def __init__(
        self,
        app: ASGIApp,
        names: PublicNames,
        open_paths: Collection[str],
        has_own_origin: Callable[[Scope], bool],
    ) -> None:
        self._app = app
        self._names = names
        self._open_paths = open_paths
        # somebody else checks the origin of these requests
        self._has_own_origin = has_own_origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request under one of the names."""
        refusal = None if scope["type"] != "http" or scope["path"] in self._open_paths else self._refusal(scope)
        await (refusal or self._app)(scope, receive, send)

    def _refusal(self, scope: Scope) -> ProblemResponse | None:
        headers = Headers(scope=scope)
        if not self._names.has_host(headers.get("host", "")):
            return ProblemResponse(HTTPStatus.MISDIRECTED_REQUEST)
        if not self._has_own_origin(scope) and not all(map(self._names.has_origin, headers.getlist("origin"))):
            return ProblemResponse(HTTPStatus.FORBIDDEN, "Pages from this origin may not use this service.")
        return None
