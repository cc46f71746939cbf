"""Programs with fastmcp's client: typed results, and quotations as tasks."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client as Temporal

from odoo_client import OdooRejectedError, OdooUnavailableError
from quotation import steps
from sandbox.ports import free_port
from sandbox.processes import start_module, wait_until_healthy
from tests.clients.installed import PROGRAMS, python_with
from tests.clients.settings import CREATE, GATEWAY, KEY, STATUS
from tests.support.requests import unique_body
from tests.support.script import Script
from tests.support.scripted_worker import ENVIRONMENT, workers


async def said_by(lock: str, client: str, home: dict[str, str], *arguments: str) -> Any:
    """Run a client, and return the JSON that it printed."""
    command: list[str | Path] = [python_with(lock), PROGRAMS / f"{client}_client.py", *arguments]
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=home
    )
    async with asyncio.timeout(100):
        output, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    return json.loads(output)


async def test_a_program_with_fastmcp_is_served(gateway: str, home: dict[str, str]) -> None:
    said = await said_by("mcp2", "fastmcp", home, gateway, KEY, CREATE, STATUS, json.dumps(unique_body()))

    assert {CREATE, STATUS} <= set(said["tools"])
    kind, tracking_id, status = said["created"]
    assert (kind, status) == ("Started", "queued")
    assert said["final"] == ["Status", tracking_id, "completed", "S15433"]
    assert said["lines"] == [1]
    assert said["blank"] == "queued"
    assert "email: must be a bare e-mail address" in said["wrong"]
    assert "discount: is not a known field" in said["unknown"]


@pytest.fixture
def workshop(temporal_address: str, tmp_path: Path) -> Iterator[str]:
    """A gateway for the environment that the test's own worker serves."""
    port = free_port()
    settings = GATEWAY | {"ENVIRONMENTS": ENVIRONMENT, "TEMPORAL_ADDRESS": temporal_address}
    gateway = start_module("gateway", tmp_path / "gateway.log", settings | {"GATEWAY_PORT": str(port)})
    wait_until_healthy(gateway, f"http://127.0.0.1:{port}/readyz")
    yield f"http://127.0.0.1:{port}"
    assert gateway.stop() == 0, gateway.output


@pytest.fixture
async def script(temporal: Temporal) -> AsyncIterator[Script]:
    """The script of the test's own worker, while that runs."""
    script = Script()
    async with workers(temporal, script) as start:
        await start()
        yield script


async def test_fastmcp_s_tasks_are_started_followed_and_cancelled(
    workshop: str, script: Script, home: dict[str, str]
) -> None:
    outage = [OdooUnavailableError("Odoo refused the connection.")] * 1000
    script.fail_after(steps.CREATE_LEAD, 1, OdooRejectedError("No such stage."), *outage)

    said = await said_by(
        "google_adk",
        "fastmcp_tasks",
        home,
        workshop,
        KEY,
        f"{ENVIRONMENT}_create_quotation",
        json.dumps(unique_body()),
    )

    tracking_id, seed, result = said["followed"]
    assert seed == "working"
    assert (result["tracking_id"], result["status"]) == (tracking_id, "completed")
    assert "No such stage." in said["failed"]
    assert said["cancelled"] == ["working", "cancelled"]
    # a refusal is a plain result
    assert "did not run as a task" in said["wrong"]
    assert "email: must be a bare e-mail address" in said["refused"]
