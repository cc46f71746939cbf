"""Odoo over XML-RPC (`/xmlrpc/2`), with one pool of keep-alive connections."""

import asyncio
import functools
import http
import re
import time
import xmlrpc.client
from collections.abc import Callable, Coroutine, Hashable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from xml.parsers.expat import ExpatError

import httpx2
from pydantic import BaseModel, TypeAdapter, ValidationError

from odoo_client.api import Credentials
from odoo_client.cache import Cache, Grants
from odoo_client.diagnosis import (
    answer_error,
    connection_error,
    fault_error,
    login_error,
    reply_error,
    status_error,
)
from odoo_client.errors import OdooAccessDeniedError, OdooAuthError, OdooLoginRefusedError
from odoo_client.login import Login
from odoo_client.traffic import Meter, Slots, in_a_hurry

T = TypeVar("T")

KEPT_SECONDS = 300
"""How long a cached answer is used, and so how long an Odoo upgrade may go unnoticed."""

GRANTED_SECONDS = 60
"""How long a right that the user has is not asked for again, and so how long its loss may go unnoticed."""

_HEADERS = {"Content-Type": "text/xml", "User-Agent": "durable-quotations"}
_MAJOR = re.compile(r"(?<!\d)\d{1,3}(?!\d)")


class _Version(BaseModel):
    server_version_info: list[int | str]


class XmlRpcOdoo:
    """An Odoo called over XML-RPC; implements `odoo_client.Odoo`.

    At most `max_calls` calls run at once. Another call waits up to `patience` seconds for its turn, and then up to
    `timeout` seconds for its answer. A quarter of them are reserved for calls `in_a_hurry`: those that
    somebody waits for, and those whose answers all calls share. `environment` is the label of its metrics.
    """

    def __init__(
        self,
        credentials: Credentials,
        *,
        timeout: float = 30,
        max_calls: int = 8,
        proxy: str | None = None,
        patience: float = 300,
        environment: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._credentials = credentials
        self._timeout = timeout
        self._slots = Slots(max_calls, patience)
        self._meter = Meter(environment, self._slots)
        self._peer = "Odoo's proxy" if proxy else "Odoo"
        self._http = httpx2.AsyncClient(
            proxy=proxy,
            base_url=credentials.url,
            headers=_HEADERS,
            timeout=None,  # these are per phase; asyncio.timeout limits the whole call
            limits=httpx2.Limits(max_connections=max_calls, max_keepalive_connections=max_calls),
            trust_env=False,
        )
        self._clock_difference: timedelta | None = None
        self._login = Login(self._authenticate, clock)
        self._cache = Cache(KEPT_SECONDS, clock)
        self._grants = Grants(GRANTED_SECONDS, clock)

    @property
    def clock_difference(self) -> timedelta | None:
        """How far this machine's clock is ahead of the clock of the server that last answered; None if unknown."""
        return self._clock_difference

    async def login(self) -> int:
        """Return the user's id; see `Login`."""
        with in_a_hurry():
            return await self._login.uid()

    async def major_version(self) -> int:
        """Return Odoo's major version, e.g. 19. It is cached as in `cached_call`."""
        return await self.cached("version", self._ask_version)

    async def call(self, model: str, method: str, *args: Any, returns: type[T], **kwargs: Any) -> T:
        """Call `execute_kw`; see `Odoo.call`."""
        was_remembered = self._login.is_remembered
        try:
            answer = await self._execute(model, method, args, kwargs)
        except OdooAuthError:
            if not was_remembered:
                raise
            # in a restored database the same user may have another id
            answer = await self._execute(model, method, args, kwargs)
        return _check(answer, returns, f"{model}.{method}")

    async def cached_call(self, model: str, method: str, *args: Any, returns: type[T], **kwargs: Any) -> T:
        """Return an answer of `call` that is at most `KEPT_SECONDS` old. Callers must not change it."""

        async def ask() -> T:
            return await self.call(model, method, *args, returns=returns, **kwargs)

        return await self.cached((model, method, repr(args), repr(kwargs), returns), ask)

    async def cached(self, key: Hashable, ask: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Return what `ask` returned at most `KEPT_SECONDS` ago for this key."""
        with in_a_hurry():
            return await self._cache.get(key, ask)

    async def granted(self, key: Hashable, ask: Callable[[], Coroutine[Any, Any, bool]]) -> bool:
        """Return True if `ask` did so at most `GRANTED_SECONDS` ago and no call was refused since, else ask."""
        with in_a_hurry():
            return await self._grants.get(key, ask)

    def forget_grants(self) -> None:
        """Ask for each right again."""
        self._grants.forget()

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

    async def _execute(self, model: str, method: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        was_remembered = self._login.is_remembered
        uid = await self.login()
        request = (self._db, uid, self._password, model, method, list(args), kwargs)
        call = f"{model}.{method}"
        with self._meter.counted(model, method):
            try:
                return await self._post("object", "execute_kw", request, call)
            except xmlrpc.client.Fault as fault:
                error = fault_error(fault, call, [args, kwargs, self._user, self._password])
                if isinstance(error, OdooLoginRefusedError) and not was_remembered:
                    self._login.refused(error)
                elif isinstance(error, OdooAuthError):
                    self._login.forget(uid)
                elif isinstance(error, OdooAccessDeniedError):
                    self.forget_grants()
                raise error from None

    async def _authenticate(self) -> int:
        with self._meter.counted("common", "authenticate"):
            answer = await self._common("authenticate", self._db, self._user, self._password, {})
            if answer is False:
                raise login_error()
        if type(answer) is not int:
            raise answer_error("authenticate")
        return answer

    async def _ask_version(self) -> int:
        with self._meter.counted("common", "version"):
            version = _check(await self._common("version"), _Version, "version")
        # Odoo Online answers saas~18
        digits = _MAJOR.search(str(next(iter(version.server_version_info), "")))
        if digits is None:
            raise answer_error("version")
        return int(digits.group())

    async def _common(self, method: str, *args: Any) -> Any:
        try:
            return await self._post("common", method, args, method)
        except xmlrpc.client.Fault as fault:
            raise fault_error(fault, method, args) from None

    async def _post(self, service: str, method: str, args: tuple[Any, ...], call: str) -> Any:
        body = xmlrpc.client.dumps(args, method, allow_none=True)
        try:
            async with self._slots.one(), asyncio.timeout(self._timeout):
                with self._meter.timed(call):
                    response = await self._http.post(f"/xmlrpc/2/{service}", content=body.encode())
        except (TimeoutError, httpx2.RequestError) as error:
            raise connection_error(error, self._timeout, self._peer) from None
        if response.status_code != http.HTTPStatus.OK:
            raise status_error(response.status_code, call)
        self._clock_difference = _clock_difference(response.headers.get("Date", ""))
        return _parse(response.content)


def _clock_difference(date: str) -> timedelta | None:
    try:
        return datetime.now(UTC) - parsedate_to_datetime(date)
    except (TypeError, ValueError):
        return None


def _parse(content: bytes) -> Any:
    try:
        (answer,), _ = xmlrpc.client.loads(content, use_builtin_types=True)
    except xmlrpc.client.Fault:
        raise
    except (ExpatError, xmlrpc.client.ResponseError, ValueError, TypeError, LookupError, ArithmeticError):
        # a proxy's page or an incomplete reply: the next reply may be good
        raise reply_error() from None
    return answer


@functools.cache
def _adapter(returns: Any) -> TypeAdapter[Any]:
    return TypeAdapter(returns)


def _check(answer: Any, returns: type[T], call: str) -> T:
    wanted: Any = returns
    try:
        checked: T = _adapter(wanted).validate_python(answer)
    except ValidationError:
        raise answer_error(call) from None
    return checked
