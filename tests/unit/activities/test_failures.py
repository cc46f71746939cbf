from datetime import UTC, datetime, timedelta

import pytest
from temporalio.exceptions import ApplicationError

from activities.attempts import Attempts
from activities.failures import UNEXPECTED_ATTEMPTS, RequestError, is_unexpected, to_application_error
from log_store import LogStoreError
from odoo_client import (
    OdooAccessDeniedError,
    OdooAuthError,
    OdooBusyError,
    OdooError,
    OdooInstallationError,
    OdooLoginRefusedError,
    OdooMissingError,
    OdooRejectedError,
    OdooUnavailableError,
    OdooUnexpectedError,
    OdooUnknownReferenceError,
)
from quotation.errors import ErrorCode

SENTENCE = "Odoo did what it did."
MARKER = "acme@corp.com and hunter2"
PATIENCE = timedelta(seconds=900)
NOW = datetime(2025, 12, 22, tzinfo=UTC)


def translated(error: Exception, unexpected: int = 0, waited: float = 0) -> ApplicationError:
    """The error after so many unknown faults and so many seconds of the installation's, those of it included."""
    attempts = Attempts(NOW, unexpected, NOW - timedelta(seconds=waited))
    return to_application_error(error, attempts, PATIENCE)


@pytest.mark.parametrize("before", [0, 1, 2, 100])
@pytest.mark.parametrize(
    ("error", "code"),
    [
        (RequestError(ErrorCode.PRODUCT_NOT_FOUND, SENTENCE), "product_not_found"),
        (RequestError(ErrorCode.USER_NOT_FOUND, SENTENCE), "user_not_found"),
        (RequestError(ErrorCode.ODOO_ACCESS_DENIED, SENTENCE), "odoo_access_denied"),
        (OdooRejectedError(SENTENCE), "odoo_rejected"),
        (OdooUnknownReferenceError(SENTENCE), "odoo_rejected"),
    ],
)
def test_a_permanent_error_is_not_tried_again(error: Exception, code: str, before: int) -> None:
    failure = translated(error, before)
    assert (failure.type, failure.message, failure.non_retryable) == (code, SENTENCE, True)
    assert not is_unexpected(error)


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
    failure = translated(error, before, waited=10**6)
    assert (failure.type, failure.message, failure.non_retryable) == (code, SENTENCE, False)
    assert not is_unexpected(error)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OdooAuthError(SENTENCE), "odoo_auth_failed"),
        (OdooLoginRefusedError(SENTENCE), "odoo_auth_failed"),
        (OdooAccessDeniedError(SENTENCE), "odoo_access_denied"),
        (OdooMissingError(SENTENCE), "odoo_unavailable"),
    ],
)
def test_a_fault_of_the_installation_is_tried_again_until_patience_ends(error: Exception, code: str) -> None:
    assert isinstance(error, OdooInstallationError)
    failures = [translated(error, waited=waited) for waited in (0, 1, 899, 900, 901)]
    assert [failure.non_retryable for failure in failures] == [False, False, False, True, True]
    assert {(failure.type, failure.message) for failure in failures} == {(code, SENTENCE)}


def test_attempts_at_a_faulty_installation_grow_rare_and_the_last_comes_when_patience_ends() -> None:
    def pause(waited: float) -> float:
        delay = translated(OdooAuthError(SENTENCE), waited=waited).next_retry_delay
        assert delay is not None
        return delay.total_seconds()

    assert 0.5 < pause(0) <= 1
    assert 8 <= pause(20) <= 10
    assert 20 < pause(300) <= 30
    assert pause(899.5) == 0.5
    assert len({pause(300) for _ in range(50)}) > 40


def test_an_outage_waits_as_the_retry_policy_says() -> None:
    assert translated(OdooUnavailableError(SENTENCE)).next_retry_delay is None
    assert translated(LogStoreError(SENTENCE)).next_retry_delay is None


def test_those_who_collided_try_again_soon_and_not_at_the_same_moment() -> None:
    delays = [translated(OdooBusyError(SENTENCE)).next_retry_delay for _ in range(50)]
    assert all(delay is not None and timedelta() < delay <= timedelta(seconds=1) for delay in delays)
    assert len(set(delays)) > 40


@pytest.mark.parametrize("error", [OdooUnexpectedError(SENTENCE), ValueError(MARKER), OdooError(MARKER)])
def test_an_unknown_fault_is_tried_three_times(error: Exception) -> None:
    assert UNEXPECTED_ATTEMPTS == 3
    failures = [translated(error, count) for count in range(1, 5)]
    assert [failure.non_retryable for failure in failures] == [False, False, True, True]
    assert {failure.type for failure in failures} == {"odoo_unexpected"}
    assert is_unexpected(error)


def test_an_unknown_fault_keeps_our_sentence() -> None:
    assert translated(OdooUnexpectedError(SENTENCE)).message == SENTENCE


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
    failure = translated(error)
    assert failure.message == f"Unexpected {type(error).__name__}."
    assert MARKER not in repr(failure.details)
    assert failure.__cause__ is None


def test_every_failure_of_a_call_to_odoo_has_a_code_of_the_reference() -> None:
    kinds: list[type[OdooError]] = [OdooError]
    for kind in kinds:
        kinds.extend(kind.__subclasses__())
    assert len(kinds) == 14
    assert {translated(kind(SENTENCE)).type for kind in kinds} <= set(ErrorCode)
