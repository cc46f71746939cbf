"""The workflow that writes a log if the quotation's own run could not."""

from temporalio import workflow
from temporalio.common import VersioningBehavior

with workflow.unsafe.imports_passed_through():
    from quotation import messages, steps
    from quotation.document import Log
    from workflows import policies


@workflow.defn(name=messages.LOG_WORKFLOW)
class QuotationLogWorkflow:
    """Writes one log, and outlives the quotation that started it."""

    @workflow.run
    async def run(self, document: Log) -> None:
        """Write the log, however long that takes."""
        queue = messages.log_queue(workflow.info().task_queue)
        await workflow.execute_activity(steps.LOG_TO_S3, document, task_queue=queue, **policies.LATE_LOG)


# Temporal refuses the behaviour from an unversioned worker
@workflow.defn(name=messages.LOG_WORKFLOW, versioning_behavior=VersioningBehavior.AUTO_UPGRADE)
class MovingLogWorkflow(QuotationLogWorkflow):
    """The same for versioned workers: a log that waits for S3 moves to the current version."""

    @workflow.run
    async def run(self, document: Log) -> None:
        """Write the log, however long that takes."""
        await super().run(document)
