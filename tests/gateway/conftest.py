import ssl
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from temporalio.client import Client

from tests.gateway.scripted import scripted_worker
from tests.processes import free_port, start_module, wait_until_healthy


@pytest.fixture(scope="session")
def gateway_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("gateway") / "gateway.log"


@pytest.fixture(scope="session")
def gateway(temporal_address: str, gateway_log: Path) -> Iterator[str]:
    port = free_port()
    settings = {"TEMPORAL_ADDRESS": temporal_address, "ENVIRONMENTS": "dev,prod,taller", "GATEWAY_PORT": str(port)}
    process = start_module("gateway", gateway_log, settings)
    url = f"http://127.0.0.1:{port}"
    wait_until_healthy(process, f"{url}/readyz")
    yield url
    assert process.stop() == 0, process.output
    # whatever all the tests sent
    assert not any(word in process.output.lower() for word in ("acme", "secret", "traceback", temporal_address))


@pytest.fixture
async def http(gateway: str) -> AsyncIterator[httpx2.AsyncClient]:
    # no certificates to load, which would take longer than most tests
    plain = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    async with httpx2.AsyncClient(base_url=gateway, timeout=15, verify=plain) as client:
        yield client


@pytest.fixture
async def worker(temporal: Client) -> AsyncIterator[None]:
    async with scripted_worker(temporal):
        yield


@pytest.fixture
def request_body() -> dict[str, Any]:
    return {
        "partner_name": "Acme Corp",
        "contact_name": "John Doe",
        "email": "acme@corp.test",
        "phone": "+52 55 1234 5678",
        "lead_name": "Cotización Robot PUDU",
        "product_id": 26174,
    }
