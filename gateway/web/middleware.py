"""What every request passes before it is routed, as plain ASGI middleware."""

import logging
from collections import deque
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.web.problems import ProblemResponse

logger = logging.getLogger(__name__)

MAX_BODY_BYTES = 256 * 1024
"""The largest body that is read (contract, section 2)."""


class UnexpectedErrors:
    """Answers 500 for an exception that nobody expected, and logs its class only.

    Its text, and a traceback with the source of the line it was raised in, may hold a customer's data.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        is_started = False

        async def watch(message: Message) -> None:
            nonlocal is_started
            is_started = is_started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except Exception as error:  # noqa: BLE001  # the last place to catch one
            logger.error("a request failed with an unexpected %s", type(error).__name__)  # noqa: TRY400
            if scope["type"] == "http" and not is_started:
                await ProblemResponse(HTTPStatus.INTERNAL_SERVER_ERROR)(scope, receive, send)


class TrailingSlashes:
    """Serves a path with a trailing slash as the one without it; nothing redirects (contract, section 2)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] == "http" and scope["path"] != "/":
            scope = {**scope, "path": scope["path"].rstrip("/")}
        await self._app(scope, receive, send)


class BodyLimit:
    """Answers 413 to a body over 256 KiB, whether or not its length was announced."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        messages = None if _announces_too_much(scope) else await _read_body(receive)
        if messages is None:
            await ProblemResponse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)(scope, receive, send)
            return

        async def replay() -> Message:
            return messages.popleft() if messages else await receive()

        await self._app(scope, replay, send)


def _announces_too_much(scope: Scope) -> bool:
    # the server has checked that it is a number
    return int(Headers(scope=scope).get("content-length", 0)) > MAX_BODY_BYTES


async def _read_body(receive: Receive) -> deque[Message] | None:
    """Give the messages of a whole body, or None where it is too large."""
    messages: deque[Message] = deque()
    size = 0
    while True:
        message = await receive()
        messages.append(message)
        size += len(message.get("body", b""))
        if size > MAX_BODY_BYTES:
            return None
        if not message.get("more_body", False):
            return messages
