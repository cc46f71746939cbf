"""Retry all failed quotations that match the filters: how many there are comes first."""

from datetime import UTC, datetime
from http import HTTPStatus

from fastapi import APIRouter
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from gateway.access.board_sessions import BOARD_PATH
from gateway.pages.board.entry import Entry, Fields, redirect
from gateway.pages.board.filters import Filters
from gateway.service.bulk_retries import Retried
from gateway.service.callers import Caller
from gateway.service.quotations import QuotationService

_SHOWN = 20
_WRONG = ("These filters are not valid", "Nothing was done. Go back to the board and choose them again.")


def create_router(entry: Entry, service: QuotationService) -> APIRouter:
    """Create the routes."""
    router = APIRouter(prefix=f"{BOARD_PATH}/retry-all")

    async def retry(caller: Caller, filters: Filters, until: str, *, dry_run: bool) -> Retried:
        wanted = filters.failed(datetime.now(UTC), until)
        environment, owner, words = (text or None for text in (filters.environment, filters.owner, filters.words))
        return await service.retry_all(caller, wanted, environment, owner, words, dry_run=dry_run)

    async def ask(request: Request, caller: Caller) -> Response:
        filters, now = Filters.of(request.query_params), datetime.now(UTC).isoformat()
        try:
            found = await retry(caller, filters, now, dry_run=True)
        except ValidationError:
            return entry.message(request, HTTPStatus.UNPROCESSABLE_ENTITY, *_WRONG)
        return entry.page(
            "retry_all.html",
            request,
            filters=filters,
            # what fails while somebody reads the page was not asked about
            until=now,
            shown=found.tracking_ids[:_SHOWN],
            count=len(found.tracking_ids),
            remaining=found.remaining,
        )

    async def act(request: Request, caller: Caller, fields: Fields) -> Response:
        filters = Filters.of(fields)
        try:
            done = await retry(caller, filters, fields.get("until", ""), dry_run=False)
        except ValidationError:
            return entry.message(request, HTTPStatus.UNPROCESSABLE_ENTITY, *_WRONG)
        counts = {"retried": str(len(done.tracking_ids)), "remaining": str(done.remaining)}
        return redirect(request, BOARD_PATH + filters.query(**counts))

    router.get("", response_model=None)(entry.asking(ask))
    router.post("", response_model=None)(entry.acting(act))
    return router
