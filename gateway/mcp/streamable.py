"""Streamable HTTP, for whatever `Accept` a host sends.

The SDK refuses hosts that accept only one of JSON and event streams, or do not say. Here JSON is the answer,
unless the host accepts only event streams, or accepts them and asks for progress, which JSON cannot carry.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from http import HTTPStatus
from typing import Any

import pydantic_core
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from mcp.shared.jsonrpc_dispatcher import progress_token_from_params
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import Message, Receive, Scope, Send

from gateway.web.bodies import read_body
from gateway.web.middleware import MAX_BODY_BYTES

_JSON = "application/json"
_STREAM = "text/event-stream"

CHECKED_BEFORE = TransportSecuritySettings(enable_dns_rebinding_protection=False)
"""Hosts and origins are checked for REST and MCP alike (`gateway.access.hosts`)."""


class StreamableHttp:
    """The endpoint. It is stateless, so any replica can answer any call. Serve it inside `run`, once."""

    def __init__(self, server: Server[Any]) -> None:
        self._json = _manager(server, json_response=True)
        self._streams = _manager(server, json_response=False)

    @asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        """Run the sessions of both forms of answers."""
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._json.run())
            await stack.enter_async_context(self._streams.run())
            yield

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a well-formed message."""
        takes_json, takes_stream = accepted(",".join(Headers(scope=scope).getlist("accept")))
        body, receive = await read_body(scope, receive)
        headers = MutableHeaders(raw=list(scope["headers"]))
        headers["accept"] = f"{_JSON}, {_STREAM}"
        scope = {**scope, "headers": headers.raw}
        if takes_stream and not takes_json:
            await self._streams.handle_request(scope, receive, _as_event(send))
        elif takes_stream and _asks_for_progress(body):
            await self._streams.handle_request(scope, receive, send)
        else:
            await self._json.handle_request(scope, receive, send)


def accepted(accept: str) -> tuple[bool, bool]:
    """Return whether this `Accept` header takes JSON, and whether it takes an event stream.

    A client that accepts neither gets JSON all the same, since it must be told something.
    """
    split = (media_range.strip().lower().partition(";") for media_range in accept.split(","))
    ranges = {media.strip() for media, _, parameters in split if not _is_refused(parameters)}
    takes_stream = not ranges.isdisjoint({_STREAM, "text/*"})
    takes_json = not ranges.isdisjoint({_JSON, "application/*", "*/*"})
    return takes_json or not takes_stream, takes_stream or "*/*" in ranges


def _is_refused(parameters: str) -> bool:
    """Return True for a quality of 0 (RFC 9110, section 12.4.2)."""
    pairs = (parameter.strip().partition("=") for parameter in parameters.split(";"))
    return any(name == "q" and not value.strip("0.") for name, _, value in pairs)


def _asks_for_progress(body: bytes) -> bool:
    return progress_token_from_params(pydantic_core.from_json(body).get("params")) is not None


def _as_event(send: Send) -> Send:
    """Return a `send` that makes an event stream of a JSON answer, which the SDK prefers if it is quick."""
    head: Message | None = None
    parts: list[bytes] = []

    async def send_event(message: Message) -> None:
        nonlocal head
        if message["type"] == "http.response.start" and _is_json(message):
            head = message
        elif head is None:
            await send(message)
        else:
            parts.append(message.get("body", b""))
            if not message.get("more_body", False):
                await _send_stream(send, head, b"".join(parts))

    return send_event


def _is_json(head: Message) -> bool:
    is_json = Headers(raw=head["headers"]).get("content-type", "").startswith(_JSON)
    return is_json and head["status"] == HTTPStatus.OK


async def _send_stream(send: Send, head: Message, data: bytes) -> None:
    headers = MutableHeaders(raw=list(head["headers"]))
    headers.update({"content-type": _STREAM, "cache-control": "no-cache, no-transform"})
    event = b"event: message\r\ndata: " + data + b"\r\n\r\n"
    headers["content-length"] = str(len(event))
    await send({**head, "headers": headers.raw})
    await send({"type": "http.response.body", "body": event})


def _manager(server: Server[Any], *, json_response: bool) -> StreamableHTTPSessionManager:
    return StreamableHTTPSessionManager(
        server,
        stateless=True,
        json_response=json_response,
        max_request_body_size=MAX_BODY_BYTES,
        security_settings=CHECKED_BEFORE,
    )
