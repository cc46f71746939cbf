"""Decides which of two logs of a quotation stays, even if workers of two versions wrote them."""

import json

from pydantic import ValidationError

from log_store.errors import LogStoreError
from quotation.document import Log


def latest(log: Log, content: bytes | None) -> bytes | None:
    """Return what to write over `content`, or None if the later log is there already.

    Content that is not a log of this quotation is overwritten.

    Raises:
        LogStoreError: There is a log of this quotation that only a newer version can read.

    """
    stored = content and _parse(content, log.tracking_id)
    if not stored:
        return log.to_bytes()
    if not log.supersedes(stored):
        return None
    return log.keeping_unknown_fields_of(stored).to_bytes()


def _parse(content: bytes, tracking_id: str) -> Log | None:
    try:
        return Log.model_validate_json(content)
    except ValidationError:
        if _is_log_of(content, tracking_id):
            # it may be the later one
            raise LogStoreError("This version cannot read the existing log.") from None
        return None


def _is_log_of(content: bytes, tracking_id: str) -> bool:
    try:
        found = json.loads(content)
    except ValueError:
        return False
    return isinstance(found, dict) and found.get("tracking_id") == tracking_id
