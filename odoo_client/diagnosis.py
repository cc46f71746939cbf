"""Create the error for a failed call, from the table in `odoo_client/faults.py`."""

from collections.abc import Iterator, Sequence
from http import HTTPStatus
from typing import Any
from xmlrpc.client import Fault

from odoo_client.errors import OdooError
from odoo_client.faults import TABLE, Said
from odoo_client.reasons import SEARCHED, reason

_FAULTS = {2: Said.WARNING, 3: Said.ACCESS_DENIED, 4: Said.ACCESS_ERROR}
_EXCEPTIONS = {
    "odoo.exceptions.AccessDenied": Said.ACCESS_DENIED,
    "odoo.exceptions.AccessError": Said.ACCESS_ERROR,
    # the one warning that is not a `UserError`
    "odoo.exceptions.RedirectWarning": Said.WARNING,
}
_HTTP_ERRORS = ("werkzeug.", "odoo.http.")
"""Modules whose exceptions are about the HTTP request, such as a wrong key or an unknown method."""

_MESSAGES = 100
"""How many messages of `load` are searched."""


def fault_error(fault: Fault, call: str, sent: Any) -> OdooError:
    """Return the error for a fault of `call`, e.g. `crm.lead.write`. Its sentence has no text of `sent`."""
    said = _FAULTS.get(fault.faultCode, Said.APPLICATION_ERROR)
    text = str(fault.faultString)
    if said is Said.APPLICATION_ERROR:
        return _error(said, _exception(text), deed=f"run {call}")
    return _error(said, text[:SEARCHED], deed=f"run {call}", reason=reason(text, sent))


def load_error(messages: Sequence[str], model: str, sent: Any) -> OdooError:
    """Return the error for the messages of a refused `load`. Its sentence has no text of `sent`."""
    # the later messages are often consequences of the first
    first = next(iter(messages), "")
    searched = "\n".join(message[:SEARCHED] for message in messages[:_MESSAGES])
    return _error(Said.LOAD, searched, deed=f"create {model}", reason=reason(first, sent))


def login_error() -> OdooError:
    """Return the error for an `authenticate` that returned False."""
    return _error(Said.NO_LOGIN)


def answer_error(call: str) -> OdooError:
    """Return the error for an answer of an unexpected type."""
    return _error(Said.ANSWER, deed=f"run {call}")


def reply_error() -> OdooError:
    """Return the error for a response of status 200 that is not the protocol's."""
    return _error(Said.REPLY)


def status_error(status: int, call: str, protocol: str, said: str = "") -> OdooError:
    """Return the error for an HTTP status other than 200; `said` is Odoo's own error, if it is one."""
    return _error(Said.STATUS, f"{status}\n{said}", status=status, deed=f"run {call}", protocol=protocol)


def exception_error(status: int, name: str, message: str, *, call: str, sent: Any, protocol: str) -> OdooError:
    """Return the error for an exception that JSON-2 names. Its sentence has no text of `sent`.

    XML-RPC's numbers are for the same classes (`odoo/addons/rpc/controllers/xmlrpc.py`), and JSON-2's statuses for
    Odoo's user errors (`odoo/exceptions.py`).
    """
    if name.startswith(_HTTP_ERRORS):
        return status_error(status, call, protocol, f"{name.rpartition('.')[2]}: {message[:SEARCHED]}")
    said = _EXCEPTIONS.get(name)
    if said is None:
        is_user_error = status < HTTPStatus.INTERNAL_SERVER_ERROR
        said = Said.WARNING if is_user_error else Said.APPLICATION_ERROR
    if said is Said.APPLICATION_ERROR:
        return _error(said, f"{name.removeprefix('builtins.')}: {message}"[:SEARCHED], deed=f"run {call}")
    return _error(said, message[:SEARCHED], deed=f"run {call}", reason=reason(message, sent))


def no_database_error(*, is_server_up: bool) -> OdooError:
    """Return the error for an Odoo that cannot open the database, though PostgreSQL answers if `is_server_up`."""
    return _error(Said.NO_DATABASE, "up" if is_server_up else "away")


def connection_error(error: BaseException, seconds: float, peer: str = "Odoo") -> OdooError:
    """Return the error for a call without an HTTP response within `seconds`; `peer` is what was connected to."""
    return _error(Said.CONNECTION, " ".join(_causes(error)), seconds=f"{seconds:g}", peer=peer)


def _error(said: Said, text: str = "", **words: object) -> OdooError:
    matches = ((row, row.match(said, text)) for row in TABLE)
    row, match = next((row, match) for row, match in matches if match is not None)
    return row.kind(row.sentence.format(**words, **match.groupdict()))


def _exception(text: str) -> str:
    """Return the exception at the end of a traceback, with all lines of its text."""
    begin = text.rfind('\n  File "') + 1
    after_frames = text[begin : begin + SEARCHED].splitlines()
    for number, line in enumerate(after_frames):
        if line and not line[0].isspace() and not line.startswith("Traceback ("):
            return "\n".join(after_frames[number:])
    return ""


def _causes(error: BaseException | None) -> Iterator[str]:
    while error is not None:
        yield type(error).__name__
        if isinstance(error, BaseExceptionGroup):
            # one exception for each address of the host
            for one in error.exceptions:
                yield from _causes(one)
        error = error.__cause__ or error.__context__
