"""Refusals as a voice agent can speak about them: in the body of a 200 (contract, section 2, `?errors=body`)."""

from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from gateway.field_errors import FieldError
from gateway.spoken import refusal_sentence
from gateway.web.problems import Problem, ProblemResponse

_PATHS = ("/quotation/async", "/quotation/status/")

ErrorsInBody = Annotated[
    Literal["body"] | None,
    Query(description="`body` answers a refusal with 200 and `rejected`, for agents that see no other answers."),
]
"""The parameter of the routes that can do this; `as_asked` reads it."""


class Rejection(BaseModel):
    """Why a call was refused."""

    code: str = Field(description="A stable code, of Odoo's answer or of the refusal, e.g. `not_found`.")
    message: str
    errors: list[FieldError] = Field(description="The offending fields, where there are any.")


class Rejected(BaseModel):
    """A refusal, told as a state; nothing was started."""

    status: Literal["rejected"] = "rejected"
    error: Rejection
    spoken_status: str


def as_asked(request: Request, refusal: ProblemResponse) -> JSONResponse:
    """Give the refusal as the request wants to have it."""
    is_wanted = request.query_params.get("errors") == "body"
    if not is_wanted or not any(path in request.url.path for path in _PATHS):
        return refusal
    return JSONResponse(_rejected(refusal.problem).model_dump(mode="json"))


def _rejected(problem: Problem) -> Rejected:
    errors = problem.errors or []
    code = problem.code or HTTPStatus(problem.status).name.lower()
    return Rejected(
        error=Rejection(code=code, message=problem.detail, errors=errors),
        spoken_status=refusal_sentence(errors, problem.status),
    )
