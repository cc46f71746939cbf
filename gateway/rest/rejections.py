"""The parameter `errors=body` in the OpenAPI document; `gateway.web.rejections.ErrorsInBody` reads it."""

from typing import Annotated, Any, Literal

from fastapi import Depends, Query

from gateway.web.rejections import Rejected

_ErrorsInBody = Annotated[
    Literal["body"] | None,
    Query(description="`body`: answer a refusal with 200 and `rejected`, for agents that see no other answers."),
]


async def _documented(errors: _ErrorsInBody = None) -> None:
    """Document the parameter."""


DOCUMENTED = Depends(_documented)
"""The dependency of all routes under `/api`."""

REJECTED: dict[int | str, dict[str, Any]] = {
    200: {"description": "With `errors=body`: refused, nothing was done.", "model": Rejected}
}
"""The answer of a route whose usual answer is not a 200."""
