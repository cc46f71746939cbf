"""Event streams over HTTP: one caller has so many open, and a closed one makes room."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import httpx2

from gateway.service.status.streams import MOST_STREAMS
from tests.gateway.status.test_waiting import many_connections
from tests.support.callers import ANA, BOB, bearer


async def test_a_caller_with_all_its_streams_open_must_close_one_before_it_opens_another(
    keyed: str, request_body: dict[str, Any]
) -> None:
    async with many_connections(keyed) as many, AsyncExitStack() as open_streams:
        ids = []
        for key in (ANA, BOB):
            started = await many.post("/api/quotation/async", json=request_body, headers=bearer(key))
            ids.append(started.json()["tracking_id"])
        anas, bobs = (f"/api/quotation/{tracking_id}/events" for tracking_id in ids)

        async def open_one(key: str, path: str) -> httpx2.Response:
            return await open_streams.enter_async_context(many.stream("GET", path, headers=bearer(key)))

        first = [await open_one(ANA, anas) for _ in range(MOST_STREAMS)]
        refused = await open_one(ANA, anas)
        others = await open_one(BOB, bobs)
        await first[0].aclose()
        async with asyncio.timeout(30):
            while (again := await open_one(ANA, anas)).status_code != 200:
                await asyncio.sleep(0.1)

        assert {response.status_code for response in first} == {200}
        assert refused.status_code == 429
        assert "100 event streams" in (await refused.aread()).decode()
        assert (others.status_code, again.status_code) == (200, 200)
