"""The HTTP transports of MCP as routes: Streamable HTTP at `/mcp`, and SSE at the prototype's addresses."""

from typing import Any

from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken
from mcp.server.lowlevel import Server
from mcp.server.sse import SseServerTransport
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from gateway.access.current_caller import caller_of
from gateway.mcp.messages import WellFormed
from gateway.mcp.streamable import CHECKED_BEFORE, StreamableHttp
from gateway.web.middleware import MAX_BODY_BYTES

_PATH = "/mcp"
_SSE_PATH = "/mcp/sse"
_MESSAGES_PATH = "/mcp/messages"


def create_routes(server: Server[Any], streamable: StreamableHttp) -> list[BaseRoute]:
    """Create the routes of all HTTP transports. An SSE stream stays with the replica that opened it."""
    sse = SseServerTransport(f"{_MESSAGES_PATH}/", CHECKED_BEFORE, max_request_body_size=MAX_BODY_BYTES)
    checked = [Middleware(WellFormed)]
    events = Route(_SSE_PATH, _SseEndpoint(server, sse), methods=["GET"])
    # Starlette adds it, and would open a stream
    events.methods = {"GET"}
    return [
        # no stream for GET: a stateless server has nothing to send in it
        Route(_PATH, streamable, methods=["POST"], middleware=checked),
        events,
        Route(_MESSAGES_PATH, _Messages(sse), methods=["POST"], middleware=checked),
    ]


def _with_user(scope: Scope) -> Scope:
    """Name the caller in the SDK's words: it accepts a message only from the caller who opened the stream."""
    token = AccessToken(token="", client_id=caller_of(Request(scope)).name, scopes=[])
    return {**scope, "user": AuthenticatedUser(token)}


class _SseEndpoint:
    """Opens a stream. It is a class because Starlette takes a function for a request handler, not an ASGI app."""

    def __init__(self, server: Server[Any], transport: SseServerTransport) -> None:
        self._server = server
        self._transport = transport

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self._transport.connect_sse(_with_user(scope), receive, send) as (reader, writer):
            await self._server.run(reader, writer, self._server.create_initialization_options())


class _Messages:
    """Receives the messages of an open stream."""

    def __init__(self, transport: SseServerTransport) -> None:
        self._transport = transport

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._transport.handle_post_message(_with_user(scope), receive, send)
