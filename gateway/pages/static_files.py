"""The styles, scripts and images of the pages, from this package and never from another host."""

import hashlib
from http import HTTPStatus
from importlib.resources import files

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.responses import Response

from gateway.access.page_links import STATIC_PATH

_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_FILES = {file.name: file.read_bytes() for file in (files("gateway.pages") / "static").iterdir()}
_VERSIONS = {name: hashlib.sha256(content).hexdigest()[:8] for name, content in _FILES.items()}
_FOR_A_YEAR = "public, max-age=31536000, immutable"
_FOR_NOW = "no-cache"


def static_path(name: str) -> str:
    """Return the path of a file, which changes with its content, because browsers keep it for a year."""
    return f"{STATIC_PATH}/{name}?v={_VERSIONS[name]}"


def create_router() -> APIRouter:
    """Create the route that serves the files."""
    router = APIRouter(prefix=STATIC_PATH, include_in_schema=False)

    @router.get("/{name}", response_model=None)
    async def read(name: str, v: str = "") -> Response:
        if name not in _FILES:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        media_type = next(media_type for suffix, media_type in _TYPES.items() if name.endswith(suffix))
        # while a new version is deployed, another replica may have made the page
        kept = _FOR_A_YEAR if v == _VERSIONS[name] else _FOR_NOW
        headers = {"Cache-Control": kept, "X-Content-Type-Options": "nosniff"}
        return Response(_FILES[name], media_type=media_type, headers=headers)

    return router
