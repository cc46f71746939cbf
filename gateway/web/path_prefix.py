"""The path prefix under which a proxy serves the gateway (docs/operate.md).

The proxy strips the prefix from the requests that it passes on. All addresses that the gateway gives out have it.
"""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn._types import ASGI3Application
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from gateway.settings import check_path_prefix

_HEADER = "X-Forwarded-Prefix"
_STATE = "path_prefix"
_OURS = ("/api", "/mcp", "/docs")
"""The first segments of our own paths: a prefix that begins with one would be ambiguous."""


def prefix_of(scope: Scope) -> str:
    """Return the prefix of a request."""
    prefix: str = scope.get("state", {}).get(_STATE, "")
    return prefix


def address_of(scope: Scope) -> str:
    """Return the gateway's address as the client of a request wrote it, with the prefix: `https://host/prefix`."""
    return f"{scope['scheme']}://{Headers(scope=scope).get('host', '')}{prefix_of(scope)}"


class PathPrefix(ProxyHeadersMiddleware):
    """Finds the prefix of each request: the configured one, otherwise that of a trusted proxy.

    The other headers of trusted proxies are read as uvicorn does, which would first hide the proxy's own address.
    """

    def __init__(self, app: ASGIApp, configured: str, trusted: str) -> None:
        super().__init__(_as_uvicorn(app), trusted)
        self._configured = configured

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # type: ignore[override]
        """Serve a request."""
        if scope["type"] == "http":
            prefix = self._configured or self._forwarded(scope)
            scope.setdefault("state", {})[_STATE] = prefix
            # some proxies do not strip it
            if prefix and scope["path"].startswith(f"{prefix}/") and not prefix.startswith(_OURS):
                scope["path"] = scope["path"].removeprefix(prefix)
        await super().__call__(scope, receive, send)  # type: ignore[arg-type]

    def _forwarded(self, scope: Scope) -> str:
        host = (scope.get("client") or ("",))[0]
        if host not in self.trusted_hosts:
            return ""
        # each proxy of a chain adds its own
        parts = ",".join(Headers(scope=scope).getlist(_HEADER)).split(",")
        try:
            return "".join(map(check_path_prefix, parts))
        except ValueError:
            return ""


class RootPath:
    """Informs the framework of the prefix, in the words of ASGI: the path begins with the root path."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] == "http" and (prefix := prefix_of(scope)):
            scope["root_path"] = prefix
            scope["path"] = prefix + scope["path"]
        await self._app(scope, receive, send)


def _as_uvicorn(app: ASGIApp) -> ASGI3Application:
    return app  # type: ignore[return-value]  # the same protocol in other types
