"""How long other clients wait: status reads over kept connections, and health checks over new ones."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from statistics import quantiles

import httpx2

_READERS = 2
_PAUSE_SECONDS = 0.005
_TIMEOUT_SECONDS = 20.0


@dataclass
class Times:
    """The milliseconds that each request took; one that failed counts as its time-out."""

    milliseconds: list[float] = field(default_factory=list)
    failures: int = 0

    @property
    def p50(self) -> float:
        """The median."""
        return quantiles(self.milliseconds, n=100)[49]

    @property
    def p99(self) -> float:
        """The time that one request in a hundred exceeds."""
        return quantiles(self.milliseconds, n=100)[98]


@dataclass
class Window:
    """The measurements of one window."""

    status: Times = field(default_factory=Times)
    health: Times = field(default_factory=Times)


async def measure(url: str, key: str, tracking_id: str, seconds: float) -> Window:
    """Return how long requests took in this time."""
    window = Window()
    end = time.monotonic() + seconds
    async with httpx2.AsyncClient(base_url=url, timeout=_TIMEOUT_SECONDS, trust_env=False) as client:

        async def read_status() -> None:
            headers = {"X-API-Key": key}
            (await client.get(f"/api/quotation/status/{tracking_id}", headers=headers)).raise_for_status()

        async def check_health() -> None:
            (await client.get("/healthz", headers={"Connection": "close"})).raise_for_status()

        await asyncio.gather(
            *[_repeat(read_status, window.status, end) for _ in range(_READERS)],
            _repeat(check_health, window.health, end),
        )
    return window


async def _repeat(request: Callable[[], Awaitable[None]], times: Times, end: float) -> None:
    while time.monotonic() < end:
        before = time.perf_counter()
        try:
            await request()
            took = time.perf_counter() - before
        except httpx2.HTTPError:
            times.failures += 1
            took = _TIMEOUT_SECONDS
        times.milliseconds.append(took * 1000)
        await asyncio.sleep(_PAUSE_SECONDS)
