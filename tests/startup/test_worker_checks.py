from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from activities.company import NOTHING, Setup
from activities.report import OdooInspection
from activities.startup_checks import OdooCheck, check_bucket, check_folder
from log_store import LogStore
from odoo_client import Credentials, XmlRpcOdoo
from sandbox import catalogue
from sandbox.ports import free_port
from sandbox.servers import S3_SETTINGS, s3_client

SECRET = "hunter2-the-secret"

NewOdoo = Callable[..., XmlRpcOdoo]


async def check_odoo(environment: str, odoo: XmlRpcOdoo, lang: str | None, setup: Setup = NOTHING) -> str | None:
    return await OdooCheck(OdooInspection(environment, odoo, "ventas", lang, setup))()


@pytest.fixture
async def new_odoo(odoo_url: str) -> AsyncIterator[NewOdoo]:
    user = catalogue.SALESPERSON
    right = Credentials(odoo_url, "quotations", user.login, user.password)
    clients: list[XmlRpcOdoo] = []

    def new(**wrong: str) -> XmlRpcOdoo:
        clients.append(XmlRpcOdoo(replace(right, **wrong), timeout=5))
        return clients[-1]

    yield new
    for client in clients:
        await client.close()


@pytest.fixture
def forbidding_url() -> Iterator[str]:
    """A server that answers 403 to whatever is asked."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(403)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_POST = do_PUT = do_GET

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=[0.05]).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def aws(s3_url: str, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in S3_SETTINGS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", s3_url)
    return monkeypatch


async def test_an_odoo_that_serves_as_it_should_is_no_finding(new_odoo: NewOdoo) -> None:
    assert await check_odoo("dev", new_odoo(), None) is None
    assert await check_odoo("dev", new_odoo(), "es_MX") is None


async def test_an_odoo_that_is_away_is_told_by_the_variable_of_its_address(new_odoo: NewOdoo) -> None:
    away = new_odoo(url=f"http://127.0.0.1:{free_port()}")
    assert (
        await check_odoo("san_luis", away, None)
        == "ODOO__SAN_LUIS__URL may be wrong: Odoo refused the connection."
    )


async def test_a_port_of_something_else_is_told(new_odoo: NewOdoo, s3_url: str, forbidding_url: str) -> None:
    found = await check_odoo("dev", new_odoo(url=s3_url), None)
    assert found is not None
    assert found.startswith("ODOO__DEV__URL may be wrong: ")
    found = await check_odoo("dev", new_odoo(url=forbidding_url), None)
    assert found == (
        "ODOO__DEV__URL may be wrong: A proxy or firewall in front of Odoo forbids the call (HTTP status 403)."
    )


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"db": SECRET}, "Odoo has no database with the configured name."),
        (
            {"username": SECRET},
            "Odoo refused the user name or the password. A user with two-factor authentication needs an API key.",
        ),
        (
            {"password": SECRET},
            "Odoo refused the user name or the password. A user with two-factor authentication needs an API key.",
        ),
    ],
    ids=["db", "username", "password"],
)
async def test_a_wrong_login_is_told_without_its_parts(
    new_odoo: NewOdoo, wrong: dict[str, str], sentence: str
) -> None:
    found = await check_odoo("dev", new_odoo(**wrong), None)
    assert found == f"ODOO__DEV__DB, ODOO__DEV__USERNAME or ODOO__DEV__PASSWORD may be wrong: {sentence}"


async def test_a_user_without_the_rights_is_told(new_odoo: NewOdoo) -> None:
    user = catalogue.NO_SALES_RIGHT
    found = await check_odoo("dev", new_odoo(username=user.login, password=user.password), None)
    assert found is not None
    assert found.startswith("ODOO__DEV__USERNAME may be wrong: Odoo's service user is not allowed to create ")


async def test_a_language_that_is_not_installed_is_told(new_odoo: NewOdoo) -> None:
    assert await check_odoo("dev", new_odoo(), "fr_FR") == (
        "ODOO__DEV__LANG may be wrong: The language fr_FR of new partners is not installed in Odoo."
    )


@pytest.mark.usefixtures("aws")
async def test_a_bucket_that_is_there_is_no_finding_and_stays_empty(s3_url: str) -> None:
    assert await check_bucket(LogStore("logs", "prefix", None)) is None
    assert "Contents" not in s3_client(s3_url).list_objects_v2(Bucket="logs")


@pytest.mark.usefixtures("aws")
async def test_a_missing_bucket_is_told_by_its_variable() -> None:
    found = await check_bucket(LogStore("nowhere", "prefix", None))
    assert found == "S3_BUCKET or AWS_* may be wrong: S3 has no bucket with the configured name (NoSuchBucket)."


async def test_a_forbidden_bucket_is_told(aws: pytest.MonkeyPatch, forbidding_url: str) -> None:
    aws.setenv("AWS_ENDPOINT_URL_S3", forbidding_url)
    found = await check_bucket(LogStore("logs", "prefix", None))
    assert found == (
        "S3_BUCKET or AWS_* may be wrong: S3 does not let this key write to the bucket (403): "
        "it needs the right PutObject, and some buckets demand S3_SERVER_SIDE_ENCRYPTION."
    )


async def test_an_s3_that_is_away_is_told(aws: pytest.MonkeyPatch) -> None:
    aws.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{free_port()}")
    found = await check_bucket(LogStore("logs", "prefix", None))
    assert found == "S3_BUCKET or AWS_* may be wrong: S3 could not be reached (EndpointConnectionError)."


@pytest.mark.usefixtures("aws")
async def test_a_folder_that_can_be_written_to_is_no_finding_and_stays_empty(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    assert await check_folder(LogStore("logs", "prefix", folder)) is None
    assert list(folder.iterdir()) == []
    assert await check_folder(LogStore("logs", "prefix", None)) is None


@pytest.mark.usefixtures("aws")
async def test_a_folder_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    found = await check_folder(LogStore("logs", "prefix", tmp_path / "file" / "logs"))
    assert found == "LOG_DIR may be wrong: The folder of local logs cannot be written to (NotADirectoryError)."
