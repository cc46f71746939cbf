"""Writes a quotation's log without ever delaying the quotation for long (docs/reference.md, Log)."""

import asyncio

from temporalio import workflow
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from quotation import messages, steps
    from quotation.course.progress import Progress
    from quotation.document import LogDocument
    from quotation.stored.request import StoredRequest
    from workflows import policies


class Logbook:
    """Writes the log when the quotation starts, concurrently with its steps, and again when it has ended."""

    def __init__(self, request: StoredRequest, progress: Progress) -> None:
        self._request = request
        self._progress = progress
        self._first: asyncio.Future[None] | None = None

    def open(self, document: LogDocument) -> None:
        """Start to write the log of the start, and do not wait for it."""
        self._first = workflow.start_activity(steps.LOG_TO_S3, document, task_queue=_queue(), **policies.FIRST_LOG)

    async def close(self) -> None:
        """Try for at most 5 s to write the final log; a workflow that outlives this run does the rest."""
        writing = asyncio.create_task(self._write_final())
        while not writing.done():
            try:
                await asyncio.shield(writing)
            except asyncio.CancelledError:
                # the status is final, so a cancel changes nothing now
                continue

    async def _write_final(self) -> None:
        if self._first is not None and not self._first.done():
            self._first.cancel()
        document = self.document()
        outcomes = await asyncio.gather(
            workflow.execute_activity(steps.LOG_TO_S3, document, task_queue=_queue(), **policies.FINAL_LOG),
            *([self._first] if self._first else []),
            return_exceptions=True,
        )
        if isinstance(outcomes[0], ActivityError):
            await workflow.start_child_workflow(
                messages.LOG_WORKFLOW,
                document,
                id=f"{document.tracking_id}-log",
                parent_close_policy=workflow.ParentClosePolicy.ABANDON,
                # a child that still runs has an earlier log
                id_reuse_policy=WorkflowIDReusePolicy.TERMINATE_IF_RUNNING,
            )

    def document(self) -> LogDocument:
        """Return the log of this moment."""
        status = self._progress.status
        now = workflow.now()
        return LogDocument(
            tracking_id=status.tracking_id,
            status=status.status,
            environment=status.environment,
            created_at=status.created_at or now,
            completed_at=status.completed_at,
            elapsed_time=status.elapsed_time,
            request=self._request,
            result=status.result,
            error=status.error,
            steps=self._progress.times,
            owner=workflow.memo_value(messages.OWNER_MEMO, "", type_hint=str),
            warnings=status.warnings,
            written_at=now,
        )


def _queue() -> str:
    return messages.log_queue(workflow.info().task_queue)
