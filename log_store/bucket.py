"""Logs in S3. The only module that knows boto3."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import boto3
import botocore.config
from botocore.exceptions import BotoCoreError, ClientError

from log_store.errors import LogStoreError, LogStoreSettingsError
from log_store.faults import code_sentence
from log_store.latest import latest
from quotation.document import Log

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

CONNECTIONS = 16
"""Connections to S3 at once."""

_TIMEOUTS = botocore.config.Config(
    connect_timeout=2, read_timeout=4, retries={"total_max_attempts": 1}, max_pool_connections=CONNECTIONS
)


class Bucket:
    """Reads and writes logs in a bucket, blocking.

    Credentials, region and endpoint are boto3's own `AWS_*` variables.

    Raises:
        LogStoreSettingsError: These variables are wrong.

    """

    def __init__(self, name: str, prefix: str) -> None:
        self._name = name
        self._prefix = prefix.strip("/")
        try:
            self._s3: S3Client = boto3.session.Session().client("s3", config=_TIMEOUTS)
        except (BotoCoreError, ValueError) as error:
            # its text may quote a value
            raise LogStoreSettingsError(f"the AWS_* settings are wrong ({type(error).__name__})") from None

    def write(self, log: Log) -> None:
        """Write the log unless a later one is there. Raises `LogStoreError` and boto3's exceptions."""
        key = self._key(log.object_name)
        content, etag = self._get(key)
        body = latest(log, content)
        if body is None:
            return
        # only over what was just read: another worker's later log must not be lost to this one
        condition = {"IfMatch": etag} if etag else {"IfNoneMatch": "*"}
        try:
            answer = self._s3.put_object(
                Bucket=self._name,
                Key=key,
                Body=body,
                ContentType="application/json",
                **condition,  # type: ignore[arg-type]
            )
        except ClientError as error:
            raise _problem(error) from None
        _require_s3(answer)

    def check(self) -> None:
        """Raise an exception if logs cannot be read from the bucket; nothing is written."""
        self._get(self._key("check"))

    def _key(self, name: str) -> str:
        return "/".join(part for part in (self._prefix, name) if part)

    def _get(self, key: str) -> tuple[bytes | None, str]:
        try:
            answer = self._s3.get_object(Bucket=self._name, Key=key)
        except self._s3.exceptions.NoSuchKey:
            return None, ""
        except ClientError as error:
            raise _problem(error) from None
        _require_s3(answer)
        return answer["Body"].read(), answer["ETag"]


def _problem(error: ClientError) -> LogStoreError:
    return LogStoreError(code_sentence(str(error.response["Error"].get("Code"))))


def _require_s3(answer: Mapping[str, object]) -> None:
    # a proxy's page with status 200 is a success to boto3; S3 sends an ETag with all that it stores or returns
    if "ETag" not in answer:
        raise LogStoreError("S3's answer was not readable.")
