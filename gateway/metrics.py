"""What the gateway counts, for Prometheus (contract, section 2). No label holds a caller, a customer or an id."""

import time

from fastapi import APIRouter, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# a series for the birth of each other one
disable_created_metrics()  # type: ignore[no-untyped-call]  # the library has not typed it

STARTS = Counter(
    "gateway_quotation_starts",
    "Quotations started, or found by their idempotency key.",
    ["environment", "outcome"],
)
STATUS_QUERIES = Counter(
    "gateway_status_queries", "Status queries of unfinished quotations, by whether a worker answered.", ["outcome"]
)
WATCHERS = Gauge("gateway_watchers", "Callers that wait for a quotation or follow its events.")
TEMPORAL_FAILURES = Counter(
    "gateway_temporal_failures", "Calls that Temporal did not serve, by reason.", ["reason"]
)
TOOL_CALLS = Counter("gateway_mcp_tool_calls", "MCP tool calls.", ["tool", "outcome"])

_REQUESTS = Counter("gateway_http_requests", "HTTP requests answered.", ["method", "route", "status"])
_SECONDS = Histogram(
    "gateway_http_request_seconds",
    "From a request to the end of its answer; waiting and event streams included.",
    ["method", "route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
)

_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
_ROUTE = "gateway.route"


def create_router() -> APIRouter:
    """Give `/metrics`."""
    router = APIRouter(tags=["health"])

    @router.get(
        "/metrics",
        response_class=Response,
        responses={200: {"description": "Prometheus' text format.", "content": {"text/plain": {}}}},
    )
    async def metrics() -> Response:
        """Give what this process has counted since it started."""
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router


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
