"""Sign-in with a key, and sign-out."""

import re
from http import HTTPStatus

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway.access.board_sessions import BOARD_PATH, COOKIE, SESSION_SECONDS, BoardSessions, is_same_origin
from gateway.pages.board.entry import TOKEN, Entry, fields_of, redirect
from gateway.web.path_prefix import prefix_of

# a path of the board and nothing that a browser could take for another host
_AFTER = re.compile(rf"{BOARD_PATH}(/[\w/-]*)?(\?[\w=&%+.:~-]*)?", re.ASCII)


def create_router(entry: Entry, sessions: BoardSessions) -> APIRouter:
    """Create the routes of a session."""
    router = APIRouter(prefix=BOARD_PATH)

    @router.post("/sign-in", response_model=None)
    async def sign_in(request: Request) -> Response:
        fields = await fields_of(request)
        if not is_same_origin(request.scope):
            return entry.message(request, HTTPStatus.FORBIDDEN, "Sign in here", "Another page sent this key.")
        after = fields.get("after", "")
        after = after if _AFTER.fullmatch(after) else BOARD_PATH
        cookie = sessions.open(fields.get("key", "").strip())
        if cookie is None:
            return entry.sign_in(request, is_wrong=True, after=after)
        response = redirect(request, after)
        _set_cookie(request, response, cookie, SESSION_SECONDS)
        return response

    @router.get("/sign-in", response_model=None)
    async def lead_on(request: Request) -> Response:
        return redirect(request, BOARD_PATH)

    @router.post("/sign-out", response_model=None)
    async def sign_out(request: Request) -> Response:
        fields = await fields_of(request)
        if not sessions.is_own_form(request, fields.get(TOKEN, "")):
            return entry.message(request, HTTPStatus.FORBIDDEN, "Still signed in", "Another page sent this form.")
        response = redirect(request, BOARD_PATH)
        _set_cookie(request, response, "", 0)
        return response

    return router


def _set_cookie(request: Request, response: Response, cookie: str, seconds: int) -> None:
    response.set_cookie(
        COOKIE,
        cookie,
        max_age=seconds,
        path=f"{prefix_of(request.scope)}{BOARD_PATH}",
        secure=request.scope["scheme"] == "https",
        httponly=True,
        samesite="strict",
    )
