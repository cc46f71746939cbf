"""Decides which of two logs of a quotation stays, even if workers of two versions wrote them."""

from log_store.errors import LogStoreError
from log_store.parsing import parse
from quotation.document import Log

_OTHER_NAMESPACE = (
    "The log of a quotation in another namespace of Temporal has this name. Each namespace needs an S3_PREFIX and"
    " a LOG_DIR of its own."
)


def latest(log: Log, content: bytes | None) -> bytes | None:
    """Return what to write over `content`, or None if the later log is there already.

    Content that is not a log of this quotation is overwritten.

    Raises:
        LogStoreError: There is a log of this quotation that only a newer version can read, or one of another
            namespace.

    """
    stored = content and parse(content, log.tracking_id)
    if not stored:
        return log.to_bytes()
    if None not in (log.namespace, stored.namespace) and log.namespace != stored.namespace:
        raise LogStoreError(_OTHER_NAMESPACE)
    if not log.supersedes(stored):
        return None
    return log.keeping_unknown_fields_of(stored).to_bytes()
