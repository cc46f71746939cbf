"""How long other clients wait, and how busy the gateway is.

Status reads come over kept connections, and health checks over new ones.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from statistics import quantiles

import httpx2

from benchmarks.processes import processor_seconds

_READERS = 2
_PAUSE_SECONDS = 0.005
_TIMEOUT_SECONDS = 20.0


@dataclass(frozen=True)
class Gateway:
    """The gateway, and what is read of it."""

    url: str
    pid: int
    key: str
    tracking_id: str


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
    processor: float = 0
    """The gateway's processor seconds for each second; what other processes do does not count."""


async def measure(gateway: Gateway, seconds: float) -> Window:
    """Return how long requests took in this time."""
    window = Window()
    begin, begin_processor = time.monotonic(), processor_seconds(gateway.pid)
    end = begin + seconds
    url = gateway.url
    async with httpx2.AsyncClient(base_url=url, timeout=_TIMEOUT_SECONDS, trust_env=False) as client:

        async def read_status() -> None:
            headers = {"X-API-Key": gateway.key}
            (await client.get(f"/api/quotation/status/{gateway.tracking_id}", headers=headers)).raise_for_status()

        async def check_health() -> None:
            (await client.get("/healthz", headers={"Connection": "close"})).raise_for_status()

        await asyncio.gather(
            *[_repeat(read_status, window.status, end) for _ in range(_READERS)],
            _repeat(check_health, window.health, end),
        )
    window.processor = (processor_seconds(gateway.pid) - begin_processor) / (time.monotonic() - begin)
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
