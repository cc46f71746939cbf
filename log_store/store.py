"""Where logs are kept: S3, and a local folder where one is set. The only module that knows boto3."""

import asyncio
import fcntl
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import botocore.config
from botocore.exceptions import BotoCoreError, ClientError
from pydantic import ValidationError

from log_store.faults import code_sentence, exception_sentence
from quotation.document import Log

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_WRITERS = 16
"""How many documents are written at once; a worker runs a hundred activities at once, with those on Odoo."""

_FOLDER_SECONDS = 5.0

_TIMEOUTS = botocore.config.Config(
    connect_timeout=2, read_timeout=4, retries={"total_max_attempts": 1}, max_pool_connections=_WRITERS
)


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
        self._writers = ThreadPoolExecutor(_WRITERS, "log-writer")
        # a folder that hangs keeps its thread, and nothing else waits for that one
        self._folder_checker = ThreadPoolExecutor(1, "folder-checker")
        self._writing = 0
        try:
            self._s3: S3Client = boto3.session.Session().client("s3", config=_TIMEOUTS)
        except (BotoCoreError, ValueError) as error:
            # its text may quote a value
            raise LogStoreSettingsError(f"the AWS_* settings are wrong ({type(error).__name__})") from None

    async def write(self, document: Log) -> None:
        """Write the document to the folder and to S3. Raises `LogStoreError`."""
        if self._writing == _WRITERS:
            # waiting here would take the place of a call to Odoo; a further attempt takes none meanwhile
            raise LogStoreError("All writers of logs are busy.")
        self._writing += 1
        try:
            # boto3 is synchronous
            await asyncio.get_running_loop().run_in_executor(self._writers, self._write, document)
        finally:
            self._writing -= 1

    async def check_bucket(self) -> None:
        """Raise `LogStoreError` if logs cannot be read from the bucket; nothing is written."""
        look = partial(self._get, self._key("check"))
        await asyncio.get_running_loop().run_in_executor(self._writers, self._check, look)

    async def check_folder(self) -> None:
        """Raise `LogStoreError` if no file can be written to the folder within 5 seconds."""
        if self._folder is None:
            return
        look = partial(_write_nothing, self._folder)
        try:
            async with asyncio.timeout(_FOLDER_SECONDS):
                await asyncio.get_running_loop().run_in_executor(self._folder_checker, self._check, look)
        except TimeoutError:
            raise LogStoreError("The folder of local logs does not answer.") from None

    def _check(self, look: Callable[[], object]) -> None:
        for problem in self._attempt(look):
            raise LogStoreError(problem)

    def _write(self, document: Log) -> None:
        # a full disk keeps no log out of S3, nor the other way round
        problems = [
            *self._attempt(partial(self._copy, document)),
            *self._attempt(partial(self._put, document)),
        ]
        if problems:
            raise LogStoreError(" ".join(problems))

    @staticmethod
    def _attempt(action: Callable[[], object]) -> Iterator[str]:
        try:
            action()
        except LogStoreError as error:
            yield str(error)
        except ClientError as error:
            yield code_sentence(str(error.response["Error"].get("Code")))
        except Exception as error:  # noqa: BLE001  # a log is never given up, whatever it met
            yield exception_sentence(error)

    def _copy(self, document: Log) -> None:
        if self._folder is not None:
            _write_file(self._folder / document.file_name, document)

    def _put(self, document: Log) -> None:
        key = self._key(document.object_name)
        content, etag = self._get(key)
        latest = _latest(document, content)
        if latest is None:
            return
        # only over what was just read: another worker's later document must not be lost to this one
        condition = {"IfMatch": etag} if etag else {"IfNoneMatch": "*"}
        answer = self._s3.put_object(
            Bucket=self._bucket,
            Key=key,
            Body=latest,
            ContentType="application/json",
            **condition,  # type: ignore[arg-type]
        )
        _require_s3(answer)

    def _key(self, name: str) -> str:
        return "/".join(part for part in (self._prefix, name) if part)

    def _get(self, key: str) -> tuple[bytes | None, str]:
        try:
            answer = self._s3.get_object(Bucket=self._bucket, Key=key)
        except self._s3.exceptions.NoSuchKey:
            return None, ""
        _require_s3(answer)
        return answer["Body"].read(), answer["ETag"]


def _require_s3(answer: Mapping[str, object]) -> None:
    # a proxy's page with status 200 is a success to boto3; S3 sends an ETag with all that it stores or returns
    if "ETag" not in answer:
        raise LogStoreError("S3's answer was not readable.")


def _write_nothing(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder):
        pass


def _write_file(path: Path, document: Log) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with (path.parent / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        latest = _latest(document, path.read_bytes() if path.exists() else None)
        if latest is not None:
            # a reader of the file sees the old document or the new one, never half of one
            draft = path.with_suffix(".tmp")
            draft.write_bytes(latest)
            draft.replace(path)


def _latest(document: Log, content: bytes | None) -> bytes | None:
    """Return what to write over `content`, or None if that is the later log. Raises `LogStoreError`."""
    stored = content and _parse(content, document.tracking_id)
    if not stored:
        return document.to_bytes()
    if not document.supersedes(stored):
        return None
    return document.keeping_unknown_fields_of(stored).to_bytes()


def _parse(content: bytes, tracking_id: str) -> Log | None:
    """Return the log in these bytes, or None if they are not a log of this quotation."""
    try:
        return Log.model_validate_json(content)
    except ValidationError:
        if _is_log_of(content, tracking_id):
            # a newer version's, which may be the later one
            raise LogStoreError("The log that is there cannot be read by this version.") from None
        return None


def _is_log_of(content: bytes, tracking_id: str) -> bool:
    try:
        found = json.loads(content)
    except ValueError:
        return False
    return isinstance(found, dict) and found.get("tracking_id") == tracking_id
