import contextlib
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING

import httpx2
import pytest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from sandbox.real_odoo import OdooAccess
from sandbox.servers import s3_client, s3_server, standin_odoo, temporal_server
from sandbox.system import BUCKET
from tests.support import callers
from tests.support.odoo_view import OdooView
from tests.version_skew import logs
from tests.version_skew.versions import Versions, check_out, running

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


@pytest.fixture(scope="session")
def standin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OdooAccess]:
    with standin_odoo(tmp_path_factory.mktemp("odoo")) as server:
        yield OdooAccess(server.url, "quotations")


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator["S3Client"]:
    with s3_server(tmp_path_factory.mktemp("s3")) as server:
        client = s3_client(server.url)
        client.create_bucket(Bucket=BUCKET)
        yield client


@pytest.fixture(scope="session")
def versions(tmp_path_factory: pytest.TempPathFactory, s3: "S3Client", standin: OdooAccess) -> Iterator[Versions]:
    """Gateways and workers of the released code and of this one."""
    released = check_out(tmp_path_factory.mktemp("released"))
    with (
        temporal_server(tmp_path_factory.mktemp("temporal")) as temporal,
        running(
            tmp_path_factory.mktemp("versions"), released, temporal.address, s3.meta.endpoint_url, standin
        ) as versions,
    ):
        yield versions


@pytest.fixture
def view(standin: OdooAccess) -> Iterator[OdooView]:
    with contextlib.closing(OdooView(standin)) as view:
        yield view


@pytest.fixture
def kept(s3: "S3Client") -> logs.Logs:
    return logs.Logs(s3)


@pytest.fixture
async def temporal(versions: Versions) -> Client:
    return await Client.connect(versions.temporal, data_converter=pydantic_data_converter)


@pytest.fixture
async def new_gateway(versions: Versions) -> AsyncIterator[httpx2.AsyncClient]:
    async with callers.rest(versions.new) as client:
        yield client
