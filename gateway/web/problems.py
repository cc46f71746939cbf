"""Every refusal of the REST interface, as `application/problem+json` (RFC 9457)."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from gateway.errors import (
    FinishedError,
    FixedFieldError,
    ForbiddenEnvironmentError,
    GatewayError,
    InvalidCorrectionError,
    IssuerUnavailableError,
    KeyReusedError,
    ListUnavailableError,
    MalformedTrackingIdError,
    NotKeptError,
    NotRetryableError,
    OdooFailedError,
    OdooOccupiedError,
    OdooUnreachableError,
    RefusedRequestError,
    TemporalUnavailableError,
    TooManyStreamsError,
    TooManyUnknownError,
    UnexpectedError,
    UnknownEnvironmentError,
    UnknownQuotationError,
    UnreadableQuotationError,
    UnreadLogError,
)
from gateway.field_errors import FieldError, field_errors
from gateway.schemas import input_schema
from gateway.spoken import refusal_sentence
from gateway.web import rejections
from gateway.web.rejections import Rejected, Rejection
from quotation.errors import ErrorCode
from quotation.request import WRONG_FIELD

MEDIA_TYPE = "application/problem+json"
"""The media type of RFC 9457."""

_RETRY_AFTER_SECONDS = 5

_ALSO_IN_BODY = ("retry-after", "x-request-id")
"""The headers of a refusal that a 200 can have too."""

_STATUS_OF: dict[type[GatewayError], int] = {
    ForbiddenEnvironmentError: HTTPStatus.FORBIDDEN,
    UnknownEnvironmentError: HTTPStatus.NOT_FOUND,
    UnknownQuotationError: HTTPStatus.NOT_FOUND,
    UnreadLogError: HTTPStatus.NOT_FOUND,
    MalformedTrackingIdError: HTTPStatus.UNPROCESSABLE_ENTITY,
    KeyReusedError: HTTPStatus.UNPROCESSABLE_ENTITY,
    InvalidCorrectionError: HTTPStatus.UNPROCESSABLE_ENTITY,
    FixedFieldError: HTTPStatus.CONFLICT,
    FinishedError: HTTPStatus.CONFLICT,
    NotKeptError: HTTPStatus.CONFLICT,
    NotRetryableError: HTTPStatus.CONFLICT,
    TemporalUnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
    ListUnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
    TooManyStreamsError: HTTPStatus.TOO_MANY_REQUESTS,
    TooManyUnknownError: HTTPStatus.TOO_MANY_REQUESTS,
    UnexpectedError: HTTPStatus.INTERNAL_SERVER_ERROR,
    UnreadableQuotationError: HTTPStatus.SERVICE_UNAVAILABLE,
    IssuerUnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
    OdooOccupiedError: HTTPStatus.SERVICE_UNAVAILABLE,
    OdooUnreachableError: HTTPStatus.SERVICE_UNAVAILABLE,
    OdooFailedError: HTTPStatus.BAD_GATEWAY,
    RefusedRequestError: HTTPStatus.UNPROCESSABLE_ENTITY,
}

_DETAILS: dict[int, str] = {
    HTTPStatus.BAD_REQUEST: "The body is not valid JSON in UTF-8.",
    HTTPStatus.NOT_FOUND: "This path does not exist.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This path does not support this method.",
    HTTPStatus.REQUEST_TIMEOUT: "The request took too long to arrive.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is larger than 256 KiB.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "Compressed bodies are not read: send the body without Content-Encoding.",
    HTTPStatus.MISDIRECTED_REQUEST: "This service is not available under the request's host name.",
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: "The header is larger than 32 KiB or has more than 100 fields.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "The request is not valid. errors lists the wrong fields.",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many requests. Wait for the number of seconds in Retry-After.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "An unexpected error occurred on the server.",
}

_NO_OBJECT = "The body must be a JSON object, sent with Content-Type: application/json."


class Problem(BaseModel):
    """A refused request."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    code: ErrorCode | None = Field(None, description="The stable code of Odoo's error, if Odoo refused the call.")
    errors: list[FieldError] | None = Field(None, description="The wrong fields, if there are any.")


class ProblemResponse(JSONResponse):
    """A `Problem` as a response."""

    media_type = MEDIA_TYPE

    def __init__(
        self,
        status: int,
        detail: str | None = None,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        *,
        code: ErrorCode | None = None,
        spoken: str | None = None,
    ) -> None:
        title = HTTPStatus(status).phrase
        problem = Problem(
            title=title,
            status=status,
            detail=detail or _DETAILS.get(status, title),
            code=code,
            errors=list(errors) or None,
        )
        retry = {"Retry-After": str(_RETRY_AFTER_SECONDS)} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
        super().__init__(problem.model_dump(mode="json", exclude_none=True), status, {**retry, **(headers or {})})
        self.problem = problem
        self._spoken = spoken

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the problem, in the form that the request asks for."""
        if rejections.is_asked_for(scope):
            await self.in_body()(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    def in_body(self) -> JSONResponse:
        """Return the same refusal as a 200, for voice agents that see no other answers."""
        problem, errors = self.problem, self.problem.errors or []
        code = problem.code or rejections.code_of(problem.status)
        rejected = Rejected(
            error=Rejection(code=code, message=problem.detail, errors=errors),
            spoken_status=self._spoken or refusal_sentence(errors, problem.status, problem.code),
        )
        headers = {name: value for name, value in self.headers.items() if name in _ALSO_IN_BODY}
        return JSONResponse(rejected.model_dump(mode="json"), headers=headers)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return these refusals for the `responses` of a route in the OpenAPI document."""
    content = {MEDIA_TYPE: {"schema": input_schema(Problem)}}
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in statuses}


Refusal = GatewayError | RequestValidationError | HTTPException
"""The exceptions that refuse a request: the service's and the framework's."""


def refusal(error: Refusal) -> ProblemResponse:
    """Return the problem document for a refused request."""
    if isinstance(error, RequestValidationError):
        return _invalid(error.errors())
    if isinstance(error, HTTPException):
        # the framework's own sentences are left out: one of them quotes the path
        return ProblemResponse(error.status_code, headers=error.headers)
    spoken = rejections.sentence_of(error)
    return ProblemResponse(_STATUS_OF[type(error)], str(error), error.errors, code=error.code, spoken=spoken)


def install(app: FastAPI) -> None:
    """Make every refusal of `app` a problem document."""

    @app.exception_handler(GatewayError)
    @app.exception_handler(RequestValidationError)
    @app.exception_handler(HTTPException)
    async def _(_: Request, error: Refusal) -> ProblemResponse:
        return refusal(error)


def _invalid(problems: Sequence[Any]) -> ProblemResponse:
    first = problems[0]
    if first["type"] == "json_invalid":
        return ProblemResponse(HTTPStatus.BAD_REQUEST)
    if first["loc"] == ("body",) and first["type"] != WRONG_FIELD:
        return ProblemResponse(HTTPStatus.UNPROCESSABLE_ENTITY, _NO_OBJECT)
    # the first part of a location is body, path or query
    inside = [{**problem, "loc": problem["loc"][1:]} for problem in problems]
    return ProblemResponse(HTTPStatus.UNPROCESSABLE_ENTITY, errors=field_errors(inside))
