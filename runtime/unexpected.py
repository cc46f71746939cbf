"""How an unexpected error is logged: by its name and where it arose, never by its text.

Its text, and a traceback with lines of source, may hold a customer's data or a secret.
"""

import logging
import traceback

from runtime.encryption import PayloadKeyError

_FRAMES = 3


def origin(error: BaseException) -> str:
    """Return an exception's name and the files and lines where it was raised, the innermost first.

    A missing key is named, because the operators have to supply it.
    """
    if isinstance(error, BaseExceptionGroup):
        return "; ".join(origin(one) for one in error.exceptions)
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    key = f" for key {error.key_id!r}" if isinstance(error, PayloadKeyError) else ""
    places = " < ".join(f"{frame.filename}:{frame.lineno}" for frame in frames[::-1])
    return f"{type(error).__name__}{key} at {places}"


def report_unexpected(logger: logging.Logger, action: str, error: BaseException) -> None:
    """Log that an action, such as `a request`, failed with an unexpected exception."""
    logger.error("%s failed with an unexpected %s", action, origin(error))
