"""Translates errors for Temporal: the code, and whether and when to try again."""

import random
from datetime import timedelta
from enum import Enum, auto

from temporalio.exceptions import ApplicationError

from activities.attempts import Attempts
from log_store import LogStoreError
from odoo_client import (
    OdooAccessDeniedError,
    OdooAuthError,
    OdooBusyError,
    OdooMissingError,
    OdooRejectedError,
    OdooUnavailableError,
    OdooUnexpectedError,
)
from quotation.errors import ErrorCode

UNEXPECTED_ATTEMPTS = 3
"""The number of attempts after which an unknown fault counts as permanent."""

_LONGEST_PAUSE = timedelta(seconds=30)
"""The longest pause between attempts during an installation fault, and so the longest wait after its fix."""


class RequestError(Exception):
    """The request names something that Odoo does not have or allow, as a check before the first write saw."""

    def __init__(self, code: ErrorCode, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class VisibilityError(Exception):
    """Temporal's visibility did not answer."""


class Retry(Enum):
    """When Temporal tries again, if at all."""

    NEVER = auto()
    AS_USUAL = auto()
    """After the retry policy's next interval, as long as the policy allows."""
    SOON = auto()
    """Within a second."""
    FEW = auto()
    """As usual, `UNEXPECTED_ATTEMPTS` in all."""
    PATIENTLY = auto()
    """At growing intervals, as long as the setting `PATIENCE` allows."""


_MEANINGS: list[tuple[type[Exception], str, Retry]] = [
    (OdooAuthError, ErrorCode.ODOO_AUTH_FAILED, Retry.PATIENTLY),
    (OdooAccessDeniedError, ErrorCode.ODOO_ACCESS_DENIED, Retry.PATIENTLY),
    (OdooMissingError, ErrorCode.ODOO_UNAVAILABLE, Retry.PATIENTLY),
    (OdooRejectedError, ErrorCode.ODOO_REJECTED, Retry.NEVER),
    (OdooBusyError, ErrorCode.ODOO_UNAVAILABLE, Retry.SOON),
    (OdooUnavailableError, ErrorCode.ODOO_UNAVAILABLE, Retry.AS_USUAL),
    (OdooUnexpectedError, ErrorCode.ODOO_UNEXPECTED, Retry.FEW),
    # neither fails a quotation, so they need no `ErrorCode`
    (LogStoreError, "log_unavailable", Retry.AS_USUAL),
    (VisibilityError, "temporal_unavailable", Retry.AS_USUAL),
]
"""The first class that fits counts."""


def to_application_error(error: Exception, attempts: Attempts, patience: timedelta) -> ApplicationError:
    """Translate an activity's exception: its class becomes the error code, and its text stays the sentence.

    `attempts` counts this attempt too. Faults of the installation are waited out for `patience`. An unknown
    exception is named by its class only, because its text may hold any data.
    """
    code, retry, sentence = _meaning(error)
    is_last = (
        retry is Retry.NEVER
        or (retry is Retry.FEW and attempts.unexpected >= UNEXPECTED_ATTEMPTS)
        or (retry is Retry.PATIENTLY and attempts.waited >= patience)
    )
    delay = None
    if retry is Retry.SOON:
        delay = _soon()
    elif retry is Retry.PATIENTLY:
        delay = _pause(attempts.waited, patience)
    return ApplicationError(sentence, type=code, non_retryable=is_last, next_retry_delay=delay)


def _meaning(error: Exception) -> tuple[str, Retry, str]:
    if isinstance(error, RequestError):
        return error.code, Retry.NEVER, str(error)
    for kind, code, retry in _MEANINGS:
        if isinstance(error, kind):
            return code, retry, str(error)
    return ErrorCode.ODOO_UNEXPECTED, Retry.FEW, f"Unexpected {type(error).__name__}."


def is_unexpected(error: Exception) -> bool:
    """Return True if the exception counts towards `UNEXPECTED_ATTEMPTS`."""
    return _meaning(error)[1] is Retry.FEW


def _soon() -> timedelta:
    # spread out, so that calls that collided do not collide again
    return timedelta(seconds=random.uniform(0.05, 0.5))  # noqa: S311


def _pause(waited: timedelta, patience: timedelta) -> timedelta:
    # half as long again as before, and spread out; the last attempt comes when patience ends
    pause = min(max(waited / 2, timedelta(seconds=1)), _LONGEST_PAUSE) * random.uniform(0.8, 1)  # noqa: S311
    return min(pause, max(patience - waited, timedelta(seconds=0.1)))
