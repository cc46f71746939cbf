from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import httpx2
import pytest

from sandbox.real_odoo import OdooAccess
from tests.acceptance.odoo_view import OdooView
from tests.acceptance.system import System
from tests.processes import BIN, free_port, start_process, start_temporal, wait_until_healthy

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

BUCKET = "ilagentslogs"


@pytest.fixture(scope="session")
def acceptance_temporal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    process = start_temporal(port, tmp_path_factory.mktemp("acceptance-temporal"))
    yield f"127.0.0.1:{port}"
    process.kill()


@pytest.fixture(scope="session")
def s3_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    log = tmp_path_factory.mktemp("s3") / "s3.log"
    process = start_process([BIN / "moto_server", "-H", "127.0.0.1", "-p", str(port)], log, {})
    wait_until_healthy(process, f"http://127.0.0.1:{port}")
    yield f"http://127.0.0.1:{port}"
    process.kill()


@pytest.fixture(scope="session")
def s3(s3_url: str) -> "S3Client":
    client = boto3.client(
        "s3", endpoint_url=s3_url, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    client.create_bucket(Bucket=BUCKET)
    return client


@pytest.fixture(scope="session")
def system(
    tmp_path_factory: pytest.TempPathFactory,
    acceptance_temporal: str,
    s3_url: str,
    s3: "S3Client",  # noqa: ARG001  # the bucket
    odoo: OdooAccess,
) -> Iterator[System]:
    folder: Path = tmp_path_factory.mktemp("system")
    system = System(folder, acceptance_temporal, s3_url, odoo)
    system.start_gateway()
    yield system
    system.close()


@pytest.fixture
def workers(system: System) -> Iterator[System]:
    """The system with one worker that runs."""
    system.start_worker()
    yield system
    assert set(system.stop_workers()) <= {0}


@pytest.fixture
async def http(system: System) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(base_url=system.gateway_url, timeout=30) as client:
        yield client


@pytest.fixture(scope="session")
def view(odoo: OdooAccess) -> OdooView:
    return OdooView(odoo)
