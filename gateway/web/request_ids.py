"""An id for each request, so that an answer and its log lines can be found together."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from runtime.logs.ids import current_request_id, request_id_from

HEADER = "X-Request-Id"
"""The header that has the id, in requests and answers."""

_STATE = "request_id"


class RequestIds:
    """Reads the id from `X-Request-Id`, or creates one, and returns it in the same header, also with refusals."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request under its id."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = request_id_from(Headers(scope=scope).get(HEADER))
        scope.setdefault("state", {})[_STATE] = request_id
        current_request_id.set(request_id)

        async def with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = request_id
            await send(message)

        await self._app(scope, receive, with_id)


def enter(request: HTTPConnection) -> None:
    """Use the id of `request` for this task's log lines.

    A stream over SSE serves calls that arrive in other requests.
    """
    current_request_id.set(getattr(request.state, _STATE, None))
