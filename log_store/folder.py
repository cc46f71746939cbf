"""Copies of logs in a local folder, which several workers may share."""

import fcntl
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO

from log_store.latest import latest
from log_store.parsing import Wanted, last_of
from quotation.document import Log, file_name


@dataclass(frozen=True)
class Folder:
    """Writes logs into a folder, blocking; the folder is created with the first one."""

    path: Path

    def write(self, log: Log) -> None:
        """Write the log unless a later one is there. Raises `LogStoreError` and `OSError`."""
        file = self.path / log.file_name
        self.path.mkdir(parents=True, exist_ok=True)
        # a reader of the file sees the old log or the new one, never half of one
        draft = file.with_suffix(".tmp")
        with _locked(draft) as output:
            content = latest(log, file.read_bytes() if file.exists() else None)
            if content is None:
                draft.unlink()
                return
            output.truncate(0)
            output.write(content)
            output.flush()
            draft.replace(file)

    def find(self, tracking_id: str, days: Iterable[date], is_wanted: Wanted) -> Log | None:
        """Return the last wanted log of a quotation that was created on one of these days, the newest first."""
        files = (self.path / file_name(tracking_id, day) for day in days)
        return last_of((file.read_bytes() for file in files if file.is_file()), tracking_id, is_wanted)

    def check(self) -> None:
        """Raise `OSError` if no file can be written to the folder; none is left there."""
        self.path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=self.path):
            pass


@contextmanager
def _locked(draft: Path) -> Iterator[BinaryIO]:
    """Open a quotation's draft, with a lock that only writers of the same log wait for."""
    while True:
        with draft.open("ab") as output:
            fcntl.flock(output, fcntl.LOCK_EX)
            # the writer before may have renamed or removed what this one has opened
            if draft.exists() and os.path.samestat(os.fstat(output.fileno()), draft.stat()):
                yield output
                return
