"""The parts that both protocols share: connections, slots, time-outs, the login, caches, measurements."""

import asyncio
import functools
import re
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine, Hashable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, TypeVar

import httpx2
from pydantic import TypeAdapter, ValidationError

from odoo_client.api import Credentials
from odoo_client.cache import Cache, Grants
from odoo_client.diagnosis import answer_error, connection_error
from odoo_client.errors import OdooAccessDeniedError, OdooAuthError, OdooError, OdooLoginRefusedError
from odoo_client.login import Login
from odoo_client.traffic import Meter, Slots, in_a_hurry

T = TypeVar("T")

KEPT_SECONDS = 300
"""How long a cached answer is used, and so how long an Odoo upgrade may go unnoticed."""

GRANTED_SECONDS = 60
"""How long a right that the user has is not asked for again, and so how long its loss may go unnoticed."""

_MAJOR = re.compile(r"(?<!\d)\d{1,3}(?!\d)")


class HttpOdoo(ABC):
    """An Odoo called over HTTP with one pool of keep-alive connections; implements `odoo_client.Odoo`.

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
            headers={"User-Agent": "durable-quotations", **self._headers()},
            timeout=None,  # these are per phase; asyncio.timeout limits the whole call
            limits=httpx2.Limits(max_connections=max_calls, max_keepalive_connections=max_calls),
            trust_env=False,
        )
        self._clock_difference: timedelta | None = None
        self._login = Login(self._log_in, clock)
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
        return await self.cached("version", self._major_version)

    async def call(self, model: str, method: str, *args: Any, returns: type[T], **kwargs: Any) -> T:
        """Call a method of a model; see `Odoo.call`."""
        was_remembered = self._login.is_remembered
        try:
            answer = await self._logged_in(model, method, args, kwargs)
        except OdooAuthError:
            if not was_remembered:
                raise
            # in a restored database the same user may have another id
            answer = await self._logged_in(model, method, args, kwargs)
        return check(answer, returns, f"{model}.{method}")

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

    @abstractmethod
    def _headers(self) -> Mapping[str, str]:
        """Return the headers of every request."""

    @abstractmethod
    async def _authenticate(self) -> object:
        """Return the user's id, which the caller checks. Raises `OdooError`."""

    @abstractmethod
    async def _version_info(self) -> Sequence[object]:
        """Return the parts of Odoo's version. Raises `OdooError`."""

    @abstractmethod
    async def _execute(self, uid: int, call: "ModelCall") -> Any:
        """Return the answer to a call. Raises `OdooError`."""

    async def _send(self, request: httpx2.Request, call: str) -> httpx2.Response:
        """Return the response, of any status. Raises `OdooUnavailableError` if there is none."""
        try:
            async with self._slots.one(), asyncio.timeout(self._timeout):
                with self._meter.timed(call):
                    response = await self._http.send(request)
        except (TimeoutError, httpx2.RequestError) as error:
            raise connection_error(error, self._timeout, self._peer) from None
        if response.status_code == HTTPStatus.OK:
            self._clock_difference = _clock_difference(response.headers.get("Date", ""))
        return response

    async def _logged_in(self, model: str, method: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        was_remembered = self._login.is_remembered
        uid = await self.login()
        with self._meter.counted(model, method):
            try:
                return await self._execute(uid, ModelCall(model, method, args, kwargs))
            except OdooError as error:
                if isinstance(error, OdooLoginRefusedError) and not was_remembered:
                    self._login.refused(error)
                elif isinstance(error, OdooAuthError):
                    self._login.forget(uid)
                elif isinstance(error, OdooAccessDeniedError):
                    self.forget_grants()
                raise

    async def _log_in(self) -> int:
        with self._meter.counted("common", "authenticate"):
            uid = await self._authenticate()
        if type(uid) is not int:
            raise answer_error("authenticate")
        return uid

    async def _major_version(self) -> int:
        with self._meter.counted("common", "version"):
            info = await self._version_info()
        # Odoo Online answers saas~18
        digits = _MAJOR.search(str(next(iter(info), "")))
        if digits is None:
            raise answer_error("version")
        return int(digits.group())


class ModelCall:
    """A call of a model's method, and what it sends."""

    def __init__(self, model: str, method: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
        self.model = model
        self.method = method
        self.args = list(args)
        self.kwargs = dict(kwargs)

    @property
    def name(self) -> str:
        """The call in sentences and metrics, e.g. `crm.lead.write`."""
        return f"{self.model}.{self.method}"


def check(answer: Any, returns: type[T], call: str) -> T:
    """Return the answer to `call` as the type `returns`. Raises `OdooUnexpectedError`."""
    wanted: Any = returns
    try:
        checked: T = _adapter(wanted).validate_python(answer)
    except ValidationError:
        raise answer_error(call) from None
    return checked


@functools.cache
def _adapter(returns: Any) -> TypeAdapter[Any]:
    return TypeAdapter(returns)


def _clock_difference(date: str) -> timedelta | None:
    try:
        return datetime.now(UTC) - parsedate_to_datetime(date)
    except (TypeError, ValueError):
        return None
