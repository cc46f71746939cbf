import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from temporalio.client import Client

from sandbox.ports import free_port
from sandbox.processes import start_module, wait_until_healthy
from tests.support import callers
from tests.support.log_reader import LogReader
from tests.support.requests import body
from tests.support.script import Script
from tests.support.scripted_quotation import scripted_worker
from tests.support.scripted_worker import StartWork, workers
from tests.support.temporal_relay import Relay, relay_to


@pytest.fixture(scope="session")
def gateway_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("gateway") / "gateway.log"


@pytest.fixture(scope="session")
def log_reader(temporal_address: str) -> Iterator[LogReader]:
    """Workers that read the logs of ids which Temporal does not know."""
    reader = LogReader()
    with reader.serving(temporal_address, "dev", "prod", "taller"):
        yield reader


@pytest.fixture(scope="session")
def gateway(temporal_address: str, gateway_log: Path, log_reader: LogReader) -> Iterator[str]:  # noqa: ARG001
    port = free_port()
    settings = {"TEMPORAL_ADDRESS": temporal_address, "ENVIRONMENTS": "dev,prod,taller", "GATEWAY_PORT": str(port)}
    process = start_module("gateway", gateway_log, settings)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until_healthy(process, f"{url}/readyz")
        yield url
        assert process.stop() == 0, process.output
    finally:
        process.kill()
    # whatever all the tests sent
    assert not any(word in process.output.lower() for word in ("acme", "secret", "traceback", temporal_address))


StartGateway = Callable[..., AbstractContextManager[str]]
ServeBehind = Callable[..., AbstractAsyncContextManager[str]]


@pytest.fixture(scope="session")
def serve_gateway(
    temporal_address: str,
    tmp_path_factory: pytest.TempPathFactory,
    log_reader: LogReader,  # noqa: ARG001  # it serves
) -> StartGateway:
    """Serves another gateway with these settings for a while."""

    @contextmanager
    def serve(*, ready: str = "readyz", **settings: str) -> Iterator[str]:
        port = settings.setdefault("GATEWAY_PORT", str(free_port()))
        log = tmp_path_factory.mktemp("gateway") / "gateway.log"
        process = start_module("gateway", log, {"TEMPORAL_ADDRESS": temporal_address, **settings})
        url = f"http://127.0.0.1:{port}"
        try:
            wait_until_healthy(process, f"{url}/{ready}")
            yield url
            assert process.stop() == 0, process.output
        finally:
            process.kill()
        said = process.output.lower()
        assert not any(word in said for word in ("acme", "secret", "traceback", "key-of", "eyj", temporal_address))

    return serve


@pytest.fixture(scope="session")
def keyed(serve_gateway: StartGateway) -> Iterator[str]:
    """A gateway that tells callers apart by their keys."""
    with serve_gateway(**callers.SETTINGS) as url:
        yield url


@pytest.fixture
async def http(gateway: str) -> AsyncIterator[httpx2.AsyncClient]:
    async with callers.rest(gateway) as client:
        yield client


@pytest.fixture
async def worker(temporal: Client) -> AsyncIterator[None]:
    async with scripted_worker(temporal):
        yield


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
async def start_work(temporal: Client, script: Script) -> AsyncIterator[StartWork]:
    """Starts a worker whose activities follow the script; call it when script and quotation are there."""
    async with workers(temporal, script) as start:
        yield start


@pytest.fixture
def request_body() -> dict[str, Any]:
    return body()


@pytest.fixture
async def relay(temporal_address: str) -> AsyncIterator[Relay]:
    """A relay between a gateway and Temporal."""
    async with relay_to(temporal_address) as relay:
        yield relay


@pytest.fixture
def serve_behind(relay: Relay, serve_gateway: StartGateway) -> ServeBehind:
    """Serves a gateway whose Temporal is behind the relay."""

    @asynccontextmanager
    async def serve(**settings: str) -> AsyncIterator[str]:
        # the relay serves in this loop, which must not be blocked
        gateway = serve_gateway(TEMPORAL_ADDRESS=relay.address, **settings)
        url = await asyncio.to_thread(gateway.__enter__)
        try:
            yield url
        finally:
            await asyncio.to_thread(gateway.__exit__, *sys.exc_info())

    return serve
