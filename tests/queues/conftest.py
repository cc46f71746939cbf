from collections.abc import AsyncIterator, Iterator

import httpx2
import pytest

from sandbox.ports import free_port
from sandbox.real_odoo import OdooAccess
from sandbox.servers import s3_client, s3_server, standin_odoo, temporal_server
from sandbox.system import BUCKET, System
from tests.queues.turnstile import Turnstile
from tests.support import callers
from tests.support.odoo_relay import OdooRelay, relay_to

SLOTS = 3
"""The calls at once of quotations; look-ups have one more."""


@pytest.fixture(scope="module")
def temporal_metrics_port() -> int:
    """The port at which the Temporal of these tests counts the requests that it gets."""
    return free_port()


@pytest.fixture(scope="module")
def temporal_address(tmp_path_factory: pytest.TempPathFactory, temporal_metrics_port: int) -> Iterator[str]:
    """A Temporal of these tests' own: others leave quotations in the queues, which would count."""
    with temporal_server(tmp_path_factory.mktemp("temporal"), metrics_port=temporal_metrics_port) as server:
        yield server.address


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OdooRelay]:
    with (
        standin_odoo(tmp_path_factory.mktemp("odoo")) as server,
        relay_to(OdooAccess(server.url, "quotations")) as relay,
    ):
        yield relay


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory, temporal_address: str, relay: OdooRelay) -> Iterator[System]:
    """A gateway with several callers, and one worker that makes at most four calls at once."""
    folder = tmp_path_factory.mktemp("system")
    with s3_server(tmp_path_factory.mktemp("s3")) as s3:
        s3_client(s3.url).create_bucket(Bucket=BUCKET)
        extra = callers.SETTINGS | {"ENVIRONMENTS": "dev", "ODOO__DEV__MAX_CALLS": "4"}
        extra |= {"GATEWAY_API_KEYS": f"ana:{callers.ANA}:dev,bob:{callers.BOB}:dev"}
        system = System(folder, temporal_address, s3.url, OdooAccess(relay.url, relay.odoo.db), extra)
        try:
            system.start_gateway()
            system.start_worker()
            yield system
            assert system.stop_workers() == [0]
        finally:
            system.kill()


@pytest.fixture
def gate(relay: OdooRelay) -> Iterator[Turnstile]:
    gate = Turnstile(relay)
    yield gate
    gate.open()
    relay.answers.clear()


@pytest.fixture
async def ana(system: System) -> AsyncIterator[httpx2.AsyncClient]:
    async with callers.rest(system.gateway_url, callers.bearer(callers.ANA)) as client:
        yield client


@pytest.fixture
async def bob(system: System) -> AsyncIterator[httpx2.AsyncClient]:
    async with callers.rest(system.gateway_url, callers.bearer(callers.BOB)) as client:
        yield client
