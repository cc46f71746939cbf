"""Refusals that a voice agent can speak about: in the body of a 200 (docs/reference.md, REST)."""

from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from gateway.errors import GatewayError
from gateway.field_errors import FieldError
from gateway.spoken import refusal_sentence
from gateway.web.problems import Problem, refusal

_ErrorsInBody = Annotated[
    Literal["body"] | None,
    Query(description="`body`: answer a refusal with 200 and `rejected`, for agents that see no other answers."),
]


class Rejection(BaseModel):
    """Why a call was refused."""

    code: str = Field(description="A stable code: Odoo's error code or the kind of refusal, e.g. `not_found`.")
    message: str
    errors: list[FieldError] = Field(description="The wrong fields, if there are any.")


class Rejected(BaseModel):
    """A refusal as a state; nothing was started."""

    status: Literal["rejected"] = "rejected"
    error: Rejection
    spoken_status: str


class _Route(APIRoute):
    """A route that answers a refusal with 200 if the caller asks for that."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_or_reject(request: Request) -> Response:
            try:
                return await handle(request)
            except (GatewayError, RequestValidationError, HTTPException) as error:
                if request.query_params.get("errors") != "body":
                    raise
                return JSONResponse(_rejected(refusal(error).problem).model_dump(mode="json"))

        return handle_or_reject


async def _documented(errors: _ErrorsInBody = None) -> None:
    """Document the parameter: the route reads it, as a body that is not JSON ends a call before dependencies."""


def create_router(**options: Any) -> APIRouter:
    """Create a router whose routes take `?errors=body`."""
    return APIRouter(route_class=_Route, dependencies=[Depends(_documented)], **options)


def _rejected(problem: Problem) -> Rejected:
    errors = problem.errors or []
    code = problem.code or HTTPStatus(problem.status).name.lower()
    return Rejected(
        error=Rejection(code=code, message=problem.detail, errors=errors),
        spoken_status=refusal_sentence(errors, problem.status),
    )
