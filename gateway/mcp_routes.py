"""The HTTP transports of MCP as routes: Streamable HTTP at `/mcp`, and SSE at the prototype's addresses."""

from typing import Any

from mcp.server.lowlevel import Server
from mcp.server.sse import SseServerTransport
from mcp.server.transport_security import TransportSecurityMiddleware, TransportSecuritySettings
from starlette.requests import Request
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from gateway.middleware import MAX_BODY_BYTES

_PATH = "/mcp"
_SSE_PATH = "/mcp/sse"
_MESSAGES_PATH = "/mcp/messages"

_LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")


def create_routes(server: Server[Any]) -> list[BaseRoute]:
    """Give the routes of all HTTP transports.

    Streamable HTTP is stateless, so that any replica answers any call, and needs `server.session_manager.run()`
    around the application's life. An SSE stream lives with the replica that opened it.
    """
    security = _loopback_only()
    streamable = server.streamable_http_app(
        streamable_http_path=_PATH,
        stateless_http=True,
        json_response=True,
        max_request_body_size=MAX_BODY_BYTES,
        transport_security=security,
    )
    sse = SseServerTransport(f"{_MESSAGES_PATH}/", security, max_request_body_size=MAX_BODY_BYTES)
    return [
        *streamable.routes,
        Route(_SSE_PATH, _SseEndpoint(server, sse, security), methods=["GET"]),
        Route(_MESSAGES_PATH, _Messages(sse), methods=["POST"]),
    ]


def _loopback_only() -> TransportSecuritySettings:
    # a web page that resolves its own name to 127.0.0.1 must not reach the tools (DNS rebinding)
    names = [pattern for name in _LOOPBACK_NAMES for pattern in (name, f"{name}:*")]
    return TransportSecuritySettings(
        allowed_hosts=names,
        allowed_origins=[f"{scheme}://{name}" for scheme in ("http", "https") for name in names],
    )


class _SseEndpoint:
    """Opens a stream; a class, since Starlette takes a function for a request handler and not for an ASGI app."""

    def __init__(
        self, server: Server[Any], transport: SseServerTransport, security: TransportSecuritySettings
    ) -> None:
        self._server = server
        self._transport = transport
        self._security = TransportSecurityMiddleware(security)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # the transport refuses too, but then raises
        refusal = await self._security.validate_request(Request(scope, receive))
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        async with self._transport.connect_sse(scope, receive, send) as (reader, writer):
            await self._server.run(reader, writer, self._server.create_initialization_options())


class _Messages:
    """Takes the messages of an open stream."""

    def __init__(self, transport: SseServerTransport) -> None:
        self._transport = transport

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._transport.handle_post_message(scope, receive, send)
