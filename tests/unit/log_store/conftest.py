import functools
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from sandbox.servers import s3_client, s3_server
from tests.unit.log_store.s3 import Front

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


@pytest.fixture(scope="session")
def s3_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real server that speaks S3."""
    with s3_server(tmp_path_factory.mktemp("s3")) as server:
        yield server.url


@functools.cache
def _s3(url: str) -> "S3Client":
    return s3_client(url)


@dataclass
class Bucket:
    """An empty bucket of this test."""

    name: str

    def put(self, key: str, content: bytes) -> None:
        _s3(os.environ["AWS_ENDPOINT_URL_S3"]).put_object(Bucket=self.name, Key=key, Body=content)

    def get(self, key: str) -> bytes:
        return _s3(os.environ["AWS_ENDPOINT_URL_S3"]).get_object(Bucket=self.name, Key=key)["Body"].read()

    def delete(self, key: str) -> None:
        _s3(os.environ["AWS_ENDPOINT_URL_S3"]).delete_object(Bucket=self.name, Key=key)

    def content_type(self, key: str) -> str:
        return _s3(os.environ["AWS_ENDPOINT_URL_S3"]).head_object(Bucket=self.name, Key=key)["ContentType"]

    @property
    def keys(self) -> list[str]:
        return [
            found["Key"]
            for found in _s3(os.environ["AWS_ENDPOINT_URL_S3"])
            .list_objects_v2(Bucket=self.name)
            .get("Contents", [])
        ]


@pytest.fixture
def aws(s3_url: str, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """boto3's own variables, for the server."""
    for name in os.environ:
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", s3_url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key-of-this-test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret-of-this-test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return monkeypatch


@pytest.fixture
def bucket(aws: pytest.MonkeyPatch) -> Bucket:  # noqa: ARG001  # its variables are needed
    bucket = Bucket(f"logs-{uuid.uuid4().hex}")
    _s3(os.environ["AWS_ENDPOINT_URL_S3"]).create_bucket(Bucket=bucket.name)
    return bucket


@pytest.fixture
def front(s3_url: str, bucket: Bucket, aws: pytest.MonkeyPatch) -> Iterator[Front]:  # noqa: ARG001  # made before
    """The same server behind a front; stores made from now on use it."""
    front = Front(s3_url)
    aws.setenv("AWS_ENDPOINT_URL_S3", front.url)
    yield front
    front.close()
