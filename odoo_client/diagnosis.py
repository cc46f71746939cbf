"""From a call that failed to its error, by the table in `odoo_client/faults.py`."""

from collections.abc import Iterator, Sequence
from typing import Any
from xmlrpc.client import Fault

from odoo_client.errors import OdooError
from odoo_client.faults import TABLE, Said
from odoo_client.reasons import SEARCHED, reason

_FAULTS = {2: Said.WARNING, 3: Said.ACCESS_DENIED, 4: Said.ACCESS_ERROR}

_MESSAGES = 100
"""How many of the messages of `load` are searched."""


def fault_error(fault: Fault, call: str, sent: Any) -> OdooError:
    """Give the error for a fault of `call`, e.g. `crm.lead.write`; texts of `sent` never reach its sentence."""
    said = _FAULTS.get(fault.faultCode, Said.APPLICATION_ERROR)
    text = str(fault.faultString)
    if said is Said.APPLICATION_ERROR:
        return _error(said, _exception(text), deed=f"run {call}")
    return _error(said, text[:SEARCHED], deed=f"run {call}", reason=reason(text, sent))


def load_error(messages: Sequence[str], model: str, sent: Any) -> OdooError:
    """Give the error for the messages with which `load` refused its rows; `sent` as in `fault_error`."""
    # the others are often only consequences of the first
    first = next(iter(messages), "")
    searched = "\n".join(message[:SEARCHED] for message in messages[:_MESSAGES])
    return _error(Said.LOAD, searched, deed=f"create {model}", reason=reason(first, sent))


def login_error() -> OdooError:
    """Give the error for an `authenticate` that gave False."""
    return _error(Said.NO_LOGIN)


def answer_error(call: str) -> OdooError:
    """Give the error for an answer of another type than the one expected."""
    return _error(Said.ANSWER, deed=f"run {call}")


def reply_error() -> OdooError:
    """Give the error for a response of status 200 that is no XML-RPC."""
    return _error(Said.REPLY)


def status_error(status: int, call: str) -> OdooError:
    """Give the error for an HTTP status other than 200."""
    return _error(Said.STATUS, str(status), status=status, deed=f"run {call}")


def connection_error(error: BaseException, seconds: float) -> OdooError:
    """Give the error for a call that brought no HTTP response within `seconds`."""
    return _error(Said.CONNECTION, " ".join(_causes(error)), seconds=f"{seconds:g}")


def _error(said: Said, text: str = "", **words: object) -> OdooError:
    matches = ((row, row.match(said, text)) for row in TABLE)
    row, match = next((row, match) for row, match in matches if match is not None)
    return row.kind(row.sentence.format(**words, **match.groupdict()))


def _exception(text: str) -> str:
    """Give the exception that a traceback ends with, and the lines of its text."""
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
            # an attempt for each address of the host
            for one in error.exceptions:
                yield from _causes(one)
        error = error.__cause__ or error.__context__
