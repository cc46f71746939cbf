"""The parameter `errors=body` in the OpenAPI document; `gateway.web.rejections.ErrorsInBody` reads it."""

from typing import Annotated, Any, Literal

from fastapi import Depends, Query

from gateway.web.rejections import Rejected

_ErrorsInBody = Annotated[
    Literal["body"] | None,
    Query(description="`body`: return errors as `200` with `status: rejected`, for agents that see nothing else."),
]


async def _documented(errors: _ErrorsInBody = None) -> None:
    """Document the parameter."""


DOCUMENTED = Depends(_documented)
"""The dependency of all routes under `/api`."""

REJECTED: dict[int | str, dict[str, Any]] = {
    200: {"description": "A refusal with `errors=body`. Nothing was done.", "model": Rejected}
}
"""The response of a route that does not usually return 200."""
