import pytest
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionResponse
from temporalio.client import WorkflowExecutionDescription
from temporalio.exceptions import ApplicationError

from gateway.errors import UnreadableQuotationError
from gateway.service.temporal import run_status
from quotation import steps
from runtime.encryption import data_converter
from runtime.payload_keys import PayloadKey

OLD, NEW = PayloadKey("old", bytes(32)), PayloadKey("new", bytes(range(32)))


async def retried_activity(encrypted_with: PayloadKey) -> DescribeWorkflowExecutionResponse:
    description = DescribeWorkflowExecutionResponse()
    activity = description.pending_activities.add(attempt=2)
    activity.activity_type.name = steps.CREATE_LEAD
    await data_converter([encrypted_with]).encode_failure(ApplicationError("Odoo is away"), activity.last_failure)
    return description


@pytest.mark.parametrize("keys", [[OLD], [NEW, OLD]])
async def test_the_last_error_of_a_step_may_be_encrypted_with_a_key_that_is_not_here(
    keys: list[PayloadKey],
) -> None:
    description = await WorkflowExecutionDescription._from_raw_description(  # noqa: SLF001  # nothing else makes one
        await retried_activity(NEW), "default", data_converter(keys)
    )

    if NEW in keys:
        retrying = await run_status.retrying(description)
        assert retrying
        assert (retrying.step, retrying.last_error) == ("lead", "Odoo is away")
    else:
        with pytest.raises(UnreadableQuotationError):
            await run_status.retrying(description)
