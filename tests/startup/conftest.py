from collections.abc import Iterator

import pytest

from sandbox.servers import s3_client, s3_server, standin_odoo


@pytest.fixture(scope="module")
def odoo_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with standin_odoo(tmp_path_factory.mktemp("odoo")) as server:
        yield server.url


@pytest.fixture(scope="module")
def s3_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with s3_server(tmp_path_factory.mktemp("s3")) as server:
        s3_client(server.url).create_bucket(Bucket="logs")
        yield server.url
