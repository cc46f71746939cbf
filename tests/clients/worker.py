"""A worker as a process: the real workflows, with activities that all succeed."""

import asyncio

from temporalio.worker import Worker

from quotation.messages import task_queue
from runtime import process, temporal
from tests.clients.settings import ENVIRONMENT
from tests.support.script import Script
from workflows.log import QuotationLogWorkflow
from workflows.lookup import CheckWorkflow, PartnerLookupWorkflow, ProductLookupWorkflow
from workflows.quotation import QuotationWorkflow
from workflows.runner import RUNNER


async def main(stop: asyncio.Event) -> None:
    """Work until `stop` is set."""
    worker = Worker(
        await temporal.connect(()),
        task_queue=task_queue(ENVIRONMENT),
        workflows=[
            QuotationWorkflow,
            QuotationLogWorkflow,
            ProductLookupWorkflow,
            PartnerLookupWorkflow,
            CheckWorkflow,
        ],
        activities=Script().activities(),
        workflow_runner=RUNNER,
    )
    async with worker:
        await stop.wait()


if __name__ == "__main__":
    process.run(main)
