"""Sessions of the board, and the tokens of its forms (docs/reference.md, Board).

An operator signs in with a key. The cookie holds neither the key nor its rights: it names one of the gateway's
keys, so a key that is taken out of `GATEWAY_API_KEYS` ends its sessions.
"""

import base64
import hmac
import secrets
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.access.api_keys import KeyRing
from gateway.access.current_caller import known_caller, set_caller
from gateway.api_keys import digest_of
from gateway.service.callers import Caller
from gateway.settings import GatewaySettings

BOARD_PATH = "/board"
"""The path of the board."""

COOKIE = "quotations_board"
"""The name of the cookie of a session."""

SESSION_SECONDS = 8 * 3600
"""How long a session lasts."""

_PURPOSE = b"sessions of the board"
_STATE = "board_session"
_BYTES = 18


class BoardSessions:
    """Opens and checks sessions, and makes and checks the tokens of their forms."""

    def __init__(self, secret: bytes, keys: KeyRing, now: Callable[[], float] = time.time) -> None:
        self._secret = hmac.digest(secret, _PURPOSE, "sha256")
        self._callers = {self._mark(digest): caller for digest, caller in keys.callers}
        self._now = now

    @classmethod
    def from_settings(cls, settings: GatewaySettings) -> "BoardSessions":
        """Create the sessions of these settings."""
        # the secret of a gateway without keys is public, and its forms need tokens too
        secret = settings.tracking_secret.get_secret_value().encode() if settings.knows_callers else None
        return cls(secret or secrets.token_bytes(), KeyRing.from_settings(settings))

    def open(self, key: str) -> str | None:
        """Return the cookie of a new session, or None if the key is not one of the gateway's."""
        mark = self._mark(digest_of(key))
        if mark not in self._callers:
            return None
        content = f"{mark}.{int(self._now()) + SESSION_SECONDS}.{secrets.token_urlsafe(_BYTES)}"
        return f"{content}.{self._signature('session', content)}"

    def caller_of(self, cookie: str) -> Caller | None:
        """Return whose session it is, or None if it is forged or over, or its key is gone."""
        content, _, signature = cookie.rpartition(".")
        if not hmac.compare_digest(self._signature("session", content).encode(), signature.encode()):
            return None
        mark, until, _ = content.split(".")
        return self._callers.get(mark) if self._now() < int(until) else None

    def token(self, request: Request) -> str:
        """Return the token for the forms of this request's session, or of its key if it has none."""
        session = getattr(request.state, _STATE, None)
        caller = known_caller(request)
        return self._signature("form", session or f"key of {caller.name if caller else ''}")

    def is_own_form(self, request: Request, token: str) -> bool:
        """Return True if one of our pages sent this form, in the session for which the page was made."""
        return is_same_origin(request.scope) and hmac.compare_digest(self.token(request).encode(), token.encode())

    def _mark(self, digest: str) -> str:
        return self._signature("key", digest)

    def _signature(self, kind: str, content: str) -> str:
        digest = hmac.digest(self._secret, f"{kind}\n{content}".encode(), "sha256")
        return base64.urlsafe_b64encode(digest[:_BYTES]).decode()


class SessionReaders:
    """Identifies the caller of a request to the board by the cookie of a session."""

    def __init__(self, app: ASGIApp, sessions: BoardSessions) -> None:
        self._app = app
        self._sessions = sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] == "http" and is_on_board(scope):
            cookie = Request(scope).cookies.get(COOKIE, "")
            caller = self._sessions.caller_of(cookie)
            if caller is not None:
                set_caller(scope, caller)
                scope["state"][_STATE] = cookie
        await self._app(scope, receive, send)


def is_on_board(scope: Scope) -> bool:
    """Return True for a path of the board, which asks a caller that it does not know to sign in."""
    return bool(scope["path"] == BOARD_PATH or scope["path"].startswith(f"{BOARD_PATH}/"))


def is_same_origin(scope: Scope) -> bool:
    """Return True unless a browser says that a page of another origin sent the request."""
    headers = Headers(scope=scope)
    origin = headers.get("origin")
    is_from_us = origin is None or urlsplit(origin).netloc == headers.get("host")
    return is_from_us and headers.get("sec-fetch-site", "same-origin") == "same-origin"
