"""The log store: S3, and a local folder if one is set, neither of which waits for the other."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from log_store.bucket import Bucket
from log_store.errors import LogStoreError
from log_store.faults import exception_sentence
from log_store.folder import Folder
from log_store.objects import CONNECTIONS, Objects
from log_store.threads import Threads
from quotation.document import Log

_WRITERS = CONNECTIONS
"""Logs written at once; a worker runs a hundred activities at once, with those on Odoo."""

_FOLDER_SECONDS = 3.0
_S3_SECONDS = 40.0
"""Longer than three connections and answers may take."""


class LogStore:
    """Writes logs; one that is older than what is there changes nothing.

    Credentials, region and endpoint are boto3's own `AWS_*` variables. Raises `LogStoreSettingsError` if they are
    wrong. `encryption` is the server-side encryption to ask S3 for, if any: `AES256` or `aws:kms`.
    """

    def __init__(self, bucket: str, prefix: str, folder: Path | None, encryption: str | None = None) -> None:
        self._bucket = Bucket(Objects(bucket, encryption), prefix)
        self._folder = Folder(folder) if folder is not None else None
        # two sets of threads, so a folder that hangs keeps no log out of S3
        self._to_bucket = Threads(_WRITERS, _S3_SECONDS, "logs")
        self._to_folder = Threads(_WRITERS, _FOLDER_SECONDS, "local logs")

        self.folder = folder
        """Where the local logs are written to, if anywhere."""

    @property
    def place(self) -> str:
        """Where the logs are written to, e.g. `s3://logs/prefix`."""
        return self._bucket.place

    async def write(self, log: Log) -> None:
        """Write the log to the folder and to S3 at the same time. Raises `LogStoreError`."""
        problems = await asyncio.gather(
            _problem(self._to_folder, self._folder.write if self._folder else None, log),
            _problem(self._to_bucket, self._bucket.write, log),
        )
        if any(problems):
            raise LogStoreError(" ".join(filter(None, problems)))

    async def check_bucket(self) -> None:
        """Raise `LogStoreError` if logs cannot be written and read, or if two writes at once are not safe.

        Without conditional writes logs are read before each write from now on. An empty object may be left in the
        bucket (`log_store.bucket`).
        """
        await _run(self._to_bucket, self._bucket.check)

    async def check_folder(self) -> None:
        """Raise `LogStoreError` if no file can be written to the folder within 3 seconds."""
        if self._folder is not None:
            await _run(self._to_folder, self._folder.check)


async def _problem(threads: Threads, write: Callable[[Log], None] | None, log: Log) -> str | None:
    """Write the log, and return the sentence about what kept it from being written."""
    try:
        if write is not None:
            await _run(threads, lambda: write(log))
    except LogStoreError as error:
        return str(error)
    return None


async def _run(threads: Threads, work: Callable[[], None]) -> None:
    try:
        await threads.run(work)
    except LogStoreError:
        raise
    except Exception as error:  # noqa: BLE001  # a log is never given up, whatever the error
        raise LogStoreError(exception_sentence(error)) from None
