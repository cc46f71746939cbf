"""A client before two gateways, whose every request may reach the other one, as behind a balancer."""

import asyncio
import itertools
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import pytest
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client

from tests.clients.settings import AUTHORIZATION, CREATE, STATUS
from tests.support.requests import REQUEST

ENOUGH_SECONDS = 30


class Balancer(httpx2.AsyncHTTPTransport):
    """Sends each request to the next replica, whatever port it names."""

    def __init__(self, replicas: list[str]) -> None:
        super().__init__(verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
        self._next = itertools.cycle([httpx2.URL(url).port for url in replicas])
        self.served: list[tuple[str, int | None]] = []
        """The method and the port of each request."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        port = next(self._next)
        request.url = request.url.copy_with(port=port)
        self.served.append((request.method, port))
        return await super().handle_async_request(request)


@asynccontextmanager
async def balanced(replicas: list[str]) -> AsyncIterator[tuple[httpx2.AsyncClient, Balancer]]:
    balancer = Balancer(replicas)
    headers = {"Authorization": AUTHORIZATION}
    async with httpx2.AsyncClient(base_url=replicas[0], headers=headers, transport=balancer, timeout=15) as client:
        yield client, balancer


@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_any_replica_answers_any_call_over_mcp(replicas: list[str], mode: str) -> None:
    async with balanced(replicas) as (http, balancer):
        connection = streamable_http_client(f"{replicas[0]}/mcp", http_client=http)
        async with Client(connection, mode=mode) as client:
            tools = {tool.name for tool in (await client.list_tools()).tools}
            created = await client.call_tool(CREATE, REQUEST)
            assert created.structured_content
            tracking_id = created.structured_content["tracking_id"]
            statuses = [await client.call_tool(STATUS, {"tracking_id": tracking_id}) for _ in range(4)]

    assert {CREATE, STATUS} <= tools
    assert all((status.structured_content or {})["tracking_id"] == tracking_id for status in statuses)
    ports = [port for method, port in balancer.served if method == "POST"]
    # the four readings at the least reached both
    assert len(set(ports[-4:])) == 2


async def test_a_quotation_started_at_one_replica_is_read_at_the_other(replicas: list[str]) -> None:
    async with balanced(replicas) as (http, balancer):
        started = await http.post("/api/quotation/async", json=REQUEST)
        seen: list[str] = []
        async with asyncio.timeout(ENOUGH_SECONDS):
            while not seen or seen[-1] != "completed":
                status = await http.get(started.headers["Location"])
                assert status.status_code == 200
                seen.append(status.json()["status"])
                await asyncio.sleep(0.05)

    assert started.status_code == 202
    assert balancer.served[0][1] != balancer.served[1][1]


async def test_both_replicas_find_one_quotation_by_its_key(replicas: list[str]) -> None:
    async with balanced(replicas) as (http, balancer):
        headers = {"Idempotency-Key": "one-order"}
        first = await http.post("/api/quotation/async", json=REQUEST, headers=headers)
        second = await http.post("/api/quotation/async", json=REQUEST, headers=headers)

    assert second.json()["tracking_id"] == first.json()["tracking_id"]
    assert second.headers["Idempotent-Replayed"] == "true"
    assert len({port for _, port in balancer.served}) == 2
