"""The runs of quotations in Temporal: every call that starts, reads or ends one."""

import asyncio
import contextlib
import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import (
    Client,
    WorkflowExecution,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
    WorkflowFailureError,
)
from temporalio.common import Priority, TypedSearchAttributes, WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.converter import DataConverter
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from gateway.errors import GatewayError
from gateway.service.temporal import resets, run_status
from gateway.service.temporal.attributes import QuotationAttributes
from gateway.service.temporal.deadlines import answered_within
from quotation import messages, turns
from quotation.messages import QuotationInput
from quotation.shown.summary import summary_of
from quotation.status import QuotationStatus
from quotation.warning import QuotationWarning

logger = logging.getLogger(__name__)

# clients are promised an answer within 10 s (docs/reference.md, Errors)
_START_SECONDS = 8.0
_DESCRIBE_SECONDS = 5.0
_QUERY_SECONDS = 2.0
_RESULT_SECONDS = 2.0
_HISTORY_SECONDS = 2.5
_CANCEL_SECONDS = 5.0
_SIGNAL_SECONDS = 3.0
_CLOSE_SECONDS = 10.0


class QuotationRuns:
    """The runs of quotations; the id of a run's workflow is the tracking id.

    Each call is bounded and raises as `answered_within`. Summaries in Temporal name the customer if the gateway
    `shows_customers` there.
    """

    def __init__(self, client: Client, attributes: QuotationAttributes, *, shows_customers: bool) -> None:
        self._shows_customers = shows_customers
        self._client = client
        self._attributes = attributes

    async def start(
        self,
        tracking_id: str,
        task_queue: str,
        quotation: QuotationInput,
        memo: Mapping[str, Any],
        reuse: WorkflowIDReusePolicy = WorkflowIDReusePolicy.REJECT_DUPLICATE,
        *,
        delay: timedelta = timedelta(),
    ) -> bool:
        """Start a run; return False if `reuse` does not allow another one under this id.

        No worker gets it before `delay` is over.
        """

        async def start_with(attributes: TypedSearchAttributes, final: Sequence[str] = ()) -> None:
            await self._client.start_workflow(
                messages.WORKFLOW,
                quotation.model_copy(update={"final_attributes": list(final)}),
                id=tracking_id,
                task_queue=task_queue,
                memo=memo,
                static_summary=summary,
                search_attributes=attributes,
                start_delay=delay or None,
                priority=Priority(fairness_key=turns.key_of(owner)),
                id_reuse_policy=reuse,
                id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
            )

        summary = summary_of(
            quotation.request,
            quotation.existing.sale_order_name if quotation.existing else None,
            shows_customer=self._shows_customers,
        )
        owner = str(memo.get(messages.OWNER_MEMO, ""))
        environment = str(memo.get(run_status.ENVIRONMENT_NAME_MEMO, ""))
        attributes = self._attributes.of_new(owner, environment)
        try:
            async with answered_within(_START_SECONDS):
                try:
                    await start_with(attributes, self._attributes.final)
                except RPCError as error:
                    if error.status is not RPCStatusCode.INVALID_ARGUMENT or not len(attributes):
                        raise
                    # nobody has registered them yet, or the database is a new one
                    await start_with(TypedSearchAttributes.empty)
                    self._attributes.refused()
        except WorkflowAlreadyStartedError:
            return False
        return True

    async def describe(self, tracking_id: str) -> WorkflowExecutionDescription:
        """Return what Temporal knows of the quotation's last run."""
        async with answered_within(_DESCRIBE_SECONDS):
            return await self._client.get_workflow_handle(tracking_id).describe()

    async def query_status(self, run: WorkflowExecution) -> QuotationStatus | None:
        """Return the workflow's own answer, or None if no worker answers within 2 seconds, for any reason."""
        handle = self._client.get_workflow_handle(run.id, run_id=run.run_id)
        try:
            async with asyncio.timeout(_QUERY_SECONDS):
                answer: QuotationStatus = await handle.query(messages.STATUS_QUERY, result_type=QuotationStatus)
                return answer
        except Exception as error:  # noqa: BLE001  # Temporal itself holds enough to answer without a worker
            logger.debug("no worker answered a query: %s", type(error).__name__)
            return None

    async def result(self, run: WorkflowExecution) -> QuotationStatus | None:
        """Return the status that a completed run returned; None if there is none that this version can read.

        Raises `UnreadableQuotationError` too.
        """
        if run.status is not WorkflowExecutionStatus.COMPLETED:
            return None
        handle = self._client.get_workflow_handle(run.id, run_id=run.run_id, result_type=QuotationStatus)
        try:
            async with answered_within(_RESULT_SECONDS):
                with run_status.decrypting():
                    result: QuotationStatus | None = await handle.result(follow_runs=False)
        except GatewayError:
            raise
        except Exception as error:  # noqa: BLE001  # a newer version may have returned what this one cannot read
            logger.warning("the result of a run could not be read: %s", type(error).__name__)
            return None
        return result

    async def history(self, run: WorkflowExecution) -> list[HistoryEvent]:
        """Return the events of the run so far."""
        handle = self._client.get_workflow_handle(run.id, run_id=run.run_id)
        async with answered_within(_HISTORY_SECONDS):
            return [event async for event in handle.fetch_history_events()]

    @property
    def converter(self) -> DataConverter:
        """Decodes what the events hold."""
        return self._client.data_converter

    async def completed_before(self, run: WorkflowExecutionDescription) -> QuotationStatus | None:
        """Return the status of a completed quotation of which this is an unfinished reset; None for any other run.

        Raises `UnreadableQuotationError` too.
        """
        if run.close_time is not None or not resets.is_reset(run):
            return None
        async with answered_within(_DESCRIBE_SECONDS):
            return await resets.completed_before(self._client, run)

    async def first_input(self, run: WorkflowExecution) -> QuotationInput:
        """Return the input that the run was started with; a reset may have taken up that of a later run."""
        handle = self._client.get_workflow_handle(run.id, run_id=run.run_id)
        async with answered_within(_DESCRIBE_SECONDS):
            first = await anext(handle.fetch_history_events(page_size=1))
        if first.workflow_execution_started_event_attributes.original_execution_run_id != run.run_id:
            with run_status.decrypting():
                quotation = await resets.taken_up(await self.history(run), self.converter)
            if quotation is not None:
                return quotation
        payloads = first.workflow_execution_started_event_attributes.input.payloads
        with run_status.decrypting():
            [quotation] = await self._client.data_converter.decode(payloads, [QuotationInput])
        return QuotationInput.model_validate(quotation)

    async def warn(self, run: WorkflowExecution, warning: QuotationWarning) -> None:
        """Add a warning to the status of an open run. Raises `UnknownQuotationError` if it has ended."""
        handle = self._client.get_workflow_handle(run.id, run_id=run.run_id)
        async with answered_within(_SIGNAL_SECONDS):
            await handle.signal(messages.WARN_SIGNAL, warning)

    async def cancel(self, tracking_id: str) -> None:
        """Request the cancellation of the quotation's last run."""
        async with answered_within(_CANCEL_SECONDS):
            await self._client.get_workflow_handle(tracking_id).cancel()

    async def wait_until_closed(self, run: WorkflowExecution) -> None:
        """Wait until the run has written its log and is closed; its status is final before that."""
        handle = self._client.get_workflow_handle(run.id, run_id=run.run_id)
        with contextlib.suppress(WorkflowFailureError):
            async with answered_within(_CLOSE_SECONDS):
                await handle.result(follow_runs=False)
