"""The ids of the request, the quotation and the trace that a task works on. Every log line of it has them."""

import logging
import re
import uuid
from contextvars import ContextVar

from opentelemetry import trace

_WELL_FORMED = re.compile(r"[A-Za-z0-9._:/+=~-]{1,128}")
_TRACKING_ID = re.compile(r"quot_[0-9a-f]{12}")

current_request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of an HTTP request, or None outside one."""

_current_tracking_id: ContextVar[str | None] = ContextVar("tracking_id", default=None)


def request_id_from(text: str | None) -> str:
    """Return the id that a client sent, or a new one if it sent none or one that is not well-formed."""
    return text if text and _WELL_FORMED.fullmatch(text) else uuid.uuid4().hex


def enter_quotation(workflow_id: str) -> None:
    """Add the tracking id in this workflow's id, if there is one, to the task's log lines."""
    _current_tracking_id.set(_tracking_id_in(workflow_id))


def ids_of(record: logging.LogRecord) -> dict[str, str]:
    """Return the ids that belong to a line: `request_id`, `tracking_id` and `trace_id`, as far as they are known.

    A tracking id in its text comes before that of the task, which may do something for several quotations.
    """
    span = trace.get_current_span()
    ids = {
        "request_id": current_request_id.get(),
        "tracking_id": _tracking_id_in(record.getMessage()) or _current_tracking_id.get(),
        "trace_id": trace.format_trace_id(span.get_span_context().trace_id) if span.is_recording() else None,
    }
    return {name: value for name, value in ids.items() if value}


def _tracking_id_in(text: str) -> str | None:
    found = _TRACKING_ID.search(text)
    return found and found[0]
