"""Temporal's UI as a caller of the codec: pages of one origin, with a key of their own.

The UI sends no secret but the one in the address that it is configured with; it appends `/decode` to that address.
Temporal's command line can send a header.
"""

import hmac
import re
from dataclasses import dataclass, field
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.access.authentication import without_scheme
from gateway.access.current_caller import set_caller
from gateway.api_keys import digest_of
from gateway.service.callers import Caller
from gateway.settings import GatewaySettings
from gateway.web.problems import ProblemResponse

DECODE_PATH = "/codec/decode"
"""The path of the codec's only operation."""

_PATH = re.compile(r"/codec/(?:(?P<key>[^/]+)/)?decode")
# the last one too if the UI is told to pass on its user's token
_HEADERS = ("Authorization", "Content-Type", "X-Namespace", "Authorization-Extras")
_UI = Caller("Temporal's UI", frozenset())


@dataclass(frozen=True)
class CodecAccess:
    """Who may use the codec: pages of this origin, and programs, with the key that has this digest."""

    origin: str
    digest: str = field(repr=False)

    @classmethod
    def from_settings(cls, settings: GatewaySettings) -> "CodecAccess | None":
        """Create the access of these settings, or return None if the codec is off."""
        origin, key = settings.temporal_ui_origin, settings.codec_key
        if not settings.payload_keys or origin is None or key is None:
            return None
        return cls(origin, digest_of(key.get_secret_value()))

    def admits(self, key: str) -> bool:
        """Return True if this is the key, in constant time."""
        return hmac.compare_digest(digest_of(key), self.digest)


class CodecCallers:
    """Admits requests to the codec, and answers 401 to a wrong key and 403 to pages of another origin."""

    def __init__(self, app: ASGIApp, access: CodecAccess) -> None:
        self._app = app
        self._access = access
        self._shared = CORSMiddleware(
            self._admit, allow_origins=[access.origin], allow_methods=["POST"], allow_headers=_HEADERS
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http" or not is_for_codec(scope):
            await self._app(scope, receive, send)
        elif set(Headers(scope=scope).getlist("origin")) <= {self._access.origin}:
            await self._shared(scope, receive, send)
        else:
            refusal = ProblemResponse(HTTPStatus.FORBIDDEN, "Pages from this origin may not use the codec.")
            await refusal(scope, receive, send)

    async def _admit(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._access.admits(_key_in(scope)):
            refusal = ProblemResponse(
                HTTPStatus.UNAUTHORIZED, "The codec's key is required.", headers={"WWW-Authenticate": "Bearer"}
            )
            await refusal(scope, receive, send)
            return
        # nothing that comes later sees the key
        scope["path"] = DECODE_PATH
        scope["raw_path"] = DECODE_PATH.encode()
        set_caller(scope, _UI)
        await self._app(scope, receive, send)


def is_for_codec(scope: Scope) -> bool:
    """Return True for the path of the codec, with a key or without."""
    return _PATH.fullmatch(scope["path"]) is not None


def _key_in(scope: Scope) -> str:
    match = _PATH.fullmatch(scope["path"])
    in_path = match and match["key"]
    return in_path or without_scheme(Headers(scope=scope).get("authorization", ""))
