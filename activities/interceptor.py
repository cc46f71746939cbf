"""The common behaviour of all activities: heartbeats, clean errors, and calls that finish once they began."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from typing import Any

import temporalio.activity
from opentelemetry import trace
from temporalio.exceptions import ApplicationError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from activities.attempts import Attempts
from activities.failures import is_unexpected, to_application_error
from odoo_client import (
    OdooBusyError,
    OdooCrowdedError,
    OdooInstallationError,
    OdooUnavailableError,
    in_a_hurry,
    on_behalf_of,
)
from quotation import lookups, turns
from runtime.logs.ids import enter_quotation

logger = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 3.0
"""The time between two heartbeats; an activity that ends sooner sends none."""

GRACE = timedelta(seconds=10)
"""How long a stopping worker waits for calls in progress; another worker takes over the rest."""

_SHARE_OF_TIME = 0.95
"""The share of its time-out that an attempt uses, so it has ended before Temporal starts the next one."""

_SHARE_OF_WAITING = 0.9
"""The share of this time for which a look-up waits for its turn; then it fails because Odoo is busy."""


class QuietLifeInterceptor(Interceptor):
    """Wraps each activity of a worker in `_Attempt`; faults of the installation are waited out for `patience`.

    `grace` is the worker's own `graceful_shutdown_timeout`.
    """

    def __init__(self, patience: timedelta, grace: timedelta = GRACE) -> None:
        self._patience = patience
        self._grace = grace

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002
        """Wrap one activity; the parameter's name is the SDK's."""
        return _Attempt(next, self._patience, self._grace)


class _Attempt(ActivityInboundInterceptor):
    """One attempt: sends heartbeats, ends in time, outlasts a cancel request, and translates its exception.

    A local activity is a look-up, for which a caller waits: its calls have slots of their own.

    A request to cancel, pause or reset it is not passed on: a call to Odoo in progress takes effect in any
    case, so its outcome is awaited and recorded. A worker that stops hands the attempt over to another one, when
    its `grace` is over.
    """

    def __init__(
        self,
        next: ActivityInboundInterceptor,  # noqa: A002
        patience: timedelta,
        grace: timedelta,
    ) -> None:
        super().__init__(next)
        self._patience = patience
        self._grace = grace

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002
        info = temporalio.activity.info()
        enter_quotation(info.workflow_id or "")
        # of the SDK's interceptor
        span = trace.get_current_span()
        span.set_attribute("temporalAttempt", info.attempt)
        before = Attempts.from_details(info.heartbeat_details, info.started_time)
        seconds = _seconds_left(info)
        hurry = in_a_hurry(_SHARE_OF_WAITING * seconds) if info.is_local else contextlib.nullcontext()
        with hurry, on_behalf_of(turns.owner_in(info.priority.fairness_key or "")):
            work = asyncio.ensure_future(_in_time(self.next.execute_activity(input), seconds))
        beats = asyncio.create_task(_beat(before))
        try:
            return await _outlast_cancel(work, self._grace)
        except Exception as error:  # noqa: BLE001  # only our own words reach Temporal and the logs
            attempts = before.after(
                unexpected=is_unexpected(error), installation=isinstance(error, OdooInstallationError)
            )
            if attempts != before:
                temporalio.activity.heartbeat(*attempts.details)
            failure = to_application_error(error, attempts, self._patience_of(info))
            if info.is_local and isinstance(error, OdooCrowdedError):
                # a quotation waits for its turn, but whoever waits for a look-up is told
                failure = ApplicationError(failure.message, type=lookups.BUSY, non_retryable=True)
            span.set_attribute("error.type", failure.type or "")
            _report(info, failure)
            raise failure from None
        finally:
            beats.cancel()

    def _patience_of(self, info: temporalio.activity.Info) -> timedelta:
        # a caller is waiting for the result of a look-up
        return timedelta() if info.is_local else self._patience


def _seconds_left(info: temporalio.activity.Info) -> float:
    """Return the seconds that this attempt may take; the last attempt ends with the time for all of them."""
    limits = [info.start_to_close_timeout]
    if info.schedule_to_close_timeout is not None:
        limits.append(info.scheduled_time + info.schedule_to_close_timeout - datetime.now(UTC))
    return _SHARE_OF_TIME * min(limit.total_seconds() for limit in limits if limit is not None)


async def _in_time(work: Awaitable[Any], seconds: float) -> Any:
    try:
        async with asyncio.timeout(seconds) as deadline:
            return await work
    except TimeoutError:
        if deadline.expired():
            raise OdooUnavailableError("The step took longer than one attempt may.") from None
        raise


async def _outlast_cancel(work: asyncio.Future[Any], grace: timedelta) -> Any:
    async with contextlib.AsyncExitStack() as stack:
        while True:
            try:
                return await asyncio.shield(work)
            except asyncio.CancelledError:
                details = temporalio.activity.cancellation_details()
                if not work.done() and details is not None and _is_outlasted(details):
                    # the SDK cancels an activity once: it will not do so again when the worker stops
                    stopping = asyncio.create_task(_cancel_with_worker(work, grace))
                    stack.callback(stopping.cancel)
                    continue
                is_stopped = work.cancelled() and temporalio.activity.is_worker_shutdown()
                work.cancel()
                if is_stopped or (details is not None and details.worker_shutdown):
                    raise OdooBusyError("The worker was stopped before Odoo had answered.") from None
                # Temporal has given up the attempt and ignores its outcome
                raise


def _is_outlasted(details: temporalio.activity.ActivityCancellationDetails) -> bool:
    return details.cancel_requested or details.paused or details.reset


async def _cancel_with_worker(work: asyncio.Future[Any], grace: timedelta) -> None:
    await temporalio.activity.wait_for_worker_shutdown()
    await asyncio.sleep(grace.total_seconds())
    work.cancel()


async def _beat(attempts: Attempts) -> None:
    while True:
        await asyncio.sleep(HEARTBEAT_SECONDS)
        temporalio.activity.heartbeat(*attempts.details)


def _report(info: temporalio.activity.Info, failure: ApplicationError) -> None:
    logger.warning(
        "%s of %s failed, attempt %d, %s: %s",
        info.activity_type,
        info.workflow_id,
        info.attempt,
        failure.type,
        failure.message,
    )
