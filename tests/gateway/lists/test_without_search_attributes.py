"""A Temporal that takes no more search attributes: everything works without them, and says so."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from activities.failures import RequestError
from quotation import steps
from quotation.errors import ErrorCode
from sandbox.ports import free_port
from sandbox.processes import Process, start_module, wait_until_healthy
from sandbox.servers import temporal_server
from tests.gateway.lists.test_listing import LISTED, closed, final, items, listed, start, worker_for
from tests.support.callers import bearer, rest
from tests.support.script import Script

SETTINGS = {
    "ENVIRONMENTS": LISTED,
    "TRACKING_SECRET": "tracking-secret",
    "GATEWAY_API_KEYS": f"ana:key-of-ana:{LISTED},bob:key-of-bob:{LISTED},all:key-of-all:{LISTED}:all",
}


@pytest.fixture(scope="module")
def full_temporal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Temporal whose keywords are all taken: a namespace has ten."""
    with temporal_server(tmp_path_factory.mktemp("full")) as server:
        yield server.address


@pytest.fixture
async def temporal(full_temporal: str) -> Client:
    client = await Client.connect(full_temporal, data_converter=pydantic_data_converter)
    taken = {f"Taken{number}": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD for number in range(10)}
    await client.operator_service.add_search_attributes(
        AddSearchAttributesRequest(namespace="default", search_attributes=taken)
    )
    return client


@pytest.fixture
async def plain(temporal: Client, tmp_path: Path) -> AsyncIterator[tuple[Process, str]]:
    port = free_port()
    address = temporal.service_client.config.target_host
    settings = SETTINGS | {"TEMPORAL_ADDRESS": address, "GATEWAY_PORT": str(port)}
    process = start_module("gateway", tmp_path / "gateway.log", settings)
    try:
        await asyncio.to_thread(wait_until_healthy, process, f"http://127.0.0.1:{port}/readyz", 60)
        yield process, f"http://127.0.0.1:{port}"
        assert process.stop() == 0
    finally:
        process.kill()


async def test_all_works_and_readyz_says_what_is_missing(temporal: Client, plain: tuple[Process, str]) -> None:
    process, url = plain
    script = Script()
    script.fail(steps.AUTHENTICATE, RequestError(ErrorCode.PRODUCT_NOT_FOUND, "Product 1 does not exist."))
    async with (
        rest(url, bearer("key-of-ana")) as ana,
        rest(url, bearer("key-of-bob")) as bob,
        rest(url, bearer("key-of-all")) as everyone,
    ):
        ready = (await ana.get("/readyz")).json()
        async with worker_for(temporal, script):
            failed = await start(ana)
            await final(ana, failed)
            await closed(temporal, failed)
            completed = await start(bob)
            await final(bob, completed)
            retried = await start(ana)
            await final(ana, retried)
            await closed(temporal, retried)
        queued = await start(ana)

        await listed(everyone, queued, retried, completed, failed)
        await listed(ana, queued, retried, failed)
        await listed(ana, queued, status="queued")
        await listed(ana, retried, status="completed")
        await listed(ana, failed, status="failed")
        assert await items(ana, status="processing") == []
        # what is bob's leaves no hole in a page
        assert (await pages_of(ana))[:3] == [[queued], [retried], [failed]]

    assert ready["status"] == "ready"
    [missing] = ready["missing"]
    assert "QuotationOwner, QuotationStatus, QuotationEnvironment, ErrorCode" in missing
    assert process.output.count(" cannot be registered") == 1


async def pages_of(http: httpx2.AsyncClient) -> list[list[str]]:
    pages: list[list[str]] = []
    cursor: str | None = ""
    while cursor is not None:
        page: dict[str, Any] = (await http.get("/api/quotations", params={"limit": 1, "cursor": cursor})).json()
        pages.append([item["tracking_id"] for item in page["items"]])
        cursor = page["next_cursor"]
    return pages
