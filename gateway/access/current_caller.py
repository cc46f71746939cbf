"""The caller of a request, as `authentication.Authentication` puts it there and routes read it."""

from typing import Annotated

from fastapi import Depends, Request
from starlette.types import Scope

from gateway.service.callers import Caller

_STATE = "caller"


def with_caller(scope: Scope, caller: Caller) -> Scope:
    """Give the scope of a request with its caller in it."""
    return {**scope, "state": {**scope.get("state", {}), _STATE: caller}}


def known_caller(request: Request) -> Caller | None:
    """Give the caller of a request, or None where nobody needs to be known for it."""
    return getattr(request.state, _STATE, None)


def caller_of(request: Request) -> Caller:
    """Give the caller of a request that needs one; `authentication.Authentication` has found it out."""
    caller = known_caller(request)
    if caller is None:
        raise RuntimeError("nobody has asked who the caller is")
    return caller


CurrentCaller = Annotated[Caller, Depends(caller_of)]
"""The caller, for a REST route."""
