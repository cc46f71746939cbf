"""Errors of single fields, in words that never repeat the customer's data; shared by REST and MCP."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, Field

_MOST = 20
_LONGEST_NAME = 64


class FieldError(BaseModel):
    """One wrong field of a request."""

    field: str = Field(description="Dotted path, e.g. lines.0.product_id; empty for the request as a whole.")
    pointer: str = Field(description="The path as a JSON pointer (RFC 6901) in a URI fragment.")
    message: str


def field_errors(problems: Sequence[Mapping[str, Any]]) -> list[FieldError]:
    """Return the first 20 of pydantic's problems; the `loc` of each starts inside the request."""
    return [field_error(_path(problem), problem["msg"]) for problem in problems[:_MOST]]


def _path(problem: Mapping[str, Any]) -> list[str | int]:
    # a problem between several fields is reported at one of them
    field = problem.get("ctx", {}).get("field")
    return [*problem["loc"], *([field] if field else [])]


def field_error(path: Sequence[str | int], message: str) -> FieldError:
    """Return the error at this path."""
    names = [_printable(part) for part in path]
    return FieldError(
        field=".".join(names),
        pointer="#" + "".join(f"/{name.replace('~', '~0').replace('/', '~1')}" for name in names),
        message=message.removeprefix("Value error, "),
    )


def in_words(errors: Sequence[FieldError]) -> str:
    """Return all errors as one line of text."""
    return "; ".join(f"{error.field}: {error.message}" if error.field else error.message for error in errors)


def _printable(name: str | int) -> str:
    # the name of an unknown field is arbitrary text from the caller
    return "".join(character for character in str(name)[:_LONGEST_NAME] if character.isprintable())
