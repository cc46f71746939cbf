"""Identifies the caller of a request, in the same way for REST and every transport of MCP.

The rules are in `docs/reference.md`, section Access.
"""

from collections.abc import Callable
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.access.api_keys import KeyRing
from gateway.access.board_sessions import is_on_board
from gateway.access.current_caller import known_caller, set_caller
from gateway.access.oauth import InvalidTokenError, TokenVerifier
from gateway.access.protected_resource import ProtectedResource
from gateway.errors import IssuerUnavailableError
from gateway.service.callers import LOCAL, Caller
from gateway.settings import GatewaySettings
from gateway.web.path_prefix import prefix_of
from gateway.web.problems import ProblemResponse

_NOBODY = "A valid key is required: send Authorization: Bearer KEY or X-API-Key: KEY."
_NO_SCOPE = "The token has no scope for any environment of this service."


class Authentication:
    """Adds the caller to the request, or answers 401. A gateway without keys and OAuth serves everyone.

    The board answers by itself if the caller is not known.

    A key comes as `Authorization: Bearer KEY` or `X-API-Key: KEY`, a token as the former. The word `Bearer` may be
    missing, because some platforms send a secret as the whole header.
    """

    def __init__(self, app: ASGIApp, settings: GatewaySettings, is_open: Callable[[Scope], bool]) -> None:
        self._app = app
        self._serves_everyone = not settings.knows_callers
        self._keys = KeyRing.from_settings(settings)
        self._tokens = TokenVerifier.from_settings(settings)
        self._resource = ProtectedResource.from_settings(settings)
        self._is_open = is_open

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request of a known caller."""
        if scope["type"] != "http" or self._is_open(scope) or known_caller(Request(scope)) is not None:
            await self._app(scope, receive, send)
            return
        answer = LOCAL if self._serves_everyone else await self._identify(scope)
        if not isinstance(answer, ProblemResponse):
            set_caller(scope, answer)
        elif not is_on_board(scope):
            await answer(scope, receive, send)
            return
        await self._app(scope, receive, send)

    async def _identify(self, scope: Scope) -> Caller | ProblemResponse:
        headers = Headers(scope=scope)
        credential = without_scheme(headers.get("authorization", ""))
        # a space inside means another scheme
        token = "" if " " in credential else credential
        key = token or headers.get("x-api-key", "")
        caller = self._keys.caller_with(key) if key else None
        if caller is not None:
            return caller
        if token and self._tokens is not None:
            return await self._identify_token(self._tokens, token, prefix_of(scope))
        return self._unauthenticated(prefix_of(scope))

    async def _identify_token(self, tokens: TokenVerifier, token: str, prefix: str) -> Caller | ProblemResponse:
        try:
            caller = await tokens.caller_with(token)
        except InvalidTokenError:
            return self._unauthenticated(prefix, 'error="invalid_token"')
        except IssuerUnavailableError as error:
            return ProblemResponse(HTTPStatus.SERVICE_UNAVAILABLE, str(error))
        if caller.environments:
            return caller
        return self._refuse(HTTPStatus.FORBIDDEN, _NO_SCOPE, prefix, 'error="insufficient_scope"')

    def _unauthenticated(self, prefix: str, *challenge: str) -> ProblemResponse:
        return self._refuse(HTTPStatus.UNAUTHORIZED, _NOBODY, prefix, *challenge)

    def _refuse(self, status: HTTPStatus, sentence: str, prefix: str, *challenge: str) -> ProblemResponse:
        parts = list(challenge)
        # without OAuth nothing is advertised: clients would ignore their key and look for an issuer
        if self._resource is not None:
            scopes = " ".join(self._resource.scopes)
            parts += [f'scope="{scopes}"', f'resource_metadata="{self._resource.metadata_url(prefix)}"']
        challenges = " ".join(["Bearer", ", ".join(parts)]).strip()
        return ProblemResponse(status, sentence, headers={"WWW-Authenticate": challenges})


def without_scheme(value: str) -> str:
    """Return a credential without the word `Bearer`, however often it is there."""
    credential = value.strip()
    while credential.partition(" ")[0].lower() == "bearer":
        credential = credential.partition(" ")[2].strip()
    return credential
