"""The two forms of a log line: text, and one JSON object with `LOG_FORMAT=json`."""

import json
import logging
import os
import sys
from datetime import UTC, datetime
from typing import Any

from runtime.logs.ids import ids_of
from runtime.unexpected import origin

FORMATS = ("text", "json")

# their lines about single requests, attempts and exports may hold customers' data or secrets
_SILENCED = (
    "httpx2",
    "httpcore2",
    "mcp",
    "temporalio.activity",
    "botocore",
    "opentelemetry",
    "uvicorn.access",
)

logger = logging.getLogger(__name__)


class Fields(dict[str, Any]):
    """The message of a line, as fields: JSON lines have them beside the others, and text lines as JSON."""

    def __str__(self) -> str:
        return json.dumps(self)


class TextLines(logging.Formatter):
    """Lines for people: with the request's id, and the tracking id if the message does not name it."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s:%(request)s %(message)s%(quotation)s")

    def format(self, record: logging.LogRecord) -> str:
        """Return a line without its break."""
        ids = ids_of(record)
        tracking_id = ids.get("tracking_id", "")
        record.request = f" [{ids['request_id']}]" if "request_id" in ids else ""
        record.quotation = "" if tracking_id in record.getMessage() else f" [{tracking_id}]"
        return super().format(record)


class JsonLines(logging.Formatter):
    """Lines for programs: `time` (UTC), `level`, `logger`, `message` and ids."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a line without its break."""
        said = record.msg if isinstance(record.msg, Fields) else {"message": record.getMessage()}
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
        }
        return json.dumps(line | ids_of(record) | said)


def configure_logging() -> None:
    """Send log lines to stderr in the form of `LOG_FORMAT`, without those about single requests and failures."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_without_exception_text)
    handler.setFormatter(JsonLines() if is_json() else TextLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.captureWarnings(is_json())
    for name in _SILENCED:
        logging.getLogger(name).setLevel(logging.CRITICAL)


def is_json() -> bool:
    """Return True if lines are JSON."""
    # read before the settings: their errors are lines too
    return os.environ.get("LOG_FORMAT") == "json"


def tell_operator(sentence: str) -> None:
    """Write the one sentence with which a process ends."""
    if is_json():
        logger.critical("%s", sentence)
    else:
        print(sentence, file=sys.stderr)  # noqa: T201  # it is all that the operator need read


def _without_exception_text(record: logging.LogRecord) -> bool:
    """Replace a record's exception by its name and origin, and let the record pass."""
    if record.exc_info and record.exc_info[1] is not None:
        record.msg = f"{record.getMessage()} ({origin(record.exc_info[1])})"
        record.args = ()
        record.exc_info = record.exc_text = None
    return True
