"""Odoo over JSON-2 (`/json/2`), which came with Odoo 19 and takes an API key in place of a password.

One call is one transaction, and Odoo repeats it after a serialization failure, as it does for XML-RPC
(`odoo/service/model.py`, `retrying`). There is no login: the key names the user.
"""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import httpx2
from pydantic import BaseModel, Field, ValidationError

from odoo_client.diagnosis import exception_error, no_database_error, reply_error, status_error
from odoo_client.errors import OdooError
from odoo_client.protocols.arguments import named
from odoo_client.protocols.client import HttpOdoo, ModelCall, check

_PROTOCOL = "JSON-2 (Odoo 19 or newer)"

# the page of an Odoo that cannot open the database of this header; older versions do not know the header
_NO_DATABASE = b"X-Odoo-Database"


class _Version(BaseModel):
    version_info: list[int | str]


class _User(BaseModel):
    uid: object = None


class _Exception(BaseModel):
    """An error's body; the traceback in its `debug` is never read."""

    name: str = Field(pattern=r"^[A-Za-z_]\w*(\.\w+)+$")
    message: str
    # proxies have errors with a name and a message too
    arguments: list[Any]


class Json2Odoo(HttpOdoo):
    """An Odoo called over JSON-2; the password of its credentials is an API key."""

    def _headers(self) -> Mapping[str, str]:
        # with the database in a header Odoo makes no session, and so no cookie
        return {
            "Authorization": f"Bearer {self._credentials.password}",
            "Content-Type": "application/json",
            "X-Odoo-Database": self._credentials.db,
        }

    async def _authenticate(self) -> object:
        return check(await self._call(ModelCall("res.users", "context_get", (), {})), _User, "authenticate").uid

    async def _version_info(self) -> Sequence[object]:
        request = self._http.build_request("GET", "/web/version")
        response = await self._send(request, "version")
        if response.status_code != HTTPStatus.OK:
            raise status_error(response.status_code, "version", _PROTOCOL)
        return check(_parse(response.content), _Version, "version").version_info

    async def _execute(self, uid: int, call: ModelCall) -> Any:  # noqa: ARG002  # the key names the user
        return await self._call(call)

    async def _call(self, call: ModelCall) -> Any:
        body = json.dumps(named(call.method, call.args) | call.kwargs, ensure_ascii=False).encode()
        request = self._http.build_request("POST", f"/json/2/{call.model}/{call.method}", content=body)
        response = await self._send(request, call.name)
        if response.status_code != HTTPStatus.OK:
            raise await self._error(response, call)
        return _parse(response.content)

    async def _error(self, response: httpx2.Response, call: ModelCall) -> OdooError:
        status, login = response.status_code, self._credentials
        if told := _exception(response.content):
            sent = [call.args, call.kwargs, login.username, login.password]
            return exception_error(status, told.name, told.message, call=call.name, sent=sent, protocol=_PROTOCOL)
        if status == HTTPStatus.NOT_FOUND and _NO_DATABASE in response.content:
            return no_database_error(is_server_up=await self._is_database_server_up())
        return status_error(status, call.name, _PROTOCOL)

    async def _is_database_server_up(self) -> bool:
        """Ask Odoo, which gives the same page for a missing database and for a PostgreSQL that is away."""
        request = self._http.build_request("GET", "/web/health", params={"db_server_status": "1"})
        response = await self._send(request, "health")
        return response.status_code != HTTPStatus.INTERNAL_SERVER_ERROR


def _exception(content: bytes) -> _Exception | None:
    try:
        return _Exception.model_validate_json(content)
    except ValidationError:
        return None


def _parse(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        # a proxy's page or an incomplete reply: the next reply may be good
        raise reply_error() from None
