"""The page of one quotation, and the events that keep it up to date (docs/reference.md, Page)."""

import contextlib
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.requests import Request
from starlette.responses import Response

from gateway.access.current_caller import known_caller
from gateway.access.page_links import PAGE_PATH, PageLinks, Standing, last_day, query_of
from gateway.errors import GatewayError, MalformedTrackingIdError, TooManyStreamsError, UnknownQuotationError
from gateway.pages import formats
from gateway.pages.languages import language_of
from gateway.pages.rendering import PRIVATE, page, rendered, words_of
from gateway.pages.view import view_of
from gateway.service.quotations import QuotationService
from gateway.web.path_prefix import prefix_of
from quotation.status import QuotationStatus

_PING_SECONDS = 15
_REFRESH_SECONDS = 5


def create_router(service: QuotationService, links: PageLinks) -> APIRouter:
    """Create the routes of a quotation's page. A request without a valid link reads nothing."""
    router = APIRouter(prefix=PAGE_PATH, include_in_schema=False)

    @router.get("/{tracking_id}", response_model=None)
    async def show(request: Request, tracking_id: str) -> Response:
        reader = known_caller(request)
        if reader is None:
            return _refuse(request, links)
        try:
            return _page_of(request, await service.status(reader, tracking_id))
        except GatewayError as error:
            return _unreadable(request, error)

    @router.get("/{tracking_id}/events", response_model=None)
    async def follow(request: Request, tracking_id: str) -> Response:
        reader = known_caller(request)
        if reader is None:
            return _refuse(request, links)
        try:
            statuses = await service.changes(reader, tracking_id)
        except GatewayError as error:
            return _unreadable(request, error)
        return EventSourceResponse(_events(request, statuses), headers=PRIVATE, ping=_PING_SECONDS)

    return router


def _page_of(request: Request, status: QuotationStatus) -> Response:
    query = query_of(request.scope)
    events = f"{prefix_of(request.scope)}{PAGE_PATH}/{status.tracking_id}/events?{query}"
    language = language_of(request.scope)
    return page(
        "quotation.html",
        request.scope,
        **_shown(request, status),
        events=events,
        refresh=None if status.status.is_final else _REFRESH_SECONDS,
        until=formats.day(last_day(query), language),
    )


def _shown(request: Request, status: QuotationStatus) -> dict[str, Any]:
    language = language_of(request.scope)
    return {"status": status, "view": view_of(status, words_of(language), language)}


async def _events(request: Request, statuses: AsyncIterator[QuotationStatus]) -> AsyncIterator[ServerSentEvent]:
    # a browser connects again when a stream ends
    with contextlib.suppress(GatewayError):
        async for status in statuses:
            shown = rendered("quotation_now.html", request.scope, **_shown(request, status))
            yield ServerSentEvent(shown, event="status")


def _refuse(request: Request, links: PageLinks) -> Response:
    standing = links.standing(request.path_params["tracking_id"], query_of(request.scope))
    if standing is Standing.EXPIRED:
        return _message(request, HTTPStatus.GONE, "expired")
    return _message(request, HTTPStatus.FORBIDDEN, "forged")


def _unreadable(request: Request, error: GatewayError) -> Response:
    if isinstance(error, UnknownQuotationError | MalformedTrackingIdError):
        return _message(request, HTTPStatus.NOT_FOUND, "unknown")
    if isinstance(error, TooManyStreamsError):
        return _message(request, HTTPStatus.TOO_MANY_REQUESTS, "full")
    response = _message(request, HTTPStatus.SERVICE_UNAVAILABLE, "away", refresh=_REFRESH_SECONDS)
    response.headers["Retry-After"] = str(_REFRESH_SECONDS)
    return response


def _message(request: Request, status: HTTPStatus, reason: str, refresh: int | None = None) -> Response:
    return page("message.html", request.scope, status, reason=reason, refresh=refresh)
