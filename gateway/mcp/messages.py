"""The form of JSON-RPC messages, checked before the SDK reads them.

The SDK takes a request whose id is not valid for a notification and never answers it, and it answers a batch or a
malformed message with pydantic's own text, which repeats the input. JSON-RPC 2.0, section 5.1, asks for an error.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import pydantic_core
from mcp_types import INVALID_REQUEST, PARSE_ERROR, ErrorData, JSONRPCError, JSONRPCRequest
from mcp_types.jsonrpc import jsonrpc_message_adapter
from pydantic import ValidationError
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.web.bodies import read_body

_NOT_JSON = "The message is not valid JSON in UTF-8."
_BATCH = "Batches are not supported: send one message at a time."
_NOT_AN_OBJECT = "A message must be a JSON object."
_WRONG_ID = "The id of a request must be a string or an integer."
_MALFORMED = "The message is not a JSON-RPC 2.0 request, notification or response."


def error_of(text: bytes | str) -> JSONRPCError | None:
    """Return the error that answers a malformed message, or None if the message is well-formed.

    The error has the id of the request if that is valid, otherwise null.
    """
    try:
        message = pydantic_core.from_json(text)
    except ValueError:
        return _error(PARSE_ERROR, _NOT_JSON)
    if isinstance(message, list):
        return _error(INVALID_REQUEST, _BATCH)
    if not isinstance(message, dict):
        return _error(INVALID_REQUEST, _NOT_AN_OBJECT)
    return _error_of_object(message)


def _error_of_object(message: Mapping[str, Any]) -> JSONRPCError | None:
    request_id = message.get("id")
    has_valid_id = isinstance(request_id, int | str) and not isinstance(request_id, bool)
    is_request = "method" in message and "id" in message
    if is_request and not has_valid_id:
        return _error(INVALID_REQUEST, _WRONG_ID)
    try:
        if is_request:
            JSONRPCRequest.model_validate(message)
        else:
            jsonrpc_message_adapter.validate_python(message)
    except ValidationError:
        return _error(INVALID_REQUEST, _MALFORMED, request_id if has_valid_id else None)
    return None


def _error(code: int, sentence: str, request_id: int | str | None = None) -> JSONRPCError:
    return JSONRPCError(jsonrpc="2.0", id=request_id, error=ErrorData(code=code, message=sentence))


class WellFormed:
    """Answer a malformed message with 400 and a JSON-RPC error, and pass on a well-formed one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a POST request."""
        try:
            body, replay = await read_body(scope, receive)
        except ClientDisconnect:
            return
        error = error_of(body)
        if error is None:
            await self._app(scope, replay, send)
            return
        content = error.model_dump_json(by_alias=True, exclude_unset=True)
        await Response(content, HTTPStatus.BAD_REQUEST, media_type="application/json")(scope, receive, send)
