"""Middleware that every request passes before it is routed."""

import asyncio
import logging
import re
from collections import deque
from collections.abc import Callable
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.web.problems import ProblemResponse
from runtime.unexpected import report_unexpected

logger = logging.getLogger(__name__)

MAX_BODY_BYTES = 256 * 1024
"""The largest body that is read (docs/reference.md, Errors)."""


BODY_SECONDS = 20
"""The time limit for a client to send a body."""


_EVENT_STREAM = re.compile(r"/mcp/sse/?|(/api)?/quotation/[^/]+/events/?")


_NO_BODY: Message = {"type": "http.request", "body": b"", "more_body": False}


class _RefusedBodyError(Exception):
    def __init__(self, status: HTTPStatus) -> None:
        super().__init__()
        self.status = status


class UnexpectedErrors:
    """Answers an unexpected exception with 500, and logs where it was raised."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, and answer for it if it fails."""
        is_started = False

        async def watch(message: Message) -> None:
            nonlocal is_started
            is_started = is_started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except Exception as error:  # noqa: BLE001  # the last place to catch one
            report_unexpected(logger, "a request", error)
            if scope["type"] == "http" and not is_started:
                await ProblemResponse(HTTPStatus.INTERNAL_SERVER_ERROR)(scope, receive, send)


class HeadAsGet:
    """Answers HEAD like GET, except for event streams. The server sends no body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] == "http" and scope["method"] == "HEAD" and not _EVENT_STREAM.fullmatch(scope["path"]):
            # a copy: the server reads its own
            scope = {**scope, "method": "GET"}
        await self._app(scope, receive, send)


class TrailingSlashes:
    """Serves a path with a trailing slash as the one without it; nothing redirects (docs/reference.md, REST)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request without its trailing slash."""
        if scope["type"] == "http" and scope["path"] != "/":
            scope["path"] = scope["path"].rstrip("/")
        await self._app(scope, receive, send)


class BodyLimit:
    """Reads a body before the request is served, and refuses one that is too large (413) or too slow (408).

    A request that needs no key is served as if it had no body.

    Starlette's `RequestBodyLimitMiddleware` answers in plain text if the application does not read the body, and
    sets no time limit.
    """

    def __init__(
        self,
        app: ASGIApp,
        is_unread: Callable[[Scope], bool] = lambda _: False,
        seconds: float = BODY_SECONDS,
    ) -> None:
        self._app = app
        self._is_unread = is_unread
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request with its whole body."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            _check_length(scope)
            messages = deque([_NO_BODY]) if self._is_unread(scope) else await self._read(receive)
        except _RefusedBodyError as error:
            await ProblemResponse(error.status)(scope, receive, send)
            return
        if messages[-1]["type"] == "http.disconnect":
            return

        async def replay() -> Message:
            return messages.popleft() if messages else await receive()

        await self._app(scope, replay, send)

    async def _read(self, receive: Receive) -> deque[Message]:
        try:
            async with asyncio.timeout(self._seconds):
                return await _read_all(receive)
        except TimeoutError:
            raise _RefusedBodyError(HTTPStatus.REQUEST_TIMEOUT) from None


def _check_length(scope: Scope) -> None:
    # the server has checked that it is a number
    if int(Headers(scope=scope).get("content-length", 0)) > MAX_BODY_BYTES:
        raise _RefusedBodyError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


async def _read_all(receive: Receive) -> deque[Message]:
    """Return the messages of a whole body; the last one may be the client's disconnect."""
    messages: deque[Message] = deque()
    size = 0
    while not messages or messages[-1].get("more_body", False):
        messages.append(await receive())
        size += len(messages[-1].get("body", b""))
        if size > MAX_BODY_BYTES:
            raise _RefusedBodyError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return messages
