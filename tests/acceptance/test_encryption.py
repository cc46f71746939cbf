"""With `PAYLOAD_KEYS` Temporal holds nothing readable of a quotation, and everything works as without."""

import base64
import secrets
import sys
from collections.abc import AsyncIterator, Iterator

import httpx2
import pytest
from temporalio.client import Client

from sandbox.ports import free_port
from sandbox.processes import ROOT, Process, start_module, start_process, wait_until_healthy
from sandbox.real_odoo import OdooAccess
from sandbox.servers import temporal_server
from sandbox.system import System
from tests.acceptance.test_secrets import history_of, until_closed
from tests.support import quotations
from tests.support.odoo_view import OdooView
from tests.support.requests import unique_body

FIRST, SECOND, OTHER = (base64.b64encode(secrets.token_bytes(32)).decode() for _ in range(3))
MISSING = "PAYLOAD_KEYS must have the key 'k1' that running quotations are encrypted with."
ANOTHER = "PAYLOAD_KEYS has a key 'k1', but running quotations are encrypted with another one of that id."


@pytest.fixture(scope="module")
def encrypted(tmp_path_factory: pytest.TempPathFactory, s3_url: str, odoo: OdooAccess) -> Iterator[System]:
    """A system with keys and a Temporal of its own, without a worker."""
    folder = tmp_path_factory.mktemp("encrypted")
    keys = {"PAYLOAD_KEYS": f"k1:{FIRST},k2:{SECOND}"}
    with temporal_server(tmp_path_factory.mktemp("encrypted-temporal")) as temporal:
        system = System(folder, temporal.address, s3_url, odoo, keys)
        try:
            system.start_gateway()
            yield system
        finally:
            system.kill()


@pytest.fixture
async def http(encrypted: System) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(base_url=encrypted.gateway_url, timeout=30) as client:
        yield client


async def test_everything_works_and_temporal_reads_nothing(
    encrypted: System, http: httpx2.AsyncClient, view: OdooView
) -> None:
    request, corrected = unique_body(notes="nota reservada"), unique_body()
    away = encrypted.start_worker({"ODOO__DEV__URL": "http://127.0.0.1:9"})
    tracking_id = await quotations.start(http, **request)
    while (status := await quotations.status(http, tracking_id))["retrying"] is None:
        pass
    await assert_unreadable(encrypted, tracking_id, request)
    assert status["retrying"]["last_error"].startswith("Odoo ")
    assert away.stop(20) == 0
    # nobody else's keys go to work on what they cannot read
    for keys, reason in [("", MISSING), (f"k2:{SECOND}", MISSING), (f"k1:{OTHER}", ANOTHER)]:
        for process in refused(encrypted, keys):
            assert process.wait(20) == 2, process.output
            assert process.output.splitlines()[-1] == reason

    # the exchange of a key, which all processes know before one of them uses it
    encrypted.start_worker({"PAYLOAD_KEYS": f"k2:{SECOND},k1:{FIRST}"})
    wrong = await quotations.start(http, **corrected | {"product_id": 999_999_999})
    failed = await quotations.final(http, wrong)
    assert failed["error"]["code"] == "product_not_found"
    assert encrypted.stop_workers() == [0]
    encrypted.start_worker()
    retried = await http.post(f"/api/quotation/{wrong}/retry", json={"product_id": 26174})
    assert retried.status_code == httpx2.codes.ACCEPTED, retried.text
    finals = [await quotations.final(http, one) for one in (tracking_id, wrong)]
    await until_closed(encrypted, [tracking_id, wrong])
    assert encrypted.stop_workers() == [0]

    assert [final["status"] for final in finals] == ["completed", "completed"]
    assert [view.counts(one) for one in (request, corrected)] == [(1, 1, 1, 1)] * 2
    for one, asked in ((tracking_id, request), (wrong, corrected)):
        await assert_unreadable(encrypted, one, asked)
    listed = (await http.get("/api/quotations")).json()["items"]
    assert {item["tracking_id"] for item in listed} == {tracking_id, wrong}


@pytest.mark.parametrize("keys", ["", f"k3:{OTHER}"], ids=["without keys", "with other keys"])
async def test_a_gateway_without_the_key_says_so_and_shows_none(
    encrypted: System, http: httpx2.AsyncClient, keys: str
) -> None:
    [item, *_] = (await http.get("/api/quotations")).json()["items"]
    port = free_port()
    settings = encrypted.settings | {"PAYLOAD_KEYS": keys, "GATEWAY_PORT": str(port)}
    gateway = start_module("gateway", encrypted.folder / "stranger.log", settings)
    try:
        wait_until_healthy(gateway, f"http://127.0.0.1:{port}/readyz")
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}") as stranger:
            status = await stranger.get(f"/api/quotation/status/{item['tracking_id']}")
            listed = await stranger.get("/api/quotations")
    finally:
        assert gateway.stop() == 0

    assert (status.status_code, status.json()["detail"]) == (503, "This quotation cannot be read at the moment.")
    assert (listed.status_code, listed.json()["items"]) == (200, [])
    assert "PAYLOAD_KEYS lacks the key 'k1'" in gateway.output


async def assert_unreadable(system: System, tracking_id: str, request: dict[str, str]) -> None:
    client = await Client.connect(system.temporal)
    description = await client.get_workflow_handle(tracking_id).describe()
    texts, _ = await history_of(system, tracking_id)
    everything = "".join([*texts, description.raw_description.SerializeToString().decode(errors="replace")])
    # none is short enough to occur in random base64
    words = ["Acme Corp", "John Doe", request["email"], "1234 5678", request["lead_name"], "reservada"]
    # and nothing of what Odoo said or holds either
    for word in [*words, "Odoo ", "partner_id"]:
        assert word not in everything


def refused(system: System, keys: str) -> list[Process]:
    """Start a worker and a gateway with these keys."""
    settings = system.settings | {"PAYLOAD_KEYS": keys, "GATEWAY_PORT": str(free_port())}
    name = secrets.token_hex(4)
    return [
        start_process(
            [sys.executable, ROOT / "worker.py"], system.folder / f"refused-worker-{name}.log", settings
        ),
        start_module("gateway", system.folder / f"refused-gateway-{name}.log", settings),
    ]
