"""The one thing that talks to Temporal; REST and MCP are thin skins over it."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from pydantic import BaseModel, Field
from temporalio.client import (
    Client,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowHandle,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from gateway import metrics
from gateway.errors import (
    FinishedError,
    KeyReusedError,
    MalformedTrackingIdError,
    NotRetryableError,
    UnknownQuotationError,
)
from gateway.service import audit, run_status
from gateway.service.attributes import QuotationAttributes
from gateway.service.callers import Caller
from gateway.service.corrections import corrected
from gateway.service.deadlines import answered_within
from gateway.service.environments import ConfiguredEnvironments
from gateway.service.idempotency import IdempotencyKey, KeyedStart
from gateway.service.listing import ListArguments, Listing, QuotationPage
from gateway.service.lookups import Lookups
from gateway.service.retention import Retention
from gateway.service.watching import Watches
from gateway.settings import GatewaySettings
from quotation import messages, texts
from quotation.identity import fingerprint, is_tracking_id, new_tracking_id
from quotation.messages import QuotationInput
from quotation.request import QuotationRequest
from quotation.status import QuotationStatus, State

logger = logging.getLogger(__name__)

# 10 s is what a caller is promised (contract, section 2)
_START_SECONDS = 8.0
_DESCRIBE_SECONDS = 5.0
_QUERY_SECONDS = 2.0
_RESULT_SECONDS = 2.0
_CANCEL_SECONDS = 5.0
_CLOSE_SECONDS = 10.0

_RETRYABLE = (State.FAILED, State.CANCELLED)


class Accepted(BaseModel):
    """A quotation that was started; it is not finished."""

    tracking_id: str
    status: State = State.QUEUED
    message: str = texts.ACCEPTED
    estimated_time: str = texts.ESTIMATED_TIME
    environment: str
    is_replayed: bool = Field(default=False, exclude=True)
    """True where an earlier call had started it; told in each interface's own way."""


class CancelRequested(BaseModel):
    """A cancel that was requested; the status tells what came of it."""

    tracking_id: str
    status: State
    message: str = texts.CANCEL_REQUESTED
    environment: str


class QuotationService:
    """Starts quotations, reads their status, cancels them and runs failed ones again.

    Every method raises `TemporalUnavailableError` within 10 s where Temporal is away.
    """

    def __init__(self, client: Client, settings: GatewaySettings) -> None:
        self._client = client
        self._watches = Watches(client)
        self._secret = settings.tracking_secret.get_secret_value()
        self.environments = ConfiguredEnvironments(settings.configured_environments)
        self.attributes = QuotationAttributes(client)
        self.lookups = Lookups(client, self.environments)
        self._listing = Listing(client, self.environments, self.attributes)
        self.retention = Retention(client)

    async def stop_waiting(self) -> None:
        """Answer all who wait with what is known now; for a process that stops."""
        await self._watches.close()

    async def start(
        self, caller: Caller, environment_name: str, request: QuotationRequest, key: IdempotencyKey | None = None
    ) -> Accepted:
        """Start a quotation in the environment of this name, or find the one that was started with this key.

        Raises `KeyReusedError` where that was another request, and otherwise as `ConfiguredEnvironments.named`.
        """
        environment = self.environments.named(environment_name, caller)
        digest = fingerprint(request)
        keyed = key and KeyedStart.of(key, caller.name, environment.name, digest, self._secret)
        quotation = QuotationInput(request=request, environment=environment.label, fingerprint=digest)
        memo = {
            run_status.ENVIRONMENT_MEMO: environment.label,
            run_status.ENVIRONMENT_NAME_MEMO: environment.name,
            run_status.FINGERPRINT_MEMO: digest,
            **({} if caller.is_local else {run_status.OWNER_MEMO: caller.name}),
            **({run_status.KEY_MEMO: keyed.digest} if keyed else {}),
        }
        candidates = keyed.tracking_ids() if keyed else iter(new_tracking_id, None)
        async with answered_within(_START_SECONDS):
            # until an id is found that no other customer's quotation has by chance
            while True:
                accepted = Accepted(tracking_id=next(candidates), environment=environment.label)
                if await self._is_started(accepted.tracking_id, environment.task_queue, quotation, memo):
                    metrics.STARTS.labels(environment.name, "started").inc()
                    audit.record("start", caller, environment.name, accepted.tracking_id)
                    return accepted
                if keyed and await self._is_replayed(accepted.tracking_id, keyed, digest):
                    metrics.STARTS.labels(environment.name, "replayed").inc()
                    return accepted.model_copy(update={"is_replayed": True})

    async def list_quotations(
        self, caller: Caller, arguments: ListArguments, environment: str | None = None
    ) -> QuotationPage:
        """Give a page of the quotations that the caller may read. Raises as `ConfiguredEnvironments.named`."""
        if environment is None:
            environments = self.environments.usable_by(caller)
        else:
            environments = [self.environments.named(environment, caller)]
        owner = None if caller.is_local or caller.reads_all else caller.name
        return await self._listing.page(owner, environments, arguments)

    async def status(self, caller: Caller, tracking_id: str, environment: str | None = None) -> QuotationStatus:
        """Tell how far a quotation is; where `environment` is given it must be the quotation's.

        Raises `MalformedTrackingIdError` and `UnknownQuotationError`, and otherwise as
        `ConfiguredEnvironments.named`. One that the caller may not know of is an unknown one.
        """
        return await _shown(*await self._read(caller.may_read, caller, tracking_id, environment))

    async def find(
        self, caller: Caller, tracking_id: str, *, ask_worker: bool = True
    ) -> tuple[str, QuotationStatus]:
        """Give the name of a quotation's environment, and its status. Raises as `status`.

        Where no worker is to be asked it costs one call of Temporal, which knows the same but for a moment.
        """
        description, status = await self._read(caller.may_read, caller, tracking_id, None, ask_worker=ask_worker)
        return await run_status.environment_name(description), await _shown(description, status)

    async def wait(
        self, caller: Caller, tracking_id: str, seconds: float, environment: str | None = None
    ) -> QuotationStatus:
        """Tell how far a quotation is when it is final, or after so many seconds. Raises as `status`."""
        if not seconds:
            return await self.status(caller, tracking_id, environment)
        status = await _shown(
            *await self._read(caller.may_read, caller, tracking_id, environment, ask_worker=False)
        )
        if status.status.is_final:
            return status
        read = partial(self._read_again, tracking_id)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                return (await self._watches.final(status, read)).measured_at(datetime.now(UTC))
        return await read()

    async def changes(self, caller: Caller, tracking_id: str) -> AsyncIterator[QuotationStatus]:
        """Give the status now and at each change, until it is final. Raises as `status`, also while it goes on."""
        # refused before the first of them is awaited
        _, status = await self.find(caller, tracking_id, ask_worker=False)
        return self._watches.changes(status, partial(self._read_again, tracking_id))

    async def cancel(self, caller: Caller, tracking_id: str, environment: str | None = None) -> CancelRequested:
        """Request that a quotation of the caller's own stops; what is under way in Odoo is awaited and recorded.

        Raises `FinishedError`, and otherwise as `status`.
        """
        description, status = await self._read(caller.may_change, caller, tracking_id, environment)
        if status.status.is_final:
            raise FinishedError
        async with answered_within(_CANCEL_SECONDS):
            await self._client.get_workflow_handle(tracking_id).cancel()
        audit.record("cancel", caller, await run_status.environment_name(description), tracking_id)
        return CancelRequested(tracking_id=tracking_id, status=status.status, environment=status.environment)

    async def retry(
        self, caller: Caller, tracking_id: str, changes: Mapping[str, Any], environment: str | None = None
    ) -> Accepted:
        """Run a failed or cancelled quotation of the caller's own again, with some fields of its request replaced.

        What its earlier runs made in Odoo is used, not made again. Raises `NotRetryableError`,
        `InvalidCorrectionError` and `FixedFieldError`, and otherwise as `status`.
        """
        description, status = await self._read(caller.may_change, caller, tracking_id, environment)
        if status.status not in _RETRYABLE:
            raise NotRetryableError
        last = await self._input(description)
        again = last.model_copy(
            update={
                "request": corrected(last.request, changes, status.result),
                "created_at": status.created_at,
                "existing": status.result,
            }
        )
        await self._wait_until_closed(description)
        queued = QuotationStatus.queued(tracking_id, last.environment, status.created_at, status.result)
        memo = await run_status.lasting_memo(description) | {messages.STATUS_MEMO: queued}
        async with answered_within(_START_SECONDS):
            started = await self._is_started(
                tracking_id,
                description.task_queue,
                again,
                memo,
                WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
            )
        if not started:
            raise NotRetryableError
        audit.record("retry", caller, await run_status.environment_name(description), tracking_id)
        return Accepted(tracking_id=tracking_id, environment=last.environment)

    async def _read(
        self,
        may: Callable[[str, str], bool],
        caller: Caller,
        tracking_id: str,
        environment: str | None,
        *,
        ask_worker: bool = True,
    ) -> tuple[WorkflowExecutionDescription, QuotationStatus]:
        """Give what Temporal tells of the quotation's last run, and its status."""
        if not is_tracking_id(tracking_id):
            raise MalformedTrackingIdError
        if environment is not None:
            self.environments.named(environment, caller)
        handle = self._client.get_workflow_handle(tracking_id)
        query = asyncio.create_task(_ask_worker(handle)) if ask_worker else None
        try:
            async with answered_within(_DESCRIBE_SECONDS):
                description = await handle.describe()
            await _require_quotation(description, may, environment)
            return description, await self._latest_status(description, query)
        finally:
            if query:
                query.cancel()

    async def _is_replayed(self, tracking_id: str, keyed: KeyedStart, request: str) -> bool:
        """Tell whether the quotation of this id was started with this key. Raises `KeyReusedError`."""
        description = await self._client.get_workflow_handle(tracking_id).describe()
        if await run_status.key_digest(description) != keyed.digest:
            return False
        if await run_status.first_fingerprint(description) != request:
            raise KeyReusedError
        return True

    async def _is_started(
        self,
        tracking_id: str,
        task_queue: str,
        quotation: QuotationInput,
        memo: dict[str, Any],
        reuse: WorkflowIDReusePolicy = WorkflowIDReusePolicy.REJECT_DUPLICATE,
    ) -> bool:
        owner = str(memo.get(run_status.OWNER_MEMO, ""))
        try:
            await self._client.start_workflow(
                messages.WORKFLOW,
                quotation,
                id=tracking_id,
                task_queue=task_queue,
                memo=memo,
                search_attributes=await self.attributes.of_new(owner),
                id_reuse_policy=reuse,
                id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
            )
        except WorkflowAlreadyStartedError:
            return False
        return True

    async def _latest_status(
        self, description: WorkflowExecutionDescription, query: Awaitable[QuotationStatus | None] | None = None
    ) -> QuotationStatus:
        published = await run_status.published_status(description)
        if published is not None and published.status.is_final:
            return published
        answer = await query if query else None
        if query:
            metrics.STATUS_QUERIES.labels("answered" if answer else "unanswered").inc()
        latest = answer or published or await run_status.queued_status(description)
        if description.close_time is not None and not latest.status.is_final:
            # a terminated run answers queries with its last state for ever
            latest = await self._result(description) or run_status.ended_status(latest, description)
        if latest.created_at is None:
            latest = latest.model_copy(update={"created_at": description.start_time})
        return latest

    async def _read_again(self, tracking_id: str) -> QuotationStatus:
        """Give the status of a quotation that the caller has read before."""
        async with answered_within(_DESCRIBE_SECONDS):
            description = await self._client.get_workflow_handle(tracking_id).describe()
        return await _shown(description, await self._latest_status(description))

    async def _input(self, description: WorkflowExecutionDescription) -> QuotationInput:
        """Give what the run was started with."""
        handle = self._client.get_workflow_handle(description.id, run_id=description.run_id)
        async with answered_within(_DESCRIBE_SECONDS):
            first = await anext(handle.fetch_history_events(page_size=1))
        payloads = first.workflow_execution_started_event_attributes.input.payloads
        [quotation] = await self._client.data_converter.decode(payloads, [QuotationInput])
        return QuotationInput.model_validate(quotation)

    async def _wait_until_closed(self, description: WorkflowExecutionDescription) -> None:
        # the status is final before the log is written, and the run closes after it
        handle = self._client.get_workflow_handle(description.id, run_id=description.run_id)
        with contextlib.suppress(WorkflowFailureError):
            async with answered_within(_CLOSE_SECONDS):
                await handle.result(follow_runs=False)

    async def _result(self, description: WorkflowExecutionDescription) -> QuotationStatus | None:
        """Return what a completed run returned, or None if only a newer version can read it."""
        if description.status is not WorkflowExecutionStatus.COMPLETED:
            return None
        handle = self._client.get_workflow_handle(
            description.id, run_id=description.run_id, result_type=QuotationStatus
        )
        try:
            async with answered_within(_RESULT_SECONDS):
                result: QuotationStatus = await handle.result(follow_runs=False)
        except ValueError as error:
            logger.warning("the result of a run could not be read: %s", type(error).__name__)
            return None
        return result


async def _shown(description: WorkflowExecutionDescription, status: QuotationStatus) -> QuotationStatus:
    """Give the status with what only the moment of showing it tells."""
    if status.status is State.PROCESSING:
        status = status.model_copy(update={"retrying": await run_status.retrying(description)})
    return status.measured_at(datetime.now(UTC))


async def _ask_worker(handle: WorkflowHandle[Any, Any]) -> QuotationStatus | None:
    """Give the workflow's own answer, or None whatever the reason why there is none within 2 s."""
    try:
        async with asyncio.timeout(_QUERY_SECONDS):
            answer: QuotationStatus = await handle.query(messages.STATUS_QUERY, result_type=QuotationStatus)
            return answer
    except Exception as error:  # noqa: BLE001  # Temporal itself holds enough to answer without a worker
        logger.debug("no worker answered a query: %s", type(error).__name__)
        return None


async def _require_quotation(
    description: WorkflowExecutionDescription, may: Callable[[str, str], bool], environment: str | None
) -> None:
    """Raise `UnknownQuotationError` unless it is a quotation that the caller `may` have, in that environment."""
    if not run_status.is_quotation(description):
        raise UnknownQuotationError
    started_in = await run_status.environment_name(description)
    is_elsewhere = environment not in (None, started_in)
    if is_elsewhere or not may(await run_status.owner(description), started_in):
        raise UnknownQuotationError
