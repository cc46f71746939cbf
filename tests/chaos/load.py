"""The customers: their requests, and their reaction if the gateway does not answer."""

import asyncio
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Self

import httpx2

from sandbox.catalogue import PRODUCTS
from tests.support.quotations import FINAL

KNOWN_CUSTOMERS = 5
"""How many customers Odoo knows before the first quotation."""

# many of a new customer at once; one of a new customer; one of whom Odoo knows; one of who was here before
_KINDS = _CROWD, _NEW, _KNOWN, _BACK = "crowd", "new", "known", "back"
# what the README tells callers
_POLL_SECONDS = 5.0
_RETRY_SECONDS = 0.2
_FOR_SALE = [product.id for product in PRODUCTS if product.sale_ok and product.active]
# an answer that a customer may get while something is broken; whatever else comes is a fault of the product
_AWAY = {httpx2.codes.SERVICE_UNAVAILABLE}


@dataclass(frozen=True)
class Start:
    """One request to start a quotation, and its outcome. No other has its `lead_name`."""

    body: dict[str, Any]
    tracking_id: str | None
    """None if the answer was lost: the quotation may have been started or not."""

    @property
    def lead_name(self) -> str:
        return str(self.body["lead_name"])

    @property
    def email(self) -> str:
        """The address as Odoo compares it."""
        return str(self.body["email"]).lower()

    @property
    def lines(self) -> list[tuple[int, float, float | None]]:
        """Product, quantity and price of each line; the price is None if none was requested."""
        lines = self.body.get("lines", [self.body])
        return [(line["product_id"], line["product_qty"], line.get("product_price")) for line in lines]


def known_email(number: int) -> str:
    """The address of one of the `KNOWN_CUSTOMERS`."""
    return f"conocido-{number}@cliente.test"


def _new_email(number: int) -> str:
    return f"compras@cliente-{number}.test"


class Requests:
    """Groups of requests that are sent at the same time, without end; the seed decides them."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311  # repeatable, not secret
        self._customers = 0
        self._titles = 0

    def groups(self, quotations: int) -> Iterator[list[dict[str, Any]]]:
        """Return groups of this many requests in all: a crowd, and at least two others."""
        group = self._group(_CROWD)[: max(quotations - 2, 1)]
        while group:
            yield group
            quotations -= len(group)
            [kind] = self._random.choices(_KINDS, weights=[3, 5, 3, 2])
            group = self._group(kind)[:quotations]

    def again(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return the same request as a new one, for a customer whose first one had no answer."""
        self._titles += 1
        return body | {"lead_name": f"Cotización {self._titles:04d}"}

    def _group(self, kind: str) -> list[dict[str, Any]]:
        """Return one customer's requests."""
        size = self._random.randint(5, 10) if kind == _CROWD else 1
        if kind == _KNOWN:
            email = known_email(self._random.randrange(KNOWN_CUSTOMERS))
        elif kind == _BACK:
            email = _new_email(self._random.randint(1, self._customers))
        else:
            self._customers += 1
            email = _new_email(self._customers)
        return [self._request(email) for _ in range(size)]

    def _request(self, email: str) -> dict[str, Any]:
        order: dict[str, Any] = self._line()
        if self._random.random() < 0.4:
            order = {"lines": [self._line() for _ in range(self._random.randint(2, 5))]}
        customer = {
            "partner_name": f"Cliente {email.partition('@')[2]}",
            "contact_name": "Rosa Ruiz",
            "email": "".join(self._random.choice((letter.upper(), letter)) for letter in email),
            "phone": "+52 55 1234 5678",
            "notes": "Entrega <urgente>\nen planta 2",
        }
        return self.again(customer | order)

    def _line(self) -> dict[str, Any]:
        line = {
            "product_id": self._random.choice(_FOR_SALE),
            "product_qty": self._random.choice([1, 2, 0.5, 12]),
        }
        return line | (
            {"product_price": self._random.choice([0, 99.5, 13000])} if self._random.random() < 0.5 else {}
        )


@dataclass
class Customers:
    """They ask for quotations, as many as they were told, and read each one's status until it is final."""

    gateway_url: str
    requests: Requests
    in_flight_at_most: int
    starts: list[Start] = field(default_factory=list)
    """Everything that was sent, accepted or not known to be."""
    in_flight: int = 0
    finished: int = 0
    met: Counter[str] = field(default_factory=Counter)
    """The outcomes that callers of the gateway met, such as refusals and lost answers."""
    wrong: list[str] = field(default_factory=list)
    """Answers that no customer may get, whatever fails."""

    async def __aenter__(self) -> Self:
        self._http = httpx2.AsyncClient(base_url=self.gateway_url, timeout=30)
        self._changed = asyncio.Condition()
        self._following: set[asyncio.Task[None]] = set()
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._following:
            task.cancel()
        await asyncio.gather(*self._following, return_exceptions=True)
        await self._http.aclose()

    @property
    def accepted(self) -> int:
        return sum(start.tracking_id is not None for start in self.starts)

    async def ask_for(self, quotations: int) -> None:
        """Return when this many more have been accepted."""
        for group in self.requests.groups(quotations):
            await self.at_most(self.in_flight_at_most - 1)
            asking = []
            for body in group:
                self.in_flight += 1
                asking.append(asyncio.create_task(self._start(body)))
            await self._tell()
            for start in asyncio.as_completed(asking):
                task = asyncio.create_task(self._follow(await start))
                self._following.add(task)
                task.add_done_callback(self._following.discard)

    async def at_least(self, quotations: int) -> None:
        """Return when this many are in flight."""
        async with self._changed:
            await self._changed.wait_for(lambda: self.in_flight >= quotations)

    async def at_most(self, quotations: int) -> None:
        """Return when no more than this many are in flight."""
        async with self._changed:
            await self._changed.wait_for(lambda: self.in_flight <= quotations)

    async def finished_at_least(self, quotations: int) -> None:
        """Return when this many have become final."""
        async with self._changed:
            await self._changed.wait_for(lambda: self.finished >= quotations)

    async def _start(self, body: dict[str, Any]) -> Start:
        """Ask until the quotation is accepted. If an answer is lost, ask with a new request."""
        while True:
            start = Start(body, await self._send(body))
            self.starts.append(start)
            if start.tracking_id is not None:
                return start
            body = self.requests.again(body)
            await self._until_ready()

    async def _send(self, body: dict[str, Any]) -> str | None:
        while True:
            try:
                answer = await self._http.post("/api/quotation/async", json=body)
            except httpx2.ConnectError:
                # nothing was sent, so the same request may be sent again
                self.met["starts refused, sent again"] += 1
                await asyncio.sleep(_RETRY_SECONDS)
                continue
            except httpx2.TransportError:
                self.met["starts cut"] += 1
                return None
            if answer.status_code == httpx2.codes.ACCEPTED:
                return str(answer.json()["tracking_id"])
            if answer.status_code in _AWAY:
                self.met["starts answered 503"] += 1
            else:
                self.wrong.append(f"a start was answered {answer.status_code}: {answer.text}")
            return None

    async def _until_ready(self) -> None:
        while True:
            try:
                if (await self._http.get("/readyz")).status_code == httpx2.codes.OK:
                    return
            except httpx2.TransportError:
                pass
            await asyncio.sleep(_RETRY_SECONDS)

    async def _follow(self, start: Start) -> None:
        while await self._status(start) not in FINAL:
            await asyncio.sleep(_POLL_SECONDS)
        self.in_flight -= 1
        self.finished += 1
        await self._tell()

    async def _status(self, start: Start) -> str | None:
        try:
            answer = await self._http.get(f"/api/quotation/status/{start.tracking_id}")
        except httpx2.TransportError:
            self.met["status reads cut or refused"] += 1
            return None
        if answer.status_code == httpx2.codes.OK:
            self.met["status reads answered"] += 1
            return str(answer.json()["status"])
        if answer.status_code in _AWAY:
            self.met["status reads answered 503"] += 1
        else:
            self.wrong.append(
                f"the status of {start.tracking_id} was answered {answer.status_code}: {answer.text}"
            )
        return None

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()
