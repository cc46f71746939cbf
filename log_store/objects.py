"""Objects in an S3 bucket. The only module that knows boto3."""

import base64
import contextlib
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
import botocore.config
import botocore.loaders
import botocore.session
from botocore.exceptions import BotoCoreError, ClientError
from opentelemetry import trace
from opentelemetry.trace import SpanKind, StatusCode

from log_store.errors import ChangedError, LogStoreError, LogStoreSettingsError, MissingError
from log_store.faults import Right, refusal

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

CONNECTIONS = 16
"""Connections to S3 at once."""

_TIMEOUTS = botocore.config.Config(
    connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 1}, max_pool_connections=CONNECTIONS
)

# other stores than Amazon's refuse the checksums that boto3 adds by itself; AWS_* variables still ask for them
_WITHOUT_CHECKSUMS = {
    name: (name, f"AWS_{name.upper()}", "when_required", None)
    for name in ("request_checksum_calculation", "response_checksum_validation")
}

# S3 as boto3 describes it in files, which a session of its own would read again
_DESCRIPTIONS = botocore.loaders.create_loader()

_tracer = trace.get_tracer("log_store")


@dataclass(frozen=True)
class Stored:
    """An object's content, and the tag that a replacement must name."""

    content: bytes
    etag: str


class Objects:
    """Reads and writes objects, blocking. The methods raise `LogStoreError` and boto3's exceptions.

    Credentials, region and endpoint are boto3's own `AWS_*` variables. `encryption` is the value of S3's header
    `x-amz-server-side-encryption`, if any.

    Raises:
        LogStoreSettingsError: These variables are wrong.

    """

    def __init__(self, bucket: str, encryption: str | None) -> None:
        self.bucket = bucket
        self._encryption: dict[str, Any] = {"ServerSideEncryption": encryption} if encryption else {}
        session = botocore.session.Session(_WITHOUT_CHECKSUMS)
        session.register_component("data_loader", _DESCRIPTIONS)
        try:
            self._s3: S3Client = boto3.session.Session(botocore_session=session).client("s3", config=_TIMEOUTS)
        except (BotoCoreError, ValueError) as error:
            # its text may quote a value
            raise LogStoreSettingsError(f"the AWS_* settings are wrong ({type(error).__name__})") from None

    def create(self, key: str, content: bytes) -> Stored | None:
        """Create and return the object; return None if there is one already."""
        try:
            return self.put(key, content, IfNoneMatch="*")
        except ChangedError:
            return None

    def replace(self, key: str, content: bytes, etag: str) -> Stored | None:
        """Replace the object with this tag and return the new one; return None if there is none with this tag."""
        try:
            return self.put(key, content, IfMatch=etag)
        except (ChangedError, MissingError):
            return None

    def put(self, key: str, content: bytes, **condition: str) -> Stored:
        """Write and return the object, if a condition is given only if it holds."""
        with self._request("PutObject"):
            answer = self._s3.put_object(
                Bucket=self.bucket,
                Key=key,
                Body=content,
                ContentType="application/json",
                ContentMD5=_md5(content),
                **self._encryption,
                **condition,  # type: ignore[arg-type]
            )
            _require_s3(answer)
        return Stored(content, answer["ETag"])

    def get(self, key: str) -> Stored | None:
        """Return the object, or None if S3 says that there is none."""
        try:
            with self._request("GetObject"):
                answer = self._s3.get_object(Bucket=self.bucket, Key=key)
                _require_s3(answer)
                return Stored(answer["Body"].read(), answer["ETag"])
        except MissingError:
            return None

    @contextlib.contextmanager
    def _request(self, right: Right) -> Iterator[None]:
        """Translate what one request to S3 raises, and make a span of it."""
        attributes = {"s3.bucket": self.bucket, "s3.operation": right}
        with _tracer.start_as_current_span(
            f"s3 {right}",
            kind=SpanKind.CLIENT,
            attributes=attributes,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield
            except (LogStoreError, ClientError, BotoCoreError) as error:
                translated = _translated(error, right) if isinstance(error, ClientError) else error
                span.set_attribute("error.type", type(translated).__name__)
                # an object that is there already, or not there, is an answer
                if not isinstance(translated, ChangedError | MissingError):
                    span.set_status(StatusCode.ERROR)
                raise translated from None


def _md5(content: bytes) -> str:
    """Return the checksum that every store knows, and that a bucket with a default retention demands."""
    return base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()


def _translated(error: ClientError, right: Right) -> LogStoreError:
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    # boto3 finds no code in a web page
    return refusal(error.response["Error"].get("Code") or str(status), status, right)


def _require_s3(answer: Mapping[str, object]) -> None:
    # a proxy's page with status 200 is a success to boto3; S3 sends an ETag with all that it stores or returns
    if "ETag" not in answer:
        raise LogStoreError("S3's answer could not be read.")
