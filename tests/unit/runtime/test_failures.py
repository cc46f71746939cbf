"""Nothing that Temporal stores of a failure tells where on a machine it arose."""

import dataclasses

import pytest
from temporalio.api.failure.v1 import Failure
from temporalio.converter import DefaultFailureConverter, DefaultFailureConverterWithEncodedAttributes
from temporalio.exceptions import ActivityError, ApplicationError, FailureError

from runtime.encryption import data_converter
from runtime.payload_keys import PayloadKey

KEY = PayloadKey("k", bytes(range(32)))
KEYS = pytest.mark.parametrize("keys", [[], [KEY]], ids=["readable", "encrypted"])


SAID = ApplicationError("said", type="odoo_rejected", non_retryable=True)
ABOUT = ActivityError(
    "said",
    scheduled_event_id=1,
    started_event_id=2,
    identity="",
    activity_type="",
    activity_id="",
    retry_state=None,
)
ERRORS: dict[str, list[Exception]] = {
    "plain": [ValueError("said")],
    "application": [SAID],
    "cause": [SAID, ABOUT],
    "three": [ValueError("said"), SAID, ABOUT],
}


def raised(*errors: Exception) -> Exception:
    """Return the last of these, each raised with the one before as its cause, so that all have tracebacks."""
    cause: Exception | None = None
    for error in errors:
        try:
            raise error from cause  # noqa: TRY301  # it is about the traceback
        except Exception as caught:  # noqa: BLE001  # any error has a traceback
            cause = caught
    assert cause is not None
    return cause


@KEYS
@pytest.mark.parametrize("errors", ERRORS.values(), ids=ERRORS)
async def test_an_error_is_stored_without_its_trace(errors: list[Exception], keys: list[PayloadKey]) -> None:
    converter = data_converter(keys)
    failure = Failure()
    await converter.encode_failure(raised(*errors), failure)
    stored = failure.SerializeToString()
    read = await converter.decode_failure(failure)
    assert "said" in str(read)
    assert (b"said" in stored) is not bool(keys)
    assert traces(read) == []
    assert __file__.encode() not in stored


@KEYS
async def test_a_failure_of_an_older_process_is_passed_on_without_its_trace(keys: list[PayloadKey]) -> None:
    older = dataclasses.replace(
        data_converter(keys),
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes if keys else DefaultFailureConverter,
    )
    failure, again = Failure(), Failure()
    await older.encode_failure(raised(*ERRORS["cause"]), failure)
    read = await older.decode_failure(failure)
    assert traces(read)
    await data_converter(keys).encode_failure(read, again)
    assert traces(await data_converter(keys).decode_failure(again)) == []


def traces(error: BaseException | None) -> list[str]:
    """Return the traces of a failure and its causes."""
    if not isinstance(error, FailureError) or error.failure is None:
        return []
    chain = [error.failure]
    while chain[-1].HasField("cause"):
        chain.append(chain[-1].cause)
    stored = [f"{failure.stack_trace}{failure.encoded_attributes.data!r}" for failure in chain]
    return [text for text in stored if __file__ in text] + traces(error.__cause__)
