"""Temporal's visibility is in trouble: only lists notice."""

import asyncio
from typing import Any

import grpc
import httpx2
import pytest

from tests.gateway.conftest import ServeBehind
from tests.support.callers import rest
from tests.support.temporal_relay import VISIBILITY, Relay

Body = dict[str, Any]

HERD = 40


async def hang() -> None:
    await asyncio.Event().wait()


def trouble(relay: Relay, kind: str) -> None:
    if kind == "hangs":
        relay.interfere(hang, *VISIBILITY)
    else:
        relay.fail(grpc.StatusCode[kind], *VISIBILITY)


async def start(http: httpx2.AsyncClient, body: Body) -> str:
    started = await http.post("/api/quotation/async", json=body)
    assert started.status_code == 202, started.text
    return str(started.json()["tracking_id"])


async def assert_readable(http: httpx2.AsyncClient, tracking_id: str) -> None:
    for wait in (0, 0.1):
        status = await http.get(f"/api/quotation/status/{tracking_id}", params={"wait": wait})
        assert (status.status_code, status.json()["status"]) == (200, "queued")


async def until_listed(http: httpx2.AsyncClient, *tracking_ids: str) -> None:
    async with asyncio.timeout(60):
        while True:
            answer = await http.get("/api/quotations", params={"limit": 100})
            if answer.status_code == 200 and {item["tracking_id"] for item in answer.json()["items"]} >= {
                *tracking_ids
            }:
                return
            await asyncio.sleep(0.5)


@pytest.mark.parametrize(("kind", "is_known"), [("UNAVAILABLE", True), ("hangs", False)])
async def test_starts_and_status_reads_go_on_and_lists_and_readiness_say_what_is_missing(
    relay: Relay, serve_behind: ServeBehind, request_body: Body, kind: str, *, is_known: bool
) -> None:
    if not is_known:
        trouble(relay, kind)
    async with serve_behind() as url, rest(url) as http:
        trouble(relay, kind)

        listing = asyncio.create_task(http.get("/api/quotations"))
        tracking_id = await start(http, request_body)
        await assert_readable(http, tracking_id)
        listed = await listing
        ready = await http.get("/readyz")
        later = await start(http, request_body)

        assert (listed.status_code, listed.headers["Retry-After"]) == (503, "5")
        assert listed.json()["detail"].startswith("Quotations cannot be listed at the moment")
        assert (ready.status_code, ready.json()["status"]) == (200, "ready")
        assert "visibility" in ready.json()["missing"][0]
        relay.mend()
        await until_listed(http, tracking_id, later)


async def test_a_herd_of_starts_asks_visibility_once(
    relay: Relay, serve_behind: ServeBehind, request_body: Body
) -> None:
    async with serve_behind(ready="healthz") as url, rest(url) as http:
        await asyncio.gather(*(start(http, request_body) for _ in range(HERD)))
        # twice if the attributes had to be registered
        assert relay.calls["CountWorkflowExecutions"] <= 2

        relay.fail(grpc.StatusCode.RESOURCE_EXHAUSTED, *VISIBILITY)
        await asyncio.gather(*(start(http, request_body) for _ in range(HERD)))

    assert relay.calls["StartWorkflowExecution"] >= 2 * HERD
    assert relay.calls["CountWorkflowExecutions"] < HERD
