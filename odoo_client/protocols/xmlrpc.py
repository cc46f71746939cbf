"""Odoo over XML-RPC (`/xmlrpc/2`), which every supported version speaks."""

import xmlrpc.client
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from xml.parsers.expat import ExpatError

from pydantic import BaseModel

from odoo_client.diagnosis import fault_error, login_error, reply_error, status_error
from odoo_client.protocols.client import HttpOdoo, ModelCall, check


class _Version(BaseModel):
    server_version_info: list[int | str]


class XmlRpcOdoo(HttpOdoo):
    """An Odoo called over XML-RPC with a password or an API key."""

    def _headers(self) -> Mapping[str, str]:
        return {"Content-Type": "text/xml"}

    async def _authenticate(self) -> object:
        login = self._credentials
        answer = await self._common("authenticate", login.db, login.username, login.password, {})
        if answer is False:
            raise login_error()
        return answer

    async def _version_info(self) -> Sequence[object]:
        return check(await self._common("version"), _Version, "version").server_version_info

    async def _execute(self, uid: int, call: ModelCall) -> Any:
        login = self._credentials
        request = (login.db, uid, login.password, call.model, call.method, call.args, call.kwargs)
        try:
            return await self._post("object", "execute_kw", request, call.name)
        except xmlrpc.client.Fault as fault:
            sent = [call.args, call.kwargs, login.username, login.password]
            raise fault_error(fault, call.name, sent) from None

    async def _common(self, method: str, *args: Any) -> Any:
        try:
            return await self._post("common", method, args, method)
        except xmlrpc.client.Fault as fault:
            raise fault_error(fault, method, args) from None

    async def _post(self, service: str, method: str, args: tuple[Any, ...], call: str) -> Any:
        body = xmlrpc.client.dumps(args, method, allow_none=True)
        request = self._http.build_request("POST", f"/xmlrpc/2/{service}", content=body.encode())
        response = await self._send(request, call)
        if response.status_code != HTTPStatus.OK:
            raise status_error(response.status_code, call, "XML-RPC")
        return _parse(response.content)


def _parse(content: bytes) -> Any:
    try:
        (answer,), _ = xmlrpc.client.loads(content, use_builtin_types=True)
    except xmlrpc.client.Fault:
        raise
    except (ExpatError, xmlrpc.client.ResponseError, ValueError, TypeError, LookupError, ArithmeticError):
        # a proxy's page or an incomplete reply: the next reply may be good
        raise reply_error() from None
    return answer
