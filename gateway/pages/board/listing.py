"""The list of quotations, with counts and filters."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from gateway.access.board_sessions import BOARD_PATH
from gateway.errors import GatewayError, ListUnavailableError, TemporalUnavailableError
from gateway.field_errors import field_errors
from gateway.pages.board import sparkline
from gateway.pages.board.entry import Entry, redirect
from gateway.pages.board.filters import SINCE, Filters
from gateway.service.callers import Caller
from gateway.service.lists.counts import HOURS, Counts
from gateway.service.lists.listing import QuotationPage
from gateway.service.quotations import QuotationService
from gateway.web.problems import refusal
from quotation.errors import ErrorCode
from quotation.identity import is_tracking_id
from quotation.status import State


@dataclass(frozen=True)
class Listed:
    """A page of the list, or the sentence that says why there is none."""

    page: QuotationPage | None
    problem: str = ""
    http_status: int = HTTPStatus.OK
    is_away: bool = False


def create_router(entry: Entry, service: QuotationService) -> APIRouter:
    """Create the routes of the list."""
    router = APIRouter(prefix=BOARD_PATH)

    async def show(request: Request, caller: Caller) -> Response:
        filters, now = Filters.of(request.query_params), datetime.now(UTC)
        cursor = request.query_params.get("cursor", "")
        listed, counts = await asyncio.gather(
            _list(service, caller, filters, now, cursor), _count(service, caller, filters)
        )
        return entry.page(
            "list.html",
            request,
            listed.http_status,
            listed=listed,
            counts=counts,
            bars=sparkline.bars(counts.hours) if counts else [],
            ended=sparkline.ORDER,
            size=(sparkline.WIDTH, sparkline.HEIGHT),
            filters=filters,
            cursor=cursor,
            now=now,
            every_state=list(State),
            codes=list(ErrorCode),
            since=SINCE,
            environments=service.environments.usable_by(caller),
            # filters know an environment by its name, a status has its label
            names={one.label: one.name for one in service.environments},
            retried=_number(request, "retried"),
            remaining=_number(request, "remaining"),
            **_in_temporal(service, caller, filters, now),
        )

    async def open_one(request: Request, caller: Caller) -> Response:  # noqa: ARG001
        tracking_id = request.query_params.get("tracking_id", "").strip()
        if not is_tracking_id(tracking_id):
            return entry.message(
                request, HTTPStatus.NOT_FOUND, "No such quotation", "An id looks like quot_abc123def456."
            )
        return redirect(request, f"{BOARD_PATH}/{tracking_id}")

    router.get("", response_model=None)(entry.reading(show))
    router.get("/open", response_model=None)(entry.reading(open_one))
    return router


async def _list(service: QuotationService, caller: Caller, filters: Filters, now: datetime, cursor: str) -> Listed:
    try:
        wanted = filters.wanted(now, cursor)
        return Listed(await service.list_quotations(caller, wanted, filters.environment or None))
    except ValidationError as error:
        problems = "; ".join(f"{one.field} {one.message}" for one in field_errors(error.errors()))
        return Listed(None, f"These filters are not valid: {problems}.", HTTPStatus.UNPROCESSABLE_ENTITY)
    except GatewayError as error:
        is_away = isinstance(error, ListUnavailableError | TemporalUnavailableError)
        return Listed(None, str(error), refusal(error).status_code, is_away=is_away)


async def _count(service: QuotationService, caller: Caller, filters: Filters) -> Counts | None:
    try:
        return await service.counts(caller, filters.environment or None)
    except GatewayError:
        return None


def _in_temporal(service: QuotationService, caller: Caller, filters: Filters, now: datetime) -> dict[str, Any]:
    """Return the ready-made filters of Temporal's pages: names with addresses, and a function for error codes."""
    pages = service.temporal_pages
    names = [environment.name for environment in service.environments.usable_by(caller)]
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    filtered = {f"Failed today in {name}": pages.failed(today, [name]) for name in names}
    filtered["Unfinished for over a minute"] = pages.slow(now, names) if names else None
    chosen = [filters.environment] if filters.environment in names else names

    def with_error(code: ErrorCode) -> str | None:
        return pages.failed(now - timedelta(hours=HOURS), chosen, code)

    return {
        "in_temporal": {name: address for name, address in filtered.items() if address},
        "error_in_temporal": with_error,
    }


def _number(request: Request, name: str) -> int | None:
    text = request.query_params.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < len("1000000") else None
