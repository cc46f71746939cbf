"""Bodies as the routes read them: not compressed, and JSON in UTF-8 without a byte order mark (RFC 8259)."""

import codecs
import json
from contextlib import suppress
from email.message import Message as Headed
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.web.problems import ProblemResponse

# the charsets that older clients name; what they call Latin-1 is Windows' form of it (WHATWG, Encoding)
_CHARSETS = {"iso8859-1": "cp1252", "cp1252": "cp1252", "iso8859-15": "iso8859-15"}


class ReadableBodies:
    """Serves a JSON body that has a byte order mark or names another charset as UTF-8; answers 415 if compressed.

    A body that is valid UTF-8 is taken for that, whatever charset it names.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request with a body that can be read."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            body, receive = await read_body(scope, receive)
        except ClientDisconnect:
            return
        headers = Headers(scope=scope)
        if body and _is_compressed(headers.get("content-encoding", "")):
            # RFC 9110, section 12.5.3
            refusal = ProblemResponse(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, headers={"Accept-Encoding": "identity"})
            await refusal(scope, receive, send)
            return
        read = _in_utf8(body, headers.get("content-type", ""))
        if read is not body:
            changed = MutableHeaders(raw=list(scope["headers"]))
            changed["content-length"] = str(len(read))
            scope["headers"], receive = changed.raw, _replaying(read, receive)
        await self._app(scope, receive, send)


async def read_body(scope: Scope, receive: Receive) -> tuple[bytes, Receive]:
    """Return the body of a request, and a `receive` for an application that reads it again."""
    body = await Request(scope, receive).body()
    return body, _replaying(body, receive)


def _replaying(body: bytes, receive: Receive) -> Receive:
    unread: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return unread.pop() if unread else await receive()

    return replay


def _is_compressed(codings: str) -> bool:
    return any(coding.strip().lower() not in ("", "identity") for coding in codings.split(","))


def _in_utf8(body: bytes, content_type: str) -> bytes:
    """Return a JSON body in UTF-8, and a body of which that is not certain as it is."""
    headed = Headed()
    headed["content-type"] = content_type
    if not headed.get_content_type().endswith(("/json", "+json")):
        return body
    encoding = json.detect_encoding(body)
    with suppress(UnicodeDecodeError):
        text = body.decode(encoding)
        return body if encoding == "utf-8" else text.encode()
    with suppress(LookupError, KeyError, UnicodeDecodeError):
        charset = codecs.lookup(headed.get_content_charset("")).name
        return body.decode(_CHARSETS[charset]).encode()
    return body
