"""A limit on each caller's requests per minute, so that nobody can block the others."""

import math
from http import HTTPStatus

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.access.current_caller import known_caller
from gateway.rates import RateLimit
from gateway.web.problems import ProblemResponse


class RateLimiting:
    """Answers 429 to a caller who is over the limit. The local caller and open paths have none."""

    def __init__(self, app: ASGIApp, limit: RateLimit) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request within the limit."""
        caller = known_caller(Request(scope)) if scope["type"] == "http" else None
        seconds = 0 if caller is None or caller.is_local else self._limit.seconds_to_wait(caller.name)
        if seconds > 0:
            headers = {"Retry-After": str(math.ceil(seconds))}
            refusal = ProblemResponse(HTTPStatus.TOO_MANY_REQUESTS, headers=headers)
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)
