"""The id of the HTTP request that a task serves; every log line of the task has it."""

import logging
import re
import uuid
from contextvars import ContextVar

_WELL_FORMED = re.compile(r"[A-Za-z0-9._:/+=~-]{1,128}")

current_request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id, or None outside a request."""


def request_id_from(text: str | None) -> str:
    """Return the id that a client sent, or a new one if it sent none or one that is not well-formed."""
    return text if text and _WELL_FORMED.fullmatch(text) else uuid.uuid4().hex


def add_request_id(record: logging.LogRecord) -> bool:
    """Set `record.request` for the log line's format, and let the record pass."""
    request_id = current_request_id.get()
    record.request = f" [{request_id}]" if request_id else ""
    return True
