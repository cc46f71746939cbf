"""Translates errors for Temporal: the code, and whether to try again."""

import random
from datetime import timedelta
from enum import Enum, auto

from temporalio.exceptions import ApplicationError

from log_store import LogStoreError
from odoo_client import (
    OdooAccessDeniedError,
    OdooAuthError,
    OdooBusyError,
    OdooRejectedError,
    OdooUnavailableError,
    OdooUnexpectedError,
)
from quotation.errors import ErrorCode

UNEXPECTED_ATTEMPTS = 3
"""The number of attempts after which an unknown fault counts as permanent."""


class NotFoundError(Exception):
    """A product or salesperson of the request does not exist. Permanent."""

    def __init__(self, code: ErrorCode, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class Retry(Enum):
    """When Temporal tries again, if at all."""

    NEVER = auto()
    AS_USUAL = auto()
    """After the retry policy's next interval, as long as the policy allows."""
    SOON = auto()
    """Within a second."""
    FEW = auto()
    """As usual, `UNEXPECTED_ATTEMPTS` in all."""


_MEANINGS: list[tuple[type[Exception], str, Retry]] = [
    (OdooAuthError, ErrorCode.ODOO_AUTH_FAILED, Retry.NEVER),
    (OdooAccessDeniedError, ErrorCode.ODOO_ACCESS_DENIED, Retry.NEVER),
    (OdooRejectedError, ErrorCode.ODOO_REJECTED, Retry.NEVER),
    (OdooBusyError, ErrorCode.ODOO_UNAVAILABLE, Retry.SOON),
    (OdooUnavailableError, ErrorCode.ODOO_UNAVAILABLE, Retry.AS_USUAL),
    (OdooUnexpectedError, ErrorCode.ODOO_UNEXPECTED, Retry.FEW),
    # the log never fails a quotation, so this needs no `ErrorCode`
    (LogStoreError, "log_unavailable", Retry.AS_USUAL),
]
"""The first class that fits counts."""


def to_application_error(error: Exception, unexpected_before: int) -> ApplicationError:
    """Translate an activity's exception: its class becomes the error code, and its text stays the sentence.

    `unexpected_before` counts earlier attempts that met an unknown fault. An unknown exception is named by its
    class only, because its text may hold any data.
    """
    code, retry, sentence = _meaning(error)
    is_last = retry is Retry.NEVER or (retry is Retry.FEW and unexpected_before + 1 >= UNEXPECTED_ATTEMPTS)
    delay = _soon() if retry is Retry.SOON else None
    return ApplicationError(sentence, type=code, non_retryable=is_last, next_retry_delay=delay)


def _meaning(error: Exception) -> tuple[str, Retry, str]:
    if isinstance(error, NotFoundError):
        return error.code, Retry.NEVER, str(error)
    for kind, code, retry in _MEANINGS:
        if isinstance(error, kind):
            return code, retry, str(error)
    return ErrorCode.ODOO_UNEXPECTED, Retry.FEW, f"Unexpected {type(error).__name__}."


def is_unexpected(error: ApplicationError) -> bool:
    """Return True if the error counts towards `UNEXPECTED_ATTEMPTS`."""
    return error.type == ErrorCode.ODOO_UNEXPECTED


def _soon() -> timedelta:
    # spread out, so that calls that collided do not collide again
    return timedelta(seconds=random.uniform(0.05, 0.5))  # noqa: S311
