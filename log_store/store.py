"""The log store: S3, and a local folder if one is set, neither of which waits for the other."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from log_store.bucket import Bucket
from log_store.errors import LogStoreError
from log_store.faults import exception_sentence
from log_store.folder import Folder
from log_store.objects import CONNECTIONS, Objects
from log_store.parsing import Wanted
from log_store.threads import Threads
from quotation.document import Log

_WRITERS = CONNECTIONS
"""Logs written at once; a worker runs a hundred activities at once, with those on Odoo."""

MONTHS = 13
"""How many months back a log is looked for, this month included, if nothing else is set."""

_READERS = 4
"""Logs read at once: callers who ask for what does not exist must not keep logs from being written."""

_FOLDER_SECONDS = 3.0
_S3_SECONDS = 40.0
"""Longer than three connections and answers may take."""

_READ_SECONDS = 6.0
"""A caller waits for a log that is read."""

Outcome = TypeVar("Outcome")


class LogStore:
    """Writes and reads logs; one that is older than what is there changes nothing.

    Credentials, region and endpoint are boto3's own `AWS_*` variables. Raises `LogStoreSettingsError` if they are
    wrong. `encryption` is the server-side encryption to ask S3 for, if any: `AES256` or `aws:kms`. Logs of
    quotations that were created in the last `months`, this one included, can be found again.
    """

    def __init__(
        self,
        bucket: str,
        prefix: str,
        folder: Path | None,
        encryption: str | None = None,
        *,
        months: int = MONTHS,
    ) -> None:
        self._months = months
        self._bucket = Bucket(Objects(bucket, encryption), prefix)
        self._folder = Folder(folder) if folder is not None else None
        # two sets of threads, so a folder that hangs keeps no log out of S3
        self._to_bucket = _writing("logs", _S3_SECONDS)
        self._to_folder = _writing("local logs", _FOLDER_SECONDS)
        self._from_bucket = _reading("logs")
        self._from_folder = _reading("local logs")

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

    async def find(self, tracking_id: str, is_wanted: Wanted = lambda _: True) -> Log | None:
        """Return the last wanted log of a quotation, a final one first; None if there is none.

        Raises:
            LogStoreError: S3 does not say, and the folder has no final log.

        """
        days = list(_days_of(self._months, datetime.now(UTC).date()))
        firsts = [day for day in days if day.day == 1]
        local, stored = await asyncio.gather(
            _run(self._from_folder, lambda: self._folder and self._folder.find(tracking_id, days, is_wanted)),
            _run(self._from_bucket, lambda: self._bucket.find(tracking_id, firsts, is_wanted)),
            return_exceptions=True,
        )
        found = [log for log in (local, stored) if isinstance(log, Log)]
        last = max(found, key=lambda log: log.written_at, default=None)
        # each worker may have a folder of its own, so the bucket has the last word
        if isinstance(stored, BaseException) and not (last and last.is_final):
            raise stored
        return last

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


async def _run(threads: Threads, work: Callable[[], Outcome]) -> Outcome:
    try:
        return await threads.run(work)
    except LogStoreError:
        raise
    except Exception as error:  # noqa: BLE001  # a log is never given up, whatever the error
        raise LogStoreError(exception_sentence(error)) from None


def _writing(what: str, seconds: float) -> Threads:
    return Threads(
        _WRITERS, seconds, busy=f"All writers of {what} are busy.", late=f"Writing {what} took too long."
    )


def _reading(what: str) -> Threads:
    return Threads(
        _READERS, _READ_SECONDS, busy=f"All readers of {what} are busy.", late=f"Reading {what} took too long."
    )


def _days_of(months: int, today: date) -> Iterator[date]:
    """Yield the days of this month and of those before it, `months` in all, the last one first."""
    day = today
    while months > 0:
        yield day
        months -= day.day == 1
        day -= timedelta(days=1)
