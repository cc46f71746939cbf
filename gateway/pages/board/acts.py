"""Cancel and retry one quotation; each asks first."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway.access.board_sessions import BOARD_PATH
from gateway.errors import FixedFieldError, InvalidCorrectionError
from gateway.field_errors import FieldError
from gateway.pages.board import corrections
from gateway.pages.board.entry import Entry, Fields, Shown, redirect
from gateway.service.callers import Caller
from gateway.service.quotations import QuotationService


@dataclass(frozen=True)
class Question:
    """The question of a page before an act."""

    title: str
    sentence: str
    button: str
    is_danger: bool = False


_CANCEL = Question(
    "Cancel this quotation?",
    "Calls to Odoo that are in progress finish first. What is in Odoo already stays there.",
    "Cancel the quotation",
    is_danger=True,
)
_RETRY = Question(
    "Retry this quotation?",
    "It runs again under the same id. What is in Odoo already is used, and nothing is created twice.",
    "Retry the quotation",
)


def create_router(entry: Entry, service: QuotationService) -> APIRouter:
    """Create the routes of the acts."""
    router = APIRouter(prefix=BOARD_PATH + "/{tracking_id}")

    def asking(question: Question) -> Shown:
        async def show(request: Request, caller: Caller) -> Response:
            story = await service.story(caller, _id_in(request))
            return entry.page("confirm.html", request, story=story, status=story.status, question=question)

        return show

    async def cancel(request: Request, caller: Caller, _: Fields) -> Response:
        await service.cancel(caller, _id_in(request))
        return _back(request, "cancel")

    async def retry(request: Request, caller: Caller, _: Fields) -> Response:
        await service.retry(caller, _id_in(request), {})
        return _back(request, "retry")

    async def form(
        request: Request, caller: Caller, sent: Fields, problems: Sequence[FieldError], http_status: int
    ) -> Response:
        found = await service.correctable(caller, _id_in(request))
        return entry.page(
            "correct.html",
            request,
            http_status,
            status=found.status,
            fields=corrections.fields(found, sent),
            problems=problems,
        )

    async def ask_corrections(request: Request, caller: Caller) -> Response:
        return await form(request, caller, {}, (), HTTPStatus.OK)

    async def correct(request: Request, caller: Caller, sent: Fields) -> Response:
        found = await service.correctable(caller, _id_in(request))
        try:
            await service.retry(caller, _id_in(request), corrections.changes(found, sent))
        except (InvalidCorrectionError, FixedFieldError) as error:
            return await form(request, caller, sent, error.errors, HTTPStatus.UNPROCESSABLE_ENTITY)
        return _back(request, "retry")

    router.get("/cancel", response_model=None)(entry.asking(asking(_CANCEL)))
    router.post("/cancel", response_model=None)(entry.acting(cancel))
    router.get("/retry", response_model=None)(entry.asking(asking(_RETRY)))
    router.post("/retry", response_model=None)(entry.acting(retry))
    router.get("/correct", response_model=None)(entry.asking(ask_corrections))
    router.post("/correct", response_model=None)(entry.acting(correct))
    return router


def _id_in(request: Request) -> str:
    tracking_id: str = request.path_params["tracking_id"]
    return tracking_id


def _back(request: Request, done: str) -> Response:
    return redirect(request, f"{BOARD_PATH}/{_id_in(request)}?done={done}")
