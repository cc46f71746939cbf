"""Workers that run the real workflow, with activities that follow a test's script."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.worker import Worker

from quotation.messages import task_queue
from tests.support.script import Script
from tests.support.serving import serving

# other tests leave quotations in the queues of dev and prod
ENVIRONMENT = "taller"

StartWork = Callable[[], Awaitable[Worker]]


async def sweep(temporal: Client, environment: str) -> None:
    """Terminate the runs in an environment's queue, so that no other test's worker finds them."""
    async for run in temporal.list_workflows(
        f"TaskQueue = '{task_queue(environment)}' AND ExecutionStatus = 'Running'"
    ):
        with contextlib.suppress(RPCError):
            await temporal.get_workflow_handle(run.id, run_id=run.run_id).terminate()


@asynccontextmanager
async def workers(temporal: Client, script: Script) -> AsyncIterator[StartWork]:
    """Return a function that starts a worker, which stops at the end."""
    await sweep(temporal, ENVIRONMENT)
    async with contextlib.AsyncExitStack() as stack:

        async def start() -> Worker:
            return await stack.enter_async_context(serving(temporal, ENVIRONMENT, script.activities()))

        yield start
    await sweep(temporal, ENVIRONMENT)
