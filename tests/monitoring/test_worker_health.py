"""`/healthz` and `/readyz` of a worker, and the port that they are on."""

import asyncio
import socket
from pathlib import Path
from typing import Any

import httpx2

from sandbox.ports import free_port
from sandbox.processes import Process, start_module, wait_until, wait_until_healthy
from sandbox.servers import S3_SETTINGS, Server
from sandbox.system import System
from tests.support.requests import unique_body

NOWHERE = S3_SETTINGS | {
    "TEMPORAL_ADDRESS": "127.0.0.1:9",
    "ODOO__DEV__URL": "http://127.0.0.1:9",
    "ODOO__DEV__DB": "acme",
    "ODOO__DEV__USERNAME": "robot",
    "ODOO__DEV__PASSWORD": "hunter2-the-secret",
}


def start(tmp_path: Path, **settings: str) -> Process:
    return start_module("worker", tmp_path / "worker.log", NOWHERE | settings)


async def ready(url: str) -> tuple[int, dict[str, Any]]:
    async with httpx2.AsyncClient(timeout=10) as http:
        answer = await http.get(f"{url}/readyz")
        return answer.status_code, answer.json()


async def missing(url: str, words: str) -> bool:
    """Return True if a worker that is ready says that it misses something, in these words."""
    code, body = await ready(url)
    assert (code, body["status"]) == (200, "ready")
    return any(words in sentence for sentence in body.get("missing", []))


async def test_a_worker_that_waits_for_temporal_lives_and_is_not_ready(tmp_path: Path) -> None:
    port = str(free_port())
    worker = start(tmp_path, WORKER_METRICS_PORT=port)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until_healthy(worker, f"{url}/healthz")
        code, body = await ready(url)
        async with httpx2.AsyncClient() as http:
            assert "worker_build_info{" in (await http.get(f"{url}/metrics")).text
            # a client that keeps its connection does not keep the worker
            assert worker.stop() == 0
    finally:
        worker.kill()
    assert (code, body["status"]) == (503, "not ready")
    assert body["missing"] == ["The worker is starting: Temporal has not answered yet."]
    assert f"metrics and health are at {url}" in worker.output


def test_a_worker_without_the_setting_opens_no_port(tmp_path: Path) -> None:
    worker = start(tmp_path, WORKER_METRICS_PORT="")
    try:
        wait_until(lambda: "Temporal does not answer yet" in worker.output, worker)
        assert not _listens(worker.pid)
        assert worker.stop() == 0
    finally:
        worker.kill()
    assert "metrics and health" not in worker.output


def test_a_port_that_is_taken_is_a_sentence_and_exit_code_2(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        worker = start(tmp_path, WORKER_METRICS_PORT=str(port))
        assert worker.wait() == 2
    assert worker.output.splitlines()[-1] == f"WORKER_METRICS_PORT {port} is in use by another process."


def test_a_host_that_is_not_of_this_machine_is_a_sentence_and_exit_code_2(tmp_path: Path) -> None:
    worker = start(tmp_path, WORKER_METRICS_PORT="0", WORKER_METRICS_HOST="192.0.2.1")
    assert worker.wait() == 2
    assert worker.output.splitlines()[-1] == "WORKER_METRICS_HOST is not an address of this machine."


async def test_a_worker_stays_ready_and_names_the_odoo_that_refuses_it(system: System, worker_url: str) -> None:
    assert system.workers
    async with asyncio.timeout(60):
        while not await missing(worker_url, "ODOO__WRONG__API_KEY may be wrong: Odoo refused"):
            await asyncio.sleep(0.1)


async def test_an_odoo_that_goes_away_later_is_named_until_it_is_back(
    standin: Server, gateway: httpx2.AsyncClient, worker_url: str
) -> None:
    outage = "dev: authenticate fails: Odoo refused the connection."
    assert not await missing(worker_url, outage)
    standin.stop()
    async with asyncio.timeout(90):
        started = (await gateway.post("/api/dev/quotation/async", json=unique_body())).json()
        while not await missing(worker_url, outage):
            await asyncio.sleep(0.1)
        await asyncio.to_thread(standin.start)
        final = (await gateway.get(started["status_url"], params={"wait": 60})).json()
        assert final["status"] == "completed"
        assert not await missing(worker_url, outage)


def _listens(pid: int) -> bool:
    """Return True if the process has a socket that listens, as the kernel lists them."""
    own = {Path(f"/proc/{pid}/fd/{name}").readlink().name for name in _names(f"/proc/{pid}/fd")}
    tables = [Path(f"/proc/{pid}/net/{table}").read_text() for table in ("tcp", "tcp6")]
    rows = [line.split() for table in tables for line in table.splitlines()[1:]]
    return any(row[3] == "0A" and f"socket:[{row[9]}]" in own for row in rows)


def _names(folder: str) -> list[str]:
    return [path.name for path in Path(folder).iterdir()]
