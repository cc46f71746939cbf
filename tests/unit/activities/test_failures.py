from datetime import timedelta

import pytest
from temporalio.exceptions import ApplicationError

from activities.failures import UNEXPECTED_ATTEMPTS, NotFoundError, is_unexpected, to_application_error
from log_store import LogStoreError
from odoo_client import (
    OdooAccessDeniedError,
    OdooAuthError,
    OdooBusyError,
    OdooError,
    OdooRejectedError,
    OdooUnavailableError,
    OdooUnexpectedError,
    OdooUnknownReferenceError,
)
from quotation.errors import ErrorCode

SENTENCE = "Odoo did what it did."
MARKER = "acme@corp.com and hunter2"


@pytest.mark.parametrize("before", [0, 1, 2, 100])
@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NotFoundError(ErrorCode.PRODUCT_NOT_FOUND, SENTENCE), "product_not_found"),
        (NotFoundError(ErrorCode.USER_NOT_FOUND, SENTENCE), "user_not_found"),
        (OdooAuthError(SENTENCE), "odoo_auth_failed"),
        (OdooAccessDeniedError(SENTENCE), "odoo_access_denied"),
        (OdooRejectedError(SENTENCE), "odoo_rejected"),
        (OdooUnknownReferenceError(SENTENCE), "odoo_rejected"),
    ],
)
def test_a_permanent_error_is_not_tried_again(error: Exception, code: str, before: int) -> None:
    failure = to_application_error(error, before)
    assert (failure.type, failure.message, failure.non_retryable) == (code, SENTENCE, True)
    assert not is_unexpected(failure)


@pytest.mark.parametrize("before", [0, 2, 100])
@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OdooUnavailableError(SENTENCE), "odoo_unavailable"),
        (OdooBusyError(SENTENCE), "odoo_unavailable"),
        (LogStoreError(SENTENCE), "log_unavailable"),
    ],
)
def test_a_transient_error_is_tried_again_however_often(error: Exception, code: str, before: int) -> None:
    failure = to_application_error(error, before)
    assert (failure.type, failure.message, failure.non_retryable) == (code, SENTENCE, False)
    assert not is_unexpected(failure)


def test_an_outage_waits_as_the_retry_policy_says() -> None:
    assert to_application_error(OdooUnavailableError(SENTENCE), 0).next_retry_delay is None
    assert to_application_error(LogStoreError(SENTENCE), 0).next_retry_delay is None


def test_those_who_collided_try_again_soon_and_not_at_the_same_moment() -> None:
    delays = [to_application_error(OdooBusyError(SENTENCE), 0).next_retry_delay for _ in range(50)]
    assert all(delay is not None and timedelta() < delay <= timedelta(seconds=1) for delay in delays)
    assert len(set(delays)) > 40


@pytest.mark.parametrize("error", [OdooUnexpectedError(SENTENCE), ValueError(MARKER), OdooError(MARKER)])
def test_an_unknown_fault_is_tried_three_times(error: Exception) -> None:
    assert UNEXPECTED_ATTEMPTS == 3
    failures = [to_application_error(error, before) for before in range(4)]
    assert [failure.non_retryable for failure in failures] == [False, False, True, True]
    assert {failure.type for failure in failures} == {"odoo_unexpected"}
    assert all(is_unexpected(failure) for failure in failures)


def test_an_unknown_fault_keeps_our_sentence() -> None:
    assert to_application_error(OdooUnexpectedError(SENTENCE), 0).message == SENTENCE


class CustomError(Exception):
    def __str__(self) -> str:
        return MARKER


@pytest.mark.parametrize(
    "error",
    [
        ValueError(MARKER),
        KeyError(MARKER),
        TimeoutError(MARKER),
        OSError(5, MARKER),
        CustomError(),
        ApplicationError(MARKER, MARKER),
        ExceptionGroup(MARKER, [ValueError(MARKER)]),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_that_is_none_of_ours_is_named_only_by_its_class(error: Exception) -> None:
    failure = to_application_error(error, 0)
    assert failure.message == f"Unexpected {type(error).__name__}."
    assert MARKER not in repr(failure.details)
    assert failure.__cause__ is None


def test_every_failure_of_a_call_to_odoo_has_a_code_of_the_reference() -> None:
    kinds: list[type[OdooError]] = [OdooError]
    for kind in kinds:
        kinds.extend(kind.__subclasses__())
    assert len(kinds) == 9
    assert {to_application_error(kind(SENTENCE), 0).type for kind in kinds} <= set(ErrorCode)
