"""A workflow under the name of the real one that follows a test's script, and its worker."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from pydantic import BaseModel
from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.common import RawValue, RetryPolicy
from temporalio.exceptions import ApplicationError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from quotation import messages
from quotation.messages import QuotationInput
from quotation.status import QuotationStatus


class Attempts(BaseModel):
    """An activity that fails so many times, and then runs until the worker stops."""

    activity: str
    failures: int
    pause: float = 60
    error: str = "Odoo does not answer"
    code: str | None = None


@workflow.defn(name=messages.WORKFLOW)
class ScriptedQuotation:
    def __init__(self) -> None:
        self._status: QuotationStatus | None = None
        self._end: str | None = None
        self._activities: list[workflow.ActivityHandle[None]] = []

    @workflow.run
    async def run(self, quotation: QuotationInput) -> QuotationStatus | None:  # noqa: ARG002
        await workflow.wait_condition(lambda: self._end is not None)
        if self._end == "fail":
            raise ApplicationError("failed on purpose", non_retryable=True)
        return self._status

    @workflow.signal
    def show(self, status: QuotationStatus) -> None:
        """Answer queries with this status, without telling Temporal."""
        self._status = status

    @workflow.signal
    def publish(self, status: QuotationStatus) -> None:
        """Put this status in the memo, without answering queries with it."""
        workflow.upsert_memo({messages.STATUS_MEMO: status})

    @workflow.signal
    def attempt(self, attempts: Attempts) -> None:
        """Start an activity."""
        self._activities.append(
            workflow.start_activity(
                attempts.activity,
                attempts,
                start_to_close_timeout=timedelta(minutes=1),
                retry_policy=RetryPolicy(initial_interval=timedelta(seconds=attempts.pause)),
            )
        )

    @workflow.signal
    def end(self, how: str) -> None:
        """Complete or fail."""
        self._end = how

    @workflow.query(name=messages.STATUS_QUERY)
    def status(self) -> QuotationStatus:
        if self._status is None:
            raise RuntimeError("nothing to show")
        return self._status


@activity.defn(dynamic=True)
async def misbehave(arguments: Sequence[RawValue]) -> None:
    attempts = activity.payload_converter().from_payload(arguments[0].payload, Attempts)
    if activity.info().attempt <= attempts.failures:
        raise ApplicationError(attempts.error, type=attempts.code)
    await asyncio.Event().wait()


def scripted_worker(client: Client, environment: str = "dev") -> Worker:
    """Return a worker for an environment's quotations, not yet started."""
    return Worker(
        client,
        task_queue=messages.task_queue(environment),
        workflows=[ScriptedQuotation],
        activities=[misbehave],
        workflow_runner=UnsandboxedWorkflowRunner(),
    )
