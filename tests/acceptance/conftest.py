import contextlib
import dataclasses
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING

import httpx2
import pytest

from sandbox.catalogue import NO_SALES_RIGHT
from sandbox.real_odoo import OdooAccess
from sandbox.servers import s3_client, s3_server, temporal_server
from sandbox.system import BUCKET, System, odoo_settings
from tests.support.odoo_view import OdooView

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


@pytest.fixture(scope="session")
def acceptance_temporal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with temporal_server(tmp_path_factory.mktemp("acceptance-temporal")) as server:
        yield server.address


@pytest.fixture(scope="session")
def s3_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with s3_server(tmp_path_factory.mktemp("s3")) as server:
        s3_client(server.url).create_bucket(Bucket=BUCKET)
        yield server.url


@pytest.fixture(scope="session")
def s3(s3_url: str) -> "S3Client":
    return s3_client(s3_url)


@pytest.fixture(scope="session")
def system(
    tmp_path_factory: pytest.TempPathFactory, acceptance_temporal: str, s3_url: str, odoo: OdooAccess
) -> Iterator[System]:
    """A gateway for three environments: `wrong` has a wrong password, and `norights` a user without rights.

    Their faults are waited out for a second only.
    """
    wrong = dataclasses.replace(odoo, password="a-wrong-password")
    without_rights = dataclasses.replace(odoo, username=NO_SALES_RIGHT.login, password=NO_SALES_RIGHT.password)
    extra = {"ENVIRONMENTS": "dev,wrong,norights", "ODOO__DEV__PUBLIC_URL": "https://erp.example"}
    extra |= {"ODOO__WRONG__PATIENCE": "1", "ODOO__NORIGHTS__PATIENCE": "1"}
    extra |= odoo_settings("wrong", wrong) | odoo_settings("norights", without_rights)
    system = System(tmp_path_factory.mktemp("system"), acceptance_temporal, s3_url, odoo, extra)
    try:
        system.start_gateway()
        yield system
    finally:
        system.kill()


@pytest.fixture(scope="module")
def workers(system: System) -> Iterator[System]:
    """The system with one worker that runs, from this test to the file's last."""
    system.start_worker()
    yield system
    assert set(system.stop_workers()) <= {0}


@pytest.fixture
async def http(system: System) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(base_url=system.gateway_url, timeout=30) as client:
        yield client


@pytest.fixture(scope="session")
def view(odoo: OdooAccess) -> Iterator[OdooView]:
    with contextlib.closing(OdooView(odoo)) as view:
        yield view
