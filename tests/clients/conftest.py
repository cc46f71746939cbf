from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.ports import free_port
from sandbox.processes import start_module, wait_until_healthy
from tests.clients import installed
from tests.clients.settings import GATEWAY


@pytest.fixture(scope="session")
def replicas(temporal_address: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """Two gateways with the same settings, and a worker."""
    folder = tmp_path_factory.mktemp("replicas")
    address = {"TEMPORAL_ADDRESS": temporal_address}
    worker = start_module("tests.clients.worker", folder / "worker.log", address)
    ports = [free_port() for _ in range(2)]
    gateways = [
        start_module("gateway", folder / f"{port}.log", GATEWAY | address | {"GATEWAY_PORT": str(port)})
        for port in ports
    ]
    urls = [f"http://127.0.0.1:{port}" for port in ports]
    for gateway, url in zip(gateways, urls, strict=True):
        wait_until_healthy(gateway, f"{url}/readyz")
    yield urls
    for gateway in gateways:
        assert gateway.stop() == 0, gateway.output
        assert "Traceback" not in gateway.output
        assert "unexpected" not in gateway.output
    worker.kill()


@pytest.fixture(scope="session")
def gateway(replicas: list[str]) -> str:
    return replicas[0]


@pytest.fixture(scope="session")
def node() -> installed.Node:
    return installed.node()


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """An environment in which a client finds no settings of whoever runs the tests, and leaves none."""
    return {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "MCP_REMOTE_CONFIG_DIR": str(tmp_path / "mcp-remote")}
