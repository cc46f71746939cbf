"""The log of a quotation whose run could not write it: a workflow that goes on until it is written."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from quotation import messages, steps
    from quotation.document import Log
    from workflows import policies


@workflow.defn(name=messages.LOG_WORKFLOW)
class QuotationLogWorkflow:
    """Writes one document; outlives the quotation that started it."""

    @workflow.run
    async def run(self, document: Log) -> None:
        """Return when the document is written, however long that takes."""
        await workflow.execute_activity(steps.LOG_TO_S3, document, **policies.LATE_LOG)
