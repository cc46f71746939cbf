"""Where logs are kept: S3, and a local folder where one is set. The only module that knows boto3."""

import asyncio
import fcntl
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import botocore.config
from botocore.exceptions import BotoCoreError, ClientError
from pydantic import ValidationError

from quotation.document import LogDocument

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_TIMEOUTS = botocore.config.Config(
    connect_timeout=2, read_timeout=4, retries={"total_max_attempts": 1}, max_pool_connections=16
)
_LOST_RACE = frozenset({"PreconditionFailed", "ConditionalRequestConflict"})


class LogStoreError(Exception):
    """The document could not be written now; its text names the reason without data. Transient."""


class LogStoreSettingsError(Exception):
    """S3 cannot be used with these settings, ever; its text is a sentence for whoever starts the process."""


class LogStore:
    """Writes log documents; one that is older than what is there changes nothing.

    Credentials, region and endpoint are boto3's own `AWS_*` variables. Raises `LogStoreSettingsError` where they
    are wrong.
    """

    def __init__(self, bucket: str, prefix: str, folder: Path | None) -> None:
        self._bucket = bucket
        self._prefix = prefix.strip("/")
        self._folder = folder
        try:
            self._s3: S3Client = boto3.session.Session().client("s3", config=_TIMEOUTS)
        except (BotoCoreError, ValueError) as error:
            # its text may quote a value
            raise LogStoreSettingsError(f"the AWS_* settings are wrong ({type(error).__name__})") from None

    async def write(self, document: LogDocument) -> None:
        """Write the document to the folder and to S3. Raises `LogStoreError`."""
        # boto3 is synchronous
        await asyncio.to_thread(self._write, document)

    def _write(self, document: LogDocument) -> None:
        try:
            if self._folder is not None:
                _write_file(self._folder / document.file_name, document)
            self._put(document)
        except ClientError as error:
            raise LogStoreError(f"S3 answered {error.response['Error'].get('Code', 'an error')}.") from None
        except (BotoCoreError, OSError) as error:
            raise LogStoreError(f"The log could not be written: {type(error).__name__}.") from None

    def _put(self, document: LogDocument) -> None:
        key = "/".join(part for part in (self._prefix, document.object_name) if part)
        stored, etag = self._get(key)
        if stored is not None and not document.supersedes(stored):
            return
        # only over what was just read: another worker's later document must not be lost to this one
        condition = {"IfMatch": etag} if etag else {"IfNoneMatch": "*"}
        try:
            answer = self._s3.put_object(
                Bucket=self._bucket,
                Key=key,
                Body=document.to_bytes(),
                ContentType="application/json",
                **condition,  # type: ignore[arg-type]
            )
        except ClientError as error:
            if error.response["Error"].get("Code") in _LOST_RACE:
                raise LogStoreError("Another worker wrote the same log.") from None
            raise
        _require_s3(answer)

    def _get(self, key: str) -> tuple[LogDocument | None, str]:
        try:
            answer = self._s3.get_object(Bucket=self._bucket, Key=key)
        except self._s3.exceptions.NoSuchKey:
            return None, ""
        _require_s3(answer)
        return _parse(answer["Body"].read()), answer["ETag"]


def _require_s3(answer: Mapping[str, object]) -> None:
    # a proxy's page with status 200 is a success to boto3; whatever S3 stores or gives has an ETag
    if "ETag" not in answer:
        raise LogStoreError("S3's answer was not readable.")


def _write_file(path: Path, document: LogDocument) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with (path.parent / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stored = _parse(path.read_bytes()) if path.exists() else None
        if stored is None or document.supersedes(stored):
            # whoever reads the file sees the old document or the new one, never half of one
            draft = path.with_suffix(".tmp")
            draft.write_bytes(document.to_bytes())
            draft.replace(path)


def _parse(content: bytes) -> LogDocument | None:
    try:
        return LogDocument.model_validate_json(content)
    except ValidationError:
        # whatever lies there is no log of ours
        return None
