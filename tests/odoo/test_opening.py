"""The first step on each Odoo: the checks, and the log of the start beside them."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError
from temporalio.testing import ActivityEnvironment

from activities.checks import CheckActivities
from activities.failures import RequestError
from activities.log import Logs
from activities.opening import OpeningActivities
from log_store import LogStore
from odoo_client import Credentials, OdooUnavailableError, XmlRpcOdoo
from quotation.course.progress import Progress
from quotation.document import LogDocument
from quotation.identity import new_tracking_id
from quotation.messages import CheckRequest, OpenedRequest, Opening
from sandbox import catalogue
from sandbox.real_odoo import OdooAccess
from sandbox.servers import s3_client, s3_server
from tests.support.requests import request

NOW = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.fixture
async def client(odoo: OdooAccess) -> AsyncIterator[XmlRpcOdoo]:
    client = XmlRpcOdoo(Credentials(odoo.url, odoo.db, odoo.username, odoo.password))
    yield client
    await client.close()


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real server that speaks S3, with the bucket `logs`."""
    with s3_server(tmp_path_factory.mktemp("s3")) as server:
        s3_client(server.url).create_bucket(Bucket="logs")
        yield server.url


@pytest.fixture
def silent() -> Iterator[str]:
    """The URL of a server that accepts connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], LogStore]:
    def create(url: str) -> LogStore:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", url)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key-of-this-test")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret-of-this-test")
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        return LogStore("logs", "prefix", None)

    return create


def opening(**fields: Any) -> Opening:
    asked = request(**fields)
    status = Progress(new_tracking_id(), "development", NOW).status
    document = LogDocument(
        tracking_id=status.tracking_id,
        status=status.status,
        environment="development",
        created_at=NOW,
        completed_at=None,
        elapsed_time="0.0s",
        request=asked,
        result=status.result,
        error=None,
        steps={},
        written_at=NOW,
    )
    return Opening(looked_up=CheckRequest.from_request(asked), log=document)


async def opened(client: XmlRpcOdoo, store: LogStore, opening: Opening) -> OpenedRequest:
    activities = OpeningActivities(CheckActivities(client), Logs(store, "dev"))
    found = await ActivityEnvironment().run(activities.authenticate, opening)
    assert isinstance(found, OpenedRequest)
    return found


async def until_logged(s3: str, opening: Opening) -> bytes:
    async with asyncio.timeout(20):
        while True:
            with contextlib.suppress(ClientError):
                key = f"prefix/{opening.log.object_name}"
                return s3_client(s3).get_object(Bucket="logs", Key=key)["Body"].read()
            await asyncio.sleep(0.1)


async def test_the_request_is_checked_and_the_start_is_logged(
    client: XmlRpcOdoo, store: Callable[[str], LogStore], s3: str
) -> None:
    asked = opening()

    found = await opened(client, store(s3), asked)

    assert [one.id for one in found.products] == [26174]
    assert await until_logged(s3, asked) == asked.log.placed("default", "dev").to_bytes()


async def test_a_store_that_hangs_delays_nothing_and_the_workflow_learns_it(
    client: XmlRpcOdoo, store: Callable[[str], LogStore], silent: str
) -> None:
    async with asyncio.timeout(20):
        found = await opened(client, store(silent), opening())

    assert not found.is_logged


async def test_the_start_is_logged_while_odoo_is_away(store: Callable[[str], LogStore], s3: str) -> None:
    away = XmlRpcOdoo(Credentials("http://127.0.0.1:9", "db", "user", "password"))
    asked = opening()

    with pytest.raises(OdooUnavailableError):
        await opened(away, store(s3), asked)

    assert await until_logged(s3, asked) == asked.log.placed("default", "dev").to_bytes()
    await away.close()


async def test_a_wrong_request_fails_before_a_missing_right_is_waited_out(
    odoo: OdooAccess, store: Callable[[str], LogStore], s3: str
) -> None:
    reader = XmlRpcOdoo(
        Credentials(odoo.url, odoo.db, catalogue.NO_SALES_RIGHT.login, catalogue.NO_SALES_RIGHT.password)
    )

    with pytest.raises(RequestError, match="does not exist"):
        await opened(reader, store(s3), opening(product_id=999_999_999))

    await reader.close()
