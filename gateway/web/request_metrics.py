"""Counts and times every HTTP request, for Prometheus."""

import time

from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_REQUESTS = Counter("gateway_http_requests", "HTTP requests answered.", ["method", "route", "status"])
_SECONDS = Histogram(
    "gateway_http_request_seconds",
    "From a request to the end of its answer; waiting and event streams included.",
    ["method", "route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
)

_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
_ROUTE = "gateway.route"


class CountRequests:
    """Counts and times every request, refused ones included: the first middleware that a request passes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 0

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        route: list[str] = []
        began = time.perf_counter()
        try:
            await self._app({**scope, _ROUTE: route}, receive, watch)
        finally:
            method = scope["method"] if scope["method"] in _METHODS else "other"
            # whoever asks for paths that are none must not make new series
            path = route[0] if route else "none"
            _REQUESTS.labels(method, path, status).inc()
            _SECONDS.labels(method, path).observe(time.perf_counter() - began)


class NoteRoute:
    """Tells `CountRequests` which route served a request: the last middleware that a request passes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        try:
            await self._app(scope, receive, send)
        finally:
            # the router notes it in its scope, of which the outermost one does not know
            if "route" in scope:
                scope[_ROUTE].append(scope["route"].path)
