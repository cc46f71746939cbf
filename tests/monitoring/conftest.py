import asyncio
import dataclasses
from collections.abc import AsyncIterator, Iterator

import httpx2
import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

from quotation.identity import new_tracking_id
from quotation.messages import WORKFLOW, task_queue
from sandbox.ports import free_port
from sandbox.real_odoo import OdooAccess, Protocol
from sandbox.servers import Server, s3_client, s3_server, standin_odoo
from sandbox.system import BUCKET, System, odoo_settings
from tests.monitoring.scrape import Scrape
from tests.support import callers
from tests.support.quotations import NOBODYS_ID
from tests.support.requests import unique_body


@pytest.fixture(scope="package")
def standin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with standin_odoo(tmp_path_factory.mktemp("odoo")) as server:
        yield server


@pytest.fixture(scope="package")
def system(tmp_path_factory: pytest.TempPathFactory, temporal_address: str, standin: Server) -> Iterator[System]:
    """A gateway and a worker with metrics over JSON-2; the environment `wrong` has a wrong key."""
    folder = tmp_path_factory.mktemp("system")
    with s3_server(folder) as s3:
        s3_client(s3.url).create_bucket(Bucket=BUCKET)
        odoo = OdooAccess(standin.url, "quotations", protocol=Protocol.JSON2)
        wrong = dataclasses.replace(odoo, api_key="a-wrong-key")
        extra = {
            "ENVIRONMENTS": "dev,wrong",
            "ODOO__WRONG__PATIENCE": "1",
            "WORKER_METRICS_PORT": str(free_port()),
        }
        system = System(folder, temporal_address, s3.url, odoo, extra | odoo_settings("wrong", wrong))
        try:
            system.start_gateway()
            system.start_worker()
            yield system
            assert system.stop_workers() == [0]
        finally:
            system.kill()


@pytest.fixture(scope="package")
def worker_url(system: System) -> str:
    return f"http://127.0.0.1:{system.settings['WORKER_METRICS_PORT']}"


@pytest.fixture(scope="package")
async def gateway(system: System) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(base_url=system.gateway_url, timeout=90) as client:
        yield client


@pytest.fixture(scope="package")
async def ended(system: System, gateway: httpx2.AsyncClient) -> list[str]:
    """The statuses of two quotations of `dev` that completed, one that its product failed, and one of `wrong`."""
    await _break_a_workflow_task(system.temporal)
    bodies = [("dev", unique_body()), ("dev", unique_body()), ("dev", unique_body(product_id=4711))]
    bodies.append(("wrong", unique_body()))
    statuses = []
    for environment, body in bodies:
        answer = await gateway.post(f"/api/{environment}/quotation/async", json=body)
        # a worker is asked
        await gateway.get(answer.json()["status_url"])
        final = await gateway.get(answer.json()["status_url"], params={"wait": 60})
        statuses.append(final.json()["status"])
    # the logs are searched
    await gateway.get(f"/api/quotation/status/{NOBODYS_ID}")
    async with callers.mcp(system.gateway_url, {}) as client:
        await client.call_tool("dev_list_quotations", {})
    return statuses


@pytest.fixture(scope="package")
async def scrape(ended: list[str], gateway: httpx2.AsyncClient, worker_url: str) -> Scrape:
    """The metrics of both processes after these quotations."""
    assert ended == ["completed", "completed", "failed", "failed"]
    async with httpx2.AsyncClient() as http:
        answers = [await http.get(f"{worker_url}/metrics"), await gateway.get("/metrics")]
    return Scrape([answer.text for answer in answers])


async def _break_a_workflow_task(address: str) -> None:
    """Start a run whose input no version can read: its workflow task fails."""
    client = await Client.connect(address)
    handle = await client.start_workflow(WORKFLOW, 4711, id=new_tracking_id(), task_queue=task_queue("dev"))
    async with asyncio.timeout(60):
        while not [
            event
            async for event in handle.fetch_history_events()
            if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED
        ]:
            await asyncio.sleep(0.1)
    await handle.terminate()
