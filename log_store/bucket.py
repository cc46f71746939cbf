"""Logs in S3, with no rights but PutObject and GetObject."""

from collections.abc import Callable, Iterable
from datetime import date

from log_store.errors import DeniedError, LogStoreError, OutsideError, UnsupportedError
from log_store.latest import latest
from log_store.objects import Objects, Stored
from log_store.parsing import Wanted, last_of
from log_store.recent import Recent
from quotation.document import Log, object_name

_PROBE = "_check"
"""The object of the check. Query engines skip objects whose names begin with an underscore."""

_MOST_FIRST_LOGS = 1000
"""How many quotations' first logs a worker remembers, of a few KB each."""

_TAG_OF_NOTHING = '"00000000000000000000000000000000"'

_NO_CONDITIONS = (
    "This S3 has no conditional writes. If two workers write the same log at once, the older one may stay."
)


class Bucket:
    """Reads and writes logs, blocking. The methods raise `LogStoreError` and boto3's exceptions."""

    def __init__(self, objects: Objects, prefix: str) -> None:
        self._objects = objects
        self._prefix = prefix.strip("/")
        self._has_conditions = True
        self._first_logs: Recent[Stored] = Recent(_MOST_FIRST_LOGS)

    @property
    def place(self) -> str:
        """Where the logs are written to, e.g. `s3://logs/prefix`."""
        return "s3://" + "/".join(part for part in (self._objects.bucket, self._prefix) if part)

    def write(self, log: Log) -> None:
        """Write the log unless a later one is there."""
        key, has_conditions = self._key(log.object_name), self._has_conditions
        # most logs are new, and a key that may not list is refused to read what is not there
        if has_conditions and (self._replace_own(key, log) or self._create(key, log)):
            return
        stored = self._objects.get(key)
        body = latest(log, stored.content if stored else None)
        if body is None:
            return
        if not has_conditions:
            self._objects.put(key, body)
        # only over what was just read: another worker's later log must not be lost to this one
        elif stored is None or not self._objects.replace(key, body, stored.etag):
            raise LogStoreError("Another worker wrote the same log.")

    def _create(self, key: str, log: Log) -> bool:
        created = self._objects.create(key, log.to_bytes())
        if created is not None and not log.is_final:
            self._first_logs.add(key, created)
        return created is not None

    def _replace_own(self, key: str, log: Log) -> bool:
        """Return True if this worker wrote the log before, and could replace it without reading it again."""
        first = self._first_logs.pop(key)
        body = latest(log, first.content) if first else None
        return bool(first and body and self._objects.replace(key, body, first.etag))

    def find(self, tracking_id: str, months: Iterable[date], is_wanted: Wanted) -> Log | None:
        """Return the last wanted log of a quotation that was created in one of these months, the newest first.

        Each month costs a read, up to the first final log.
        """
        is_open = False

        def contents() -> Iterable[bytes]:
            nonlocal is_open
            for month in months:
                try:
                    stored = self._objects.get(self._key(object_name(tracking_id, month)))
                except DeniedError:
                    # a key that may not list is refused to read what is not there
                    is_open = is_open or self._require_reading()
                    continue
                if stored is not None:
                    yield stored.content

        return last_of(contents(), tracking_id, is_wanted)

    def _require_reading(self) -> bool:
        """Return True. Raise `DeniedError` if not even the object of the check can be read."""
        key = self._key(_PROBE)
        try:
            self._objects.get(key)
        except DeniedError:
            self._objects.create(key, b"")
            self._objects.get(key)
        return True

    def check(self) -> None:
        """Raise an exception if logs cannot be written and read, or if two writes at once are not safe.

        Leave nothing in the bucket, unless the key may not list it: then S3 hides whether an object is missing or
        forbidden, so an empty one is left.
        """
        key = self._key(_PROBE)
        try:
            self._require_conditions(key, lambda: self._objects.replace(key, b"", _TAG_OF_NOTHING))
            self._objects.get(key)
        except DeniedError:
            self._objects.create(key, b"")
            self._require_conditions(key, lambda: self._objects.create(key, b""))
            self._objects.get(key)

    def _require_conditions(self, key: str, write: Callable[[], Stored | None]) -> None:
        """Check that S3 rejects a write if its condition does not hold."""
        try:
            self._has_conditions = write() is None
        except UnsupportedError:
            # perhaps it refuses the rest of the request
            self._objects.put(key, b"")
            self._has_conditions = False
        if not self._has_conditions:
            raise OutsideError(_NO_CONDITIONS)

    def _key(self, name: str) -> str:
        return "/".join(part for part in (self._prefix, name) if part)
