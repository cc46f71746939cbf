"""Activities of a newer version's worker, called by this version's workflow."""

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment

from quotation import steps
from quotation.errors import ErrorCode
from quotation.status import State, Step
from tests.support.script import Script
from tests.support.serving import serving
from tests.workflows.conftest import ENVIRONMENT, Bench

SENTENCE = "The customer owes too much."


async def test_a_permanent_error_with_an_unknown_code_keeps_its_sentence(
    time_skipping: WorkflowEnvironment, script: Script
) -> None:
    script.fail(steps.CREATE_LEAD, ApplicationError(SENTENCE, type="credit_limit", non_retryable=True))
    # without this version's interceptor, which would translate the error
    async with serving(time_skipping.client, ENVIRONMENT, script.activities(), interceptors=()):
        bench = Bench(time_skipping, script)
        handle = await bench.start()
        with pytest.raises(WorkflowFailureError):
            await handle.result()
        status = await bench.published(handle)
    assert status.error is not None
    assert (status.status, status.error.code, status.error.message) == (
        State.FAILED,
        ErrorCode.ODOO_UNEXPECTED,
        SENTENCE,
    )
    assert status.error.step is Step.LEAD
