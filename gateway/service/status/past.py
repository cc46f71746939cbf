"""Finds quotations that Temporal no longer holds, in their logs (docs/reference.md, Status)."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.exceptions import ApplicationError

from gateway import metrics
from gateway.errors import (
    TooManyUnknownError,
    UnknownQuotationError,
    UnreadableQuotationError,
    UnreadLogError,
)
from gateway.rates import RateLimit
from gateway.service.asking import UnansweredError, Workers
from gateway.service.callers import Caller
from gateway.service.temporal.deadlines import answered_within
from gateway.service.temporal.kept import Kept
from quotation import lookups, messages, texts
from quotation.course.progress import reached
from quotation.document import Log, LogDocument
from quotation.environment import Environment
from quotation.errors import ErrorCode
from quotation.lookups import FoundLog, LogQuery
from quotation.status import Failure, QuotationStatus, State, Step

MOST_A_MINUTE = 60
"""How many ids that Temporal does not know are looked for in the logs, a minute and caller, in one process."""

_KEPT_SECONDS = 15.0
_WORKERS_KEPT_SECONDS = 5.0
_ANSWER_SECONDS = 2.0

_WITHOUT_END = (
    "Temporal no longer holds this quotation, and its log does not say how it ended: perhaps it was terminated."
    " Look in Odoo for what it left there."
)


@dataclass(frozen=True)
class PastQuotation:
    """A quotation that a caller has access to and of which only its log is left."""

    environment: str
    """The name of its environment."""
    owner: str
    """Who started it; empty for the local caller, and if an older version wrote the log."""
    status: QuotationStatus
    """As it ended."""
    log: Log

    def document(self) -> LogDocument:
        """Return its log. Raises `UnreadableQuotationError` if only a newer version can read it."""
        try:
            return LogDocument.model_validate(self.log.model_dump())
        except ValidationError:
            raise UnreadableQuotationError from None


class PastQuotations:
    """Asks the workers for logs. An answer is used again for a few seconds, and a caller may not ask for many."""

    def __init__(self, client: Client, *, most_a_minute: int = MOST_A_MINUTE) -> None:
        self._client = client
        self._workers = Workers(client)
        self._limit = RateLimit(most_a_minute)
        self._logs: Kept[Log | None] = Kept(_KEPT_SECONDS)
        self._has_workers: Kept[bool] = Kept(_WORKERS_KEPT_SECONDS)

    async def find(self, caller: Caller, tracking_id: str, environments: Iterable[Environment]) -> PastQuotation:
        """Return a quotation of one of these environments that the caller may read.

        Raises:
            UnknownQuotationError: There is no log of such a quotation, or the caller may not know of it. It is an
                `UnreadLogError` if no worker could read the logs of an environment.
            UnreadableQuotationError: Only a newer version can read the log.
            TooManyUnknownError: The caller has asked for too many.
            TemporalUnavailableError: Temporal did not answer.
        """
        asked = list(environments)
        answers = await asyncio.gather(
            *(self._kept_log(caller, tracking_id, environment) for environment in asked), return_exceptions=True
        )
        for environment, log in zip(asked, answers, strict=True):
            if isinstance(log, Log) and _belongs(log, environment):
                owner = log.owner or ""
                if not caller.may_read(owner, environment.name):
                    raise UnknownQuotationError
                return PastQuotation(environment.name, owner, status_in(log), log)
        for problem in answers:
            if isinstance(problem, BaseException):
                raise problem
        raise UnknownQuotationError

    async def _kept_log(self, caller: Caller, tracking_id: str, environment: Environment) -> Log | None:
        # by caller, too: one that asks for too much must not spoil another one's answer
        key = (caller.name, tracking_id, environment.name)
        return await self._logs.get(key, lambda: self._counted(caller, tracking_id, environment))

    async def _counted(self, caller: Caller, tracking_id: str, environment: Environment) -> Log | None:
        outcome = "failed"
        try:
            log = await self._log(caller, tracking_id, environment)
            outcome = "none" if log is None else "found"
        except TooManyUnknownError:
            outcome = "refused"
            raise
        finally:
            metrics.LOG_LOOKUPS.labels(environment.name, outcome).inc()
        return log

    async def _log(self, caller: Caller, tracking_id: str, environment: Environment) -> Log | None:
        if self._limit.seconds_to_wait(caller.name):
            raise TooManyUnknownError
        queue = messages.log_queue(environment.task_queue)
        # without a worker, each of many callers would wait for 8 seconds
        if not await self._has_workers.get(queue, lambda: self._is_polled(queue)):
            raise UnreadLogError
        try:
            found = await self._workers.ask(
                queue, lookups.LOG_WORKFLOW, LogQuery(tracking_id=tracking_id), FoundLog
            )
        except (ApplicationError, UnansweredError):
            raise UnreadLogError from None
        return found.log

    async def _is_polled(self, queue: str) -> bool:
        """Return True if a worker has asked for work in the last minutes; an older version does not ask here."""
        request = DescribeTaskQueueRequest(
            namespace=self._client.namespace,
            task_queue=TaskQueue(name=queue),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        )
        async with answered_within(_ANSWER_SECONDS):
            answer = await self._client.workflow_service.describe_task_queue(request)
        return bool(answer.pollers)


def status_in(log: Log) -> QuotationStatus:
    """Return the status of a quotation of which only its log is left.

    A log that is not final is of a run that ended without writing another one: it was terminated, or the log is
    lost. Raises `UnreadableQuotationError`.
    """
    told = log.model_dump()
    step = _step_in(log, told)
    known = {name: told[name] for name in _TOLD if name in told} | {"step": step, "progress": texts.PROGRESS[step]}
    if not log.is_final:
        failure = Failure(code=ErrorCode.TERMINATED, message=_WITHOUT_END, step=step)
        known |= {"status": State.FAILED, "error": failure, "completed_at": log.written_at}
    try:
        status = QuotationStatus.model_validate(known)
    except ValidationError:
        raise UnreadableQuotationError from None
    return status.measured_at(log.written_at)


_TOLD = ("tracking_id", "status", "environment", "created_at", "completed_at", "result", "error", "warnings")
"""The fields that logs and statuses have in common."""


def _step_in(log: Log, told: dict[str, Any]) -> Step:
    if log.status == State.COMPLETED:
        return Step.DONE
    steps = told.get("steps") or {}
    return reached([name for name, times in steps.items() if times.get("finished_at")]) if steps else Step.QUEUED


def _belongs(log: Log, environment: Environment) -> bool:
    # a log of an older version has the environment's label only
    return (
        environment.name == log.environment_name if log.environment_name else environment.label == log.environment
    )
