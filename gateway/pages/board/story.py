"""The whole story of one quotation."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway.access.board_sessions import BOARD_PATH
from gateway.access.page_links import page_url
from gateway.pages.board.entry import Entry
from gateway.pages.languages import ENGLISH
from gateway.pages.rendering import words_of
from gateway.pages.view import View, view_of
from gateway.service.callers import Caller
from gateway.service.quotations import QuotationService
from gateway.service.stories import Story
from quotation.status import Result, State

_DONE = {
    "cancel": "Cancellation was requested. Calls to Odoo that are in progress finish first.",
    "retry": "It is running again under the same id.",
}
"""The sentences for what was done before, by a key in the address: the address itself holds no text."""


@dataclass(frozen=True)
class Record:
    """A record in Odoo; without an address until one is known."""

    kind: str
    number: int
    name: str
    url: str | None


def create_router(entry: Entry, service: QuotationService) -> APIRouter:
    """Create the route of a story."""
    router = APIRouter(prefix=BOARD_PATH)

    async def show(request: Request, caller: Caller) -> Response:
        story = await service.story(caller, request.path_params["tracking_id"])
        done = _DONE.get(request.query_params.get("done", ""), "")
        return entry.page("story.html", request, done=done, **_shown(story))

    router.get("/{tracking_id}", response_model=None)(entry.reading(show))
    return router


def _shown(story: Story) -> dict[str, Any]:
    status = story.status
    view = view_of(status, words_of(ENGLISH), ENGLISH)
    return {
        "story": story,
        "status": status,
        "view": view,
        "records": records(status.result, view),
        "page_url": page_url(status.tracking_id),
        "now": datetime.now(UTC),
        "may_cancel": story.may_change and not status.status.is_final,
        "may_retry": story.may_change and status.status in (State.FAILED, State.CANCELLED),
    }


def records(result: Result, view: View) -> list[Record]:
    """Return the records in Odoo so far, in the order of the steps."""
    order = view.order_url
    known: list[tuple[str, int | None, str | None, str | None]] = [
        ("Partner", result.partner_id, result.partner_name, _address(order, "res.partner", result.partner_id)),
        ("Lead", result.lead_id, result.lead_name, _address(order, "crm.lead", result.lead_id)),
        (
            "Opportunity",
            result.opportunity_id,
            result.lead_name,
            _address(order, "crm.lead", result.opportunity_id),
        ),
        ("Sale order", result.sale_order_id, result.sale_order_name, order),
    ]
    return [Record(kind, number, name or "", url) for kind, number, name, url in known if number is not None]


def _address(order_url: str | None, model: str, number: int | None) -> str | None:
    """Return where the Odoo of an order shows another record; that path is the same in all its versions."""
    if order_url is None or number is None:
        return None
    odoo = urlsplit(order_url)
    return f"{odoo.scheme}://{odoo.netloc}/mail/view?{urlencode({'model': model, 'res_id': number})}"
