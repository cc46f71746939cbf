"""From what went wrong to what Temporal shall do: the error's code, and whether to try again."""

import random
from datetime import timedelta

from temporalio.exceptions import ApplicationError

from activities.log_store import LogStoreError
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
"""How often a fault that nobody knows is met before it counts as permanent."""


class NotFoundError(Exception):
    """A product or salesperson that the request names does not exist. Permanent."""

    def __init__(self, code: ErrorCode, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


_PERMANENT: list[tuple[type[Exception], ErrorCode]] = [
    (OdooAuthError, ErrorCode.ODOO_AUTH_FAILED),
    (OdooAccessDeniedError, ErrorCode.ODOO_ACCESS_DENIED),
    (OdooRejectedError, ErrorCode.ODOO_REJECTED),
]


def to_application_error(error: Exception, unexpected_before: int) -> ApplicationError:
    """Translate an activity's exception; its type becomes the error code, its text stays the sentence.

    `unexpected_before` is how many earlier attempts met an unknown fault. An exception that is none of ours is
    named by its class only: its text may hold anything.
    """
    if isinstance(error, NotFoundError):
        return ApplicationError(str(error), type=error.code, non_retryable=True)
    for kind, code in _PERMANENT:
        if isinstance(error, kind):
            return ApplicationError(str(error), type=code, non_retryable=True)
    if isinstance(error, OdooBusyError):
        return ApplicationError(str(error), type=ErrorCode.ODOO_UNAVAILABLE, next_retry_delay=_soon())
    if isinstance(error, OdooUnavailableError):
        return ApplicationError(str(error), type=ErrorCode.ODOO_UNAVAILABLE)
    if isinstance(error, LogStoreError):
        # it never fails a quotation, so it needs no code of the contract
        return ApplicationError(str(error), type="log_unavailable")
    sentence = str(error) if isinstance(error, OdooUnexpectedError) else f"Unexpected {type(error).__name__}."
    return ApplicationError(
        sentence,
        type=ErrorCode.ODOO_UNEXPECTED,
        non_retryable=unexpected_before + 1 >= UNEXPECTED_ATTEMPTS,
    )


def is_unexpected(error: ApplicationError) -> bool:
    """Tell whether the error counts towards `UNEXPECTED_ATTEMPTS`."""
    return error.type == ErrorCode.ODOO_UNEXPECTED


def _soon() -> timedelta:
    # spread out, so that those who collided do not collide again
    return timedelta(seconds=random.uniform(0.05, 0.5))  # noqa: S311
