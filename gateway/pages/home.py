"""`GET /` for people: where board and documentation are, and under which addresses programs reach the gateway."""

from dataclasses import dataclass
from http import HTTPStatus

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from gateway.access.board_sessions import BOARD_PATH
from gateway.access.page_links import is_html_wanted
from gateway.pages.rendering import page
from gateway.web.path_prefix import address_of


@dataclass(frozen=True)
class Address:
    """An address: the key of its name in the words of `home`, its path, and whether it needs a key."""

    name: str
    path: str
    needs_key: bool


_DOCUMENTATION = Address("documentation", "/docs", needs_key=True)
_FOR_PEOPLE = (
    Address("board", BOARD_PATH, needs_key=False),
    _DOCUMENTATION,
)
_FOR_PROGRAMS = (
    Address("rest", "/api", needs_key=True),
    Address("openapi", "/openapi.json", needs_key=True),
    Address("mcp", "/mcp", needs_key=True),
    Address("sse", "/mcp/sse", needs_key=True),
    Address("alive", "/healthz", needs_key=False),
    Address("ready", "/readyz", needs_key=False),
    Address("metrics", "/metrics", needs_key=True),
)


def create_router(*, knows_callers: bool) -> APIRouter:
    """Create the route of `/`. To a program that asks for it, the path does not exist."""
    router = APIRouter(include_in_schema=False)

    @router.get("/", response_model=None)
    async def show(request: Request) -> Response:
        if not is_html_wanted(request.scope):
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return page(
            "home.html",
            request.scope,
            address=address_of(request.scope),
            knows_callers=knows_callers,
            # a browser cannot send a key
            links=[one for one in _FOR_PEOPLE if not (one.needs_key and knows_callers)],
            addresses=[*([_DOCUMENTATION] if knows_callers else []), *_FOR_PROGRAMS],
        )

    return router
