"""The refusals of the gateway's port, for requests that the application never sees."""

from http import HTTPStatus

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.web.problems import ProblemResponse
from gateway.web.rejections import ErrorsInBody, is_asked_for_by
from gateway.web.request_ids import HEADER
from runtime.logs.ids import request_id_from

_DETAILS = {
    HTTPStatus.BAD_REQUEST: "The request is not valid HTTP/1.1."
    " In its address, characters outside ASCII must be percent-encoded.",
    HTTPStatus.SERVICE_UNAVAILABLE: "The service cannot accept another request at the moment.",
}


def response_to(address: bytes, status: HTTPStatus) -> Response:
    """Return the refusal of a request to this address, of which more may not be known."""
    refusal = _refusal(status)
    return refusal.in_body() if is_asked_for_by(address) else refusal


def _refusal(status: HTTPStatus) -> ProblemResponse:
    # the application, which would add an id, has not seen the request
    return ProblemResponse(status, _DETAILS.get(status), headers={HEADER: request_id_from(None)})


async def _refuse_for_lack_of_room(scope: Scope, receive: Receive, send: Send) -> None:
    await _refusal(HTTPStatus.SERVICE_UNAVAILABLE)(scope, receive, send)


NO_ROOM = ErrorsInBody(_refuse_for_lack_of_room)
"""The application that a request gets while the server is full."""
