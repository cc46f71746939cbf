"""The caller of a request: `authentication.Authentication` adds it, and routes read it."""

from typing import Annotated

from fastapi import Depends, Request
from starlette.types import Scope

from gateway.service.callers import Caller

_STATE = "caller"


def set_caller(scope: Scope, caller: Caller) -> None:
    """Add the caller to the scope of a request."""
    scope.setdefault("state", {})[_STATE] = caller


def known_caller(request: Request) -> Caller | None:
    """Return the caller of a request, or None if the path needs no caller."""
    return getattr(request.state, _STATE, None)


def caller_of(request: Request) -> Caller:
    """Return the caller of a request whose path needs one."""
    caller = known_caller(request)
    if caller is None:
        raise RuntimeError("the caller of this path was not identified")
    return caller


async def _caller_of(request: Request) -> Caller:
    # FastAPI calls a plain function in a thread
    return caller_of(request)


CurrentCaller = Annotated[Caller, Depends(_caller_of)]
"""The caller, for a REST route."""
