"""Refusals that a voice agent can speak about: in the body of a 200 (docs/reference.md, REST).

`ErrorsInBody` notes that a request asks for them. Every place that refuses it, middleware included, answers with a
`gateway.web.problems.ProblemResponse`, which then takes this form.
"""

from http import HTTPStatus
from typing import Literal
from urllib.parse import parse_qsl

from pydantic import BaseModel, Field
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway import errors
from gateway.errors import GatewayError
from gateway.field_errors import FieldError
from quotation.forgiving.absent import nothing_is_none

_STATE = "errors_in_body"
_BODY = "body"
_PREFIX = "/api"

_SENTENCES: dict[type[GatewayError], str] = {
    errors.UnknownEnvironmentError: "Ese ambiente no existe en el servicio de cotizaciones.",
    errors.ForbiddenEnvironmentError: "No tengo permiso para usar ese ambiente.",
    errors.UnknownQuotationError: "No encuentro ninguna cotización con ese número de seguimiento.",
    errors.UnreadLogError: (
        "No encuentro ninguna cotización reciente con ese número de seguimiento, y las antiguas no se pueden"
        " consultar por ahora."
    ),
    errors.UnreadableQuotationError: "Esa cotización no se puede leer por ahora.",
    errors.KeyReusedError: "Esa clave ya se usó para otra cotización.",
    errors.FixedFieldError: "Ese dato ya no se puede cambiar, porque ya está registrado en el sistema de ventas.",
    errors.FinishedError: "La cotización ya terminó y no se puede cancelar.",
    errors.NotRetryableError: "Solo se puede repetir una cotización que falló o que fue cancelada.",
    errors.NotKeptError: "Esa cotización terminó hace mucho y ya no se puede repetir; hay que hacer una nueva.",
    errors.ListUnavailableError: "La lista no está disponible por ahora; intente de nuevo más tarde.",
    errors.OdooOccupiedError: "El sistema de ventas está ocupado por ahora; intente de nuevo en unos segundos.",
    errors.OdooUnreachableError: "El sistema de ventas no responde por ahora; intente de nuevo en unos segundos.",
}

_CODES: dict[int, str] = {
    # newer versions of Python have other names for these
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "request_entity_too_large",
    HTTPStatus.UNPROCESSABLE_ENTITY: "unprocessable_entity",
}


class Rejection(BaseModel):
    """Why a call was refused."""

    code: str = Field(description="A stable code: Odoo's error code or the kind of refusal, e.g. `not_found`.")
    message: str
    errors: list[FieldError] = Field(description="The wrong fields, if there are any.")


class Rejected(BaseModel):
    """A refused call; nothing was done."""

    status: Literal["rejected"] = "rejected"
    error: Rejection
    spoken_status: str


class ErrorsInBody:
    """Notes that a request under `/api` has the parameter `errors=body`, and takes the parameter away."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] == "http" and _is_under_api(scope["path"]):
            scope.setdefault("state", {})[_STATE] = asks_for_body(scope["query_string"])
            # not every route knows it, and some refuse parameters that they do not know
            kept = (part for part in scope["query_string"].split(b"&") if not _is_read(part))
            scope["query_string"] = b"&".join(kept)
        await self._app(scope, receive, send)


def is_asked_for(scope: Scope) -> bool:
    """Return True if refusals of this request belong in the body of a 200."""
    return bool(scope.get("state", {}).get(_STATE, False))


def is_asked_for_by(address: bytes) -> bool:
    """Return the same for a request of which only the address is known."""
    path, _, query = address.partition(b"?")
    return _is_under_api(path.decode("latin-1")) and asks_for_body(query)


def asks_for_body(query: bytes) -> bool:
    """Return True if this query string has `errors=body`."""
    return any(_value_of(part) == _BODY for part in query.split(b"&"))


def sentence_of(error: GatewayError) -> str | None:
    """Return the specific sentence for this kind of refusal, if there is one."""
    return _SENTENCES.get(type(error))


def code_of(http_status: int) -> str:
    """Return the stable code of a refusal that has none of Odoo's."""
    return _CODES.get(http_status) or HTTPStatus(http_status).name.lower()


def _is_under_api(path: str) -> bool:
    return path == _PREFIX or path.startswith(f"{_PREFIX}/")


def _is_read(part: bytes) -> bool:
    value = _value_of(part)
    return value is not None and nothing_is_none(value) in (None, _BODY)


def _value_of(part: bytes) -> str | None:
    """Return the value of the parameter `errors`, or None if this part of a query string is another one."""
    pairs = parse_qsl(part.decode("latin-1"), keep_blank_values=True)
    return next((value.strip().lower() for name, value in pairs if name == "errors"), None)
