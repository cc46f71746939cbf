"""Who may see the board and act on it, and the frame of all its pages."""

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.access.board_sessions import BOARD_PATH, BoardSessions
from gateway.access.current_caller import known_caller
from gateway.access.page_links import query_of
from gateway.errors import GatewayError
from gateway.pages.languages import ENGLISH
from gateway.pages.rendering import PRIVATE, rendered
from gateway.service.callers import Caller
from gateway.web.path_prefix import prefix_of
from gateway.web.problems import refusal

Fields = Mapping[str, str]
Shown = Callable[[Request, Caller], Awaitable[Response]]
Acted = Callable[[Request, Caller, Fields], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]

TOKEN = "token"  # noqa: S105  # the name of the field
"""The field of each form that holds the session's token."""

STATES = {
    "queued": "Queued",
    "processing": "Processing",
    "retrying": "Retrying",
    "completed": "Completed",
    "failed": "Failed",
    "cancelled": "Cancelled",
}
"""The states in the words of the API, which operators know."""

_MOST_FIELDS = 400

# with no-referrer, browsers send our forms with the origin null
_HEADERS = {**PRIVATE, "Content-Language": ENGLISH, "Referrer-Policy": "same-origin"}


class Entry:
    """Admits operators, and makes the pages that they see."""

    def __init__(self, sessions: BoardSessions) -> None:
        self._sessions = sessions

    def reading(self, show: Shown) -> Endpoint:
        """Return the endpoint of a page for callers who read everyone's quotations."""

        async def serve(request: Request) -> Response:
            caller = known_caller(request)
            if caller is None:
                return self._unknown(request)
            if caller.read_owner is not None:
                return self.message(request, HTTPStatus.FORBIDDEN, *_NOT_EVERYONES)
            try:
                return await show(request, caller)
            except GatewayError as error:
                return self.refused(request, error)

        return serve

    def asking(self, show: Shown) -> Endpoint:
        """Return the endpoint of a page that asks first, for callers who change everyone's quotations."""

        async def serve(request: Request, caller: Caller) -> Response:
            if caller.changed_owner is not None:
                return self.message(request, HTTPStatus.FORBIDDEN, *_ONLY_READS)
            return await show(request, caller)

        return self.reading(serve)

    def acting(self, act: Acted) -> Endpoint:
        """Return the endpoint of a form, for the same callers; only our own pages may send it."""

        async def serve(request: Request, caller: Caller) -> Response:
            fields = await fields_of(request)
            if not self._sessions.is_own_form(request, fields.get(TOKEN, "")):
                return self.message(request, HTTPStatus.FORBIDDEN, *_FOREIGN_FORM)
            return await act(request, caller, fields)

        return self.asking(serve)

    def page(self, template: str, request: Request, http_status: int = HTTPStatus.OK, **values: Any) -> Response:
        """Return a page of the board."""
        caller = known_caller(request)
        shown = rendered(
            f"board/{template}",
            request.scope,
            ENGLISH,
            board=f"{prefix_of(request.scope)}{BOARD_PATH}",
            caller=caller,
            acts=caller is not None and caller.changed_owner is None,
            token=self._sessions.token(request),
            states=STATES,
            **values,
        )
        return Response(shown, http_status, _HEADERS, "text/html")

    def message(self, request: Request, http_status: int, title: str, sentence: str) -> Response:
        """Return a page with one message."""
        return self.page("message.html", request, http_status, title=title, sentence=sentence, refresh=False)

    def refused(self, request: Request, error: GatewayError) -> Response:
        """Return the page for a refusal of the service."""
        answer = refusal(error)
        sentences = [
            answer.problem.detail,
            *(f"{one.field}: {one.message}" for one in answer.problem.errors or []),
        ]
        response = self.message(request, answer.status_code, answer.problem.title, " ".join(sentences))
        if "retry-after" in answer.headers:
            response.headers["Retry-After"] = answer.headers["retry-after"]
        return response

    def sign_in(self, request: Request, *, is_wrong: bool = False, after: str = "") -> Response:
        """Return the form that asks for a key."""
        return self.page("sign_in.html", request, HTTPStatus.UNAUTHORIZED, is_wrong=is_wrong, after=after)

    def _unknown(self, request: Request) -> Response:
        if request.method != "GET":
            return self.message(request, HTTPStatus.UNAUTHORIZED, *_SESSION_OVER)
        if request.headers.get("sec-fetch-site") == "cross-site":
            # from a link elsewhere, the browser sends a strict cookie only when our own page asks again
            return self.page(
                "message.html", request, title="One moment", sentence="The board opens.", refresh=True
            )
        path = request.scope["path"].removeprefix(prefix_of(request.scope))
        query = query_of(request.scope)
        return self.sign_in(request, after=f"{path}?{query}" if query else path)


async def fields_of(request: Request) -> dict[str, str]:
    """Return the fields of a form; it is empty if the body is not a form."""
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return {}
    body = (await request.body()).decode(errors="replace")
    try:
        return dict(parse_qsl(body, keep_blank_values=True, max_num_fields=_MOST_FIELDS))
    except ValueError:
        return {}


def redirect(request: Request, path: str) -> Response:
    """Return a redirect to a path of the gateway, which a browser follows with GET."""
    headers = {"Cache-Control": "no-store"}
    return RedirectResponse(f"{prefix_of(request.scope)}{path}", HTTPStatus.SEE_OTHER, headers)


_NOT_EVERYONES = (
    "This key does not open the board",
    "It shows everyone's quotations, so it needs a key with the right all, which reads, or operate, which acts.",
)
_ONLY_READS = (
    "This key only reads",
    "To cancel and retry quotations, sign in with a key that has the right operate.",
)
_FOREIGN_FORM = (
    "This form is not valid any more",
    "Nothing was done. Open the page again and repeat what you did: it was made for another session.",
)
_SESSION_OVER = ("The session is over", "Nothing was done. Open the board and sign in again.")
