"""How often one caller may ask, over REST and MCP together."""

import time
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.support import callers
from tests.support.callers import ANA, ANAS_NEW, BOB, BOSS, bearer

PATH = "/api/quotation/status/quot_000000000000"


@pytest.fixture(scope="module")
def limited(serve_gateway: Any) -> Iterator[str]:
    with serve_gateway(**callers.SETTINGS, GATEWAY_RATE_LIMIT="6") as url:
        yield url


async def statuses(http: httpx2.AsyncClient, number: int, path: str = PATH) -> list[int]:
    return [(await http.get(path)).status_code for _ in range(number)]


async def test_a_caller_that_asks_too_often_is_told_when_to_go_on(limited: str) -> None:
    async with callers.rest(limited, bearer(ANA)) as ana, callers.rest(limited, bearer(ANAS_NEW)) as same:
        before = time.monotonic()
        assert await statuses(ana, 3) == [404] * 3
        assert await statuses(same, 3) == [404] * 3
        refused = [
            await ana.get(PATH),
            await same.get(PATH),
            await ana.post("/mcp", json={}),
            await ana.get("/mcp/sse"),
            await ana.get("/nowhere"),
        ]
        assert time.monotonic() - before < 10, "too slow a machine for this test"
    for response in refused:
        assert response.status_code == 429
        assert response.headers["content-type"] == "application/problem+json"
        assert 1 <= int(response.headers["Retry-After"]) <= 11


async def test_others_and_probes_go_on(limited: str) -> None:
    async with callers.rest(limited, bearer(BOB)) as bob:
        assert 429 in await statuses(bob, 8)
        assert await statuses(bob, 8, "/healthz") == [200] * 8
        assert await statuses(bob, 8, "/readyz") == [200] * 8
    async with callers.rest(limited, bearer(BOSS)) as boss:
        assert await statuses(boss, 1) == [404]
    async with callers.rest(limited) as nobody:
        assert await statuses(nobody, 8) == [401] * 8


async def test_the_local_caller_has_no_limit(serve_gateway: Any) -> None:
    with serve_gateway(GATEWAY_RATE_LIMIT="2") as url:
        async with callers.rest(url) as http:
            assert await statuses(http, 10) == [404] * 10


async def test_a_limit_of_0_is_none(serve_gateway: Any) -> None:
    with serve_gateway(**callers.SETTINGS, GATEWAY_RATE_LIMIT="0") as url:
        async with callers.rest(url, bearer(ANA)) as http:
            assert await statuses(http, 10) == [404] * 10
