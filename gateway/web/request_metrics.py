"""Counts and times every HTTP request, for Prometheus."""

import time

from prometheus_client import Counter, Histogram
from starlette._utils import get_route_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_REQUESTS = Counter("gateway_http_requests", "HTTP requests answered.", ["method", "route", "status"])
_SECONDS = Histogram(
    "gateway_http_request_seconds",
    "From a request to the end of its answer, with waiting and event streams.",
    ["method", "route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
)

_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})


class CountRequests:
    """Counts and times every request, refused ones included."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request and record it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 0

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        began = time.perf_counter()
        try:
            await self._app(scope, receive, watch)
        finally:
            method = scope["method"] if scope["method"] in _METHODS else "other"
            path = _template(scope)
            _REQUESTS.labels(method, path, status).inc()
            _SECONDS.labels(method, path).observe(time.perf_counter() - began)


def _template(scope: Scope) -> str:
    """Return the path of the route that served a request, with parameter names instead of values."""
    # the router adds it to the scope; a path that does not exist must not create a new series
    route = scope.get("route")
    if route is None:
        return "none"
    # a route does not know the prefixes of the routers that include it
    prefix = get_route_path(scope).split("/")[: -route.path.count("/")]
    for name, value in scope["path_params"].items():
        if f"{{{name}}}" not in route.path:
            # the last one: a value may look like another part of the prefix
            place = len(prefix) - 1 - prefix[::-1].index(value)
            prefix[place] = f"{{{name}}}"
    return "/".join(prefix) + str(route.path)
