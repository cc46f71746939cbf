"""The one table from what Odoo says to what it means: a typed error with a clean sentence.

Measured on Odoo 19. Fault codes are those of `odoo/addons/rpc`: 1 application error, 2 warning, 3 access denied,
4 access error.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from xmlrpc.client import Fault

from odoo_client.errors import (
    OdooAccessDeniedError,
    OdooAuthError,
    OdooBusyError,
    OdooError,
    OdooRejectedError,
    OdooUnavailableError,
    OdooUnexpectedError,
    OdooUnknownReferenceError,
)

_APPLICATION_ERROR, _WARNING, _ACCESS_DENIED, _ACCESS_ERROR = 1, 2, 3, 4

_CONFLICT = re.compile(
    r"could not serialize access|SerializationFailure|deadlock detected|DeadlockDetected"
    r"|could not obtain lock|LockNotAvailable|concurrent update"
)
_NO_DATABASE = re.compile(r'database "[^"]*" does not exist')
_DATABASE_AWAY = re.compile(
    r"psycopg2\.(OperationalError|InterfaceError)|PoolError|connection pool is full", re.IGNORECASE
)
_NO_ACCESS = re.compile(
    r"not allowed to (access|create|modify|write|delete|unlink)|top-secret records"
    r"|doesn't have '\w+' access|AccessError"
)
_EXCEPTION_NAME = re.compile(r"[a-z_]\w*(\.\w+)+|[A-Z]\w*", re.ASCII)
_MARKUP_OR_BREAKS = re.compile(r"<[^>]*>|\s+")
_LONGEST_REASON = 300
_SHORTEST_SECRET = 3

RETRYABLE_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504})
"""HTTP statuses of a server or proxy that may well answer the next call."""


def http_error(status: int) -> OdooError:
    """Give the error for an HTTP status other than 200."""
    if status in RETRYABLE_STATUS:
        return OdooUnavailableError(f"Odoo answered with HTTP status {status}.")
    return OdooUnexpectedError(f"Odoo answered with HTTP status {status}.")


def fault_error(fault: Fault, model: str, method: str, sent: Any) -> OdooError:
    """Give the error for a fault of `model.method`; texts of `sent` never reach its sentence."""
    text = str(fault.faultString)
    call = f"{model}.{method}"
    if fault.faultCode == _ACCESS_DENIED:
        return OdooAuthError("Odoo refused the user name or the password.")
    if fault.faultCode == _ACCESS_ERROR:
        return OdooAccessDeniedError(f"Odoo's user has no right to call {call}.")
    if fault.faultCode == _WARNING:
        return OdooRejectedError(f"Odoo refused {call}: {_reason(text, sent)}")
    return _application_error(text, call)


def load_error(messages: Sequence[str], model: str, sent: Any) -> OdooError:
    """Give the error for the messages with which `load` refused its rows."""
    text = "\n".join(messages)
    if not text:
        return OdooUnexpectedError(f"Odoo created no {model} and gave no reason.")
    if _CONFLICT.search(text):
        return OdooBusyError("Odoo was busy with another change of the same record.")
    if _NO_ACCESS.search(text):
        return OdooAccessDeniedError(f"Odoo's user has no right to create this {model}.")
    return OdooRejectedError(f"Odoo refused to create this {model}: {_reason(text, sent)}")


def _application_error(text: str, call: str) -> OdooError:
    exception = _exception(text)
    if _CONFLICT.search(exception):
        return OdooBusyError("Odoo was busy with another change of the same record.")
    if _NO_DATABASE.search(text):
        return OdooAuthError("Odoo has no database of the configured name.")
    if "External ID not found" in exception:
        return OdooUnknownReferenceError("Odoo has no record of this external id.")
    if _DATABASE_AWAY.search(exception):
        return OdooUnavailableError("Odoo has no connection to its database.")
    # the rest of the line may hold customers' data, and the lines before it are a traceback
    name = _EXCEPTION_NAME.match(exception)
    return OdooUnexpectedError(f"Odoo answered {call} with {name.group() if name else 'an unknown fault'}.")


def _exception(text: str) -> str:
    """Give the first line of the exception that a traceback ends with; further lines may follow it."""
    after_frames = text[text.rfind('\n  File "') + 1 :].splitlines()
    names = (
        line for line in after_frames if line and not line[0].isspace() and not line.startswith("Traceback (")
    )
    return next(names, "")


def _reason(text: str, sent: Any) -> str:
    for value in _texts(sent):
        if len(value) >= _SHORTEST_SECRET:
            text = re.sub(re.escape(value), "…", text, flags=re.IGNORECASE)
    return _MARKUP_OR_BREAKS.sub(" ", text).strip()[:_LONGEST_REASON] or "it gave no reason."


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, Sequence):
        # longest first: a name may hold another value
        return sorted((text for item in value for text in _texts(item)), key=len, reverse=True)
    return []
