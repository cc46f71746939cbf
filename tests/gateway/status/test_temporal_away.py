import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp.client.client import Client
from mcp.shared.exceptions import MCPError
from mcp_types import INTERNAL_ERROR

from quotation.identity import new_tracking_id
from sandbox.ports import free_port
from sandbox.processes import Process, start_module, wait_until_healthy
from sandbox.servers import temporal_server
from tests.support.task_client import ask, declaring


@pytest.fixture
def temporal_port() -> int:
    return free_port()


@pytest.fixture
def lonely_gateway(temporal_port: int, tmp_path: Path) -> Iterator[tuple[Process, str]]:
    """A gateway whose Temporal is not there."""
    port = free_port()
    settings = {"TEMPORAL_ADDRESS": f"127.0.0.1:{temporal_port}", "GATEWAY_PORT": str(port)}
    process = start_module("gateway", tmp_path / "gateway.log", settings)
    url = f"http://127.0.0.1:{port}"
    wait_until_healthy(process, f"{url}/healthz")
    yield process, url
    process.kill()


async def assert_unavailable(http: httpx2.AsyncClient, method: str, path: str, **options: Any) -> None:
    before = time.monotonic()
    response = await http.request(method, path, **options)
    assert time.monotonic() - before < 10
    assert response.status_code == 503
    assert response.headers["content-type"] == "application/problem+json"
    assert int(response.headers["Retry-After"]) > 0


async def assert_tool_says_so(url: str) -> None:
    before = time.monotonic()
    async with Client(f"{url}/mcp") as client:
        result = await client.call_tool("dev_get_quotation_status", {"tracking_id": new_tracking_id()})
    assert time.monotonic() - before < 10
    assert result.is_error
    assert "temporarily unavailable" in str(result.content)


async def assert_tasks_and_resources_say_so(url: str) -> None:
    async with declaring(f"{url}/mcp") as client:
        with pytest.raises(MCPError, match="temporarily unavailable") as of_task:
            await ask(client.session, "tasks/get", new_tracking_id())
        with pytest.raises(MCPError, match="temporarily unavailable") as of_resource:
            await client.read_resource(f"quotation://{new_tracking_id()}")
    assert of_task.value.code == of_resource.value.code == INTERNAL_ERROR


async def assert_all_unavailable(http: httpx2.AsyncClient, url: str, body: dict[str, Any]) -> None:
    await asyncio.gather(
        assert_unavailable(http, "POST", "/api/quotation/async", json=body),
        assert_unavailable(http, "GET", f"/api/quotation/status/{new_tracking_id()}"),
        assert_unavailable(http, "GET", "/api/products"),
        assert_unavailable(http, "GET", "/readyz"),
        assert_tool_says_so(url),
        assert_tasks_and_resources_say_so(url),
    )
    assert (await http.get("/healthz")).status_code == 200


async def test_the_gateway_waits_for_temporal_and_survives_its_loss(
    lonely_gateway: tuple[Process, str], temporal_port: int, tmp_path: Path, request_body: dict[str, Any]
) -> None:
    process, url = lonely_gateway
    address = f"127.0.0.1:{temporal_port}"
    async with httpx2.AsyncClient(base_url=url, timeout=15) as http:
        await assert_all_unavailable(http, url, request_body)
        assert "waiting for it" in process.output

        with temporal_server(tmp_path, port=temporal_port):
            wait_until_healthy(process, f"{url}/readyz")
            started = await http.post("/api/quotation/async", json=request_body)
            assert started.status_code == 202

        await assert_all_unavailable(http, url, request_body)

        with temporal_server(tmp_path, port=temporal_port):
            wait_until_healthy(process, f"{url}/readyz")
            status = await http.get(started.json()["status_url"])
            assert status.json()["status"] == "queued"
            assert (await http.post("/api/quotation/async", json=request_body)).status_code == 202

    assert process.stop() == 0
    assert address not in process.output
    assert "Traceback" not in process.output
    assert "acme" not in process.output.lower()
