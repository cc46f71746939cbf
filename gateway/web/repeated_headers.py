"""Headers that have one value, and that clients or proxies send several times."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send

_SINGLE = ("authorization", "content-type", "mcp-protocol-version", "x-api-key")
"""None of their values has a comma."""


class RepeatedHeaders:
    """Serves a request whose headers repeat one value, e.g. `2025-11-25, 2025-11-25`, as if they had it once.

    Claude Code merges its own headers with negotiated ones, and proxies add headers that exist already. Different
    values of one header are left as they are.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] == "http":
            headers = MutableHeaders(raw=list(scope["headers"]))
            for name in _SINGLE:
                values = [part.strip() for value in headers.getlist(name) for part in value.split(",")]
                if len(values) > 1 and len(set(values)) == 1:
                    headers[name] = values[0]
            # in place: other middleware reads what the routes add to the scope
            scope["headers"] = headers.raw
        await self._app(scope, receive, send)
