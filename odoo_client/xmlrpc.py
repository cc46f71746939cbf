"""Odoo over XML-RPC (`/xmlrpc/2`), with one pool of keep-alive connections."""

import asyncio
import functools
import http
import re
import xmlrpc.client
from typing import Any, TypeVar
from xml.parsers.expat import ExpatError

import httpx2
from pydantic import BaseModel, TypeAdapter, ValidationError

from odoo_client.api import Credentials
from odoo_client.errors import OdooAuthError, OdooUnavailableError, OdooUnexpectedError
from odoo_client.faults import fault_error, http_error

T = TypeVar("T")

_HEADERS = {"Content-Type": "text/xml", "User-Agent": "durable-quotations"}


class _Version(BaseModel):
    server_version_info: list[int | str]


class XmlRpcOdoo:
    """An Odoo called over XML-RPC; implements `odoo_client.Odoo`.

    `timeout` bounds one call, in seconds; at most `max_calls` run at once and further ones wait for their turn.
    """

    def __init__(self, credentials: Credentials, *, timeout: float = 30, max_calls: int = 8) -> None:
        self._credentials = credentials
        self._timeout = timeout
        self._slots = asyncio.Semaphore(max_calls)
        self._http = httpx2.AsyncClient(
            base_url=credentials.url,
            headers=_HEADERS,
            timeout=None,  # asyncio.timeout bounds the whole call, which these per-phase ones do not
            limits=httpx2.Limits(max_connections=max_calls, max_keepalive_connections=max_calls),
            trust_env=False,
        )
        self._uid: int | None = None
        self._login: asyncio.Future[int] | None = None
        self._version: int | None = None

    async def login(self) -> int:
        """Give the user's id; `authenticate` costs Odoo half a second, so one acceptance is remembered."""
        if self._uid is not None:
            return self._uid
        if self._login is None:
            self._login = asyncio.ensure_future(self._authenticate())
            self._login.add_done_callback(self._remember_login)
        # one call, and one outcome, for all who come while it is under way; one who leaves takes it from nobody
        return await asyncio.shield(self._login)

    async def major_version(self) -> int:
        """Give Odoo's major version, asked once."""
        if self._version is None:
            version = _check(await self._common("version"), _Version, "version")
            digits = re.search(r"\d+", str(next(iter(version.server_version_info), "")))
            if digits is None:
                raise OdooUnexpectedError("Odoo answered version with something unexpected.")
            # Odoo Online says saas~18
            self._version = int(digits.group())
        return self._version

    async def call(self, model: str, method: str, *args: Any, returns: type[T], **kwargs: Any) -> T:
        """Call `execute_kw`; see `Odoo.call`."""
        uid = await self.login()
        request = (self._db, uid, self._password, model, method, list(args), kwargs)
        try:
            answer = await self._post("object", "execute_kw", request)
        except xmlrpc.client.Fault as fault:
            error = fault_error(fault, model, method, [args, kwargs, self._user, self._password])
            if isinstance(error, OdooAuthError):
                self._uid = None
            raise error from None
        return _check(answer, returns, f"{model}.{method}")

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    @property
    def _db(self) -> str:
        return self._credentials.db

    @property
    def _user(self) -> str:
        return self._credentials.username

    @property
    def _password(self) -> str:
        return self._credentials.password

    async def _authenticate(self) -> int:
        answer = await self._common("authenticate", self._db, self._user, self._password, {})
        if answer is False:
            raise OdooAuthError("Odoo refused the user name or the password.")
        if type(answer) is not int:
            raise OdooUnexpectedError("Odoo answered authenticate with something unexpected.")
        return answer

    def _remember_login(self, login: asyncio.Future[int]) -> None:
        self._login = None
        if not login.cancelled() and login.exception() is None:  # noqa: LOG004  # a future's, no logger's
            self._uid = login.result()

    async def _common(self, method: str, *args: Any) -> Any:
        try:
            return await self._post("common", method, args)
        except xmlrpc.client.Fault as fault:
            raise fault_error(fault, "common", method, args) from None

    async def _post(self, service: str, method: str, args: tuple[Any, ...]) -> Any:
        body = xmlrpc.client.dumps(args, method, allow_none=True)
        async with self._slots:
            try:
                async with asyncio.timeout(self._timeout):
                    response = await self._http.post(f"/xmlrpc/2/{service}", content=body.encode())
            except TimeoutError:
                raise OdooUnavailableError(f"Odoo did not answer within {self._timeout:g} seconds.") from None
            except httpx2.ConnectError:
                raise OdooUnavailableError("Odoo refused the connection.") from None
            except httpx2.RequestError:
                raise OdooUnavailableError("The connection to Odoo broke.") from None
        if response.status_code != http.HTTPStatus.OK:
            raise http_error(response.status_code)
        return _parse(response.content)


def _parse(content: bytes) -> Any:
    try:
        (answer,), _ = xmlrpc.client.loads(content, use_builtin_types=True)
    except xmlrpc.client.Fault:
        raise
    except (ExpatError, xmlrpc.client.ResponseError, ValueError, TypeError, LookupError, ArithmeticError):
        # a proxy's page, or a reply cut short: the next one may be whole
        raise OdooUnavailableError("Odoo's reply was not readable.") from None
    return answer


@functools.cache
def _adapter(returns: Any) -> TypeAdapter[Any]:
    return TypeAdapter(returns)


def _check(answer: Any, returns: type[T], call: str) -> T:
    wanted: Any = returns
    try:
        checked: T = _adapter(wanted).validate_python(answer)
    except ValidationError:
        raise OdooUnexpectedError(f"Odoo answered {call} with something unexpected.") from None
    return checked
