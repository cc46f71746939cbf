"""Quotations that Temporal no longer holds, as after the retention of its namespace."""

import asyncio

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode


async def forget(temporal: Client, *tracking_ids: str) -> None:
    """Delete ended quotations from Temporal; all at once, since it takes half a minute."""
    async with asyncio.timeout(100):
        await asyncio.gather(*(_delete(temporal, one) for one in tracking_ids))


async def _delete(temporal: Client, tracking_id: str) -> None:
    handle = temporal.get_workflow_handle(tracking_id)
    # the final log is written after the status is final
    while (await handle.describe()).close_time is None:
        await asyncio.sleep(0.1)
    await temporal.workflow_service.delete_workflow_execution(
        DeleteWorkflowExecutionRequest(
            namespace=temporal.namespace, workflow_execution=WorkflowExecution(workflow_id=tracking_id)
        )
    )
    while await _is_known(temporal, tracking_id):
        await asyncio.sleep(0.2)


async def _is_known(temporal: Client, tracking_id: str) -> bool:
    try:
        await temporal.get_workflow_handle(tracking_id).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return False
        raise
    return True
