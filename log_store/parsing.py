"""Reads what is stored under the name of a quotation's log."""

import json
from collections.abc import Callable, Iterable

from pydantic import ValidationError

from log_store.errors import LogStoreError
from quotation.document import Log

Wanted = Callable[[Log], bool]
"""Whether a log is one of those that are looked for."""


def last_of(contents: Iterable[bytes], tracking_id: str, is_wanted: Wanted) -> Log | None:
    """Return the first wanted log of this quotation that is final, otherwise the first wanted one.

    No more contents are read than needed. Raises as `parse`.
    """
    first = None
    for content in contents:
        log = parse(content, tracking_id)
        if log is None or log.tracking_id != tracking_id or not is_wanted(log):
            continue
        if log.is_final:
            return log
        first = first or log
    return first


def parse(content: bytes, tracking_id: str) -> Log | None:
    """Return the log of this quotation; None if the content is something else.

    Raises:
        LogStoreError: It is a log of this quotation that only a newer version can read.

    """
    try:
        log = Log.model_validate_json(content)
    except ValidationError:
        if _is_log_of(content, tracking_id):
            raise LogStoreError("This version cannot read the existing log.") from None
        return None
    return log


def _is_log_of(content: bytes, tracking_id: str) -> bool:
    try:
        found = json.loads(content)
    except ValueError:
        return False
    return isinstance(found, dict) and found.get("tracking_id") == tracking_id
