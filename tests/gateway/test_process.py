import asyncio
import re
import time
from pathlib import Path
from typing import Any

import httpx2
import pytest

from sandbox.processes import Process, start_module, wait_until

NO_TEMPORAL = {"TEMPORAL_ADDRESS": "127.0.0.1:9"}


def start(tmp_path: Path, **settings: str) -> Process:
    return start_module("gateway", tmp_path / "gateway.log", NO_TEMPORAL | settings)


def url_in(process: Process) -> str | None:
    found = re.search(r"listening on (http://\S+)", process.output)
    return found and found[1]


def test_a_gateway_without_temporal_lives_and_ends_promptly_though_a_stream_is_open(tmp_path: Path) -> None:
    process = start(tmp_path, GATEWAY_PORT="0")
    wait_until(lambda: url_in(process) is not None, process)
    url = url_in(process)

    assert httpx2.get(f"{url}/healthz").json() == {"status": "ok"}
    assert httpx2.get(f"{url}/readyz").status_code == 503
    wait_until(lambda: "Temporal does not answer yet; waiting for it" in process.output, process)

    with httpx2.stream("GET", f"{url}/mcp/sse") as stream:
        lines = stream.iter_lines()
        assert next(lines) == "event: endpoint"
        before = time.monotonic()
        assert process.stop() == 0

    assert time.monotonic() - before < 3
    assert "Traceback" not in process.output
    assert "127.0.0.1:9" not in process.output


async def test_a_gateway_that_stops_answers_all_who_wait(
    tmp_path: Path, temporal_address: str, request_body: dict[str, Any]
) -> None:
    process = start(tmp_path, GATEWAY_PORT="0", TEMPORAL_ADDRESS=temporal_address)
    wait_until(lambda: url_in(process) is not None, process)
    async with httpx2.AsyncClient(base_url=url_in(process) or "", timeout=30) as http:
        started = (await http.post("/api/quotation/async", json=request_body)).json()
        tracking_id = started["tracking_id"]
        waiting = asyncio.create_task(http.get(f"/api/quotation/status/{tracking_id}", params={"wait": 60}))
        streaming = asyncio.create_task(http.get(f"/api/quotation/{tracking_id}/events"))
        both = {'gateway_watchers{kind="wait"} 1.0', 'gateway_watchers{kind="stream"} 1.0'}
        while not both <= {*(await http.get("/metrics")).text.splitlines()}:
            await asyncio.sleep(0.05)
        before = time.monotonic()
        code = await asyncio.to_thread(process.stop)
        answer, events = await waiting, await streaming

    assert code == 0
    assert time.monotonic() - before < 5
    assert (answer.status_code, answer.json()["status"]) == (200, "queued")
    assert events.text.count("data: ") >= 1
    assert '"status":"queued"' in events.text


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"GATEWAY_HOST": "0.0.0.0"}, "GATEWAY_HOST must be a loopback address"),  # noqa: S104  # refused
        # a lazy client takes it and would hang
        ({"GATEWAY_PORT": "0", "TEMPORAL_ADDRESS": "127.0.0.1:99999"}, "the TEMPORAL_* settings are wrong"),
    ],
)
def test_a_wrong_setting_is_one_sentence_and_exit_code_2(
    tmp_path: Path, settings: dict[str, str], sentence: str
) -> None:
    process = start(tmp_path, **settings)

    assert process.wait(20) == 2
    assert process.output.startswith(sentence)
    assert len(process.output.splitlines()) == 1


def test_a_port_in_use_is_one_sentence_and_exit_code_2(tmp_path: Path, gateway: str) -> None:
    port = gateway.rpartition(":")[2]

    process = start(tmp_path, GATEWAY_PORT=port)

    assert process.wait(20) == 2
    assert process.output == f"GATEWAY_PORT {port} is in use by another process.\n"
