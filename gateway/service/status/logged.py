"""Reads the log document of a run from its history: what the worker has written to S3, or is writing."""

from temporalio.client import WorkflowExecution

from gateway.service.temporal import run_status
from gateway.service.temporal.runs import QuotationRuns
from quotation.document import LogDocument
from quotation.messages import Opening
from quotation.steps import AUTHENTICATE, LOG_TO_S3


async def last_log(runs: QuotationRuns, run: WorkflowExecution) -> LogDocument | None:
    """Return the last log document of a run; None if no worker has begun it.

    Raises:
        UnreadableQuotationError: It is encrypted with an unknown key.
        TemporalUnavailableError: Temporal did not answer.
    """
    for event in reversed(await runs.history(run)):
        scheduled = event.activity_task_scheduled_event_attributes
        name, payloads = scheduled.activity_type.name, scheduled.input.payloads
        # an older version has no log in its first step
        if name not in (AUTHENTICATE, LOG_TO_S3) or not payloads:
            continue
        with run_status.decrypting():
            if name == LOG_TO_S3:
                [log] = await runs.converter.decode(payloads, [LogDocument])
                return LogDocument.model_validate(log)
            [opening] = await runs.converter.decode(payloads, [Opening])
            return Opening.model_validate(opening).log
    return None
