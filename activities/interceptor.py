"""What every activity does besides its work: show that it lives, end in clean errors, and finish what it began."""

import asyncio
import logging
from typing import Any

import temporalio.activity
from temporalio.exceptions import ApplicationError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from activities.failures import is_unexpected, to_application_error

logger = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 4.0
"""Between two heartbeats; an activity that ends sooner sends none."""


class QuietLifeInterceptor(Interceptor):
    """Wraps each activity of a worker in `_Attempt`."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002
        """Wrap one activity; the parameter's name is the SDK's."""
        return _Attempt(next)


class _Attempt(ActivityInboundInterceptor):
    """One attempt: heartbeats while it runs, outlasts a cancel request, translates its exception.

    A cancel request is not passed on: a call to Odoo that is under way takes effect in any case, so its outcome is
    awaited and recorded. Only a worker that stops gives the attempt up, for another worker to repeat.
    """

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002
        info = temporalio.activity.info()
        unexpected = next(iter(info.heartbeat_details), 0)
        work = asyncio.ensure_future(self.next.execute_activity(input))
        beats = asyncio.create_task(_beat(unexpected))
        try:
            return await _outlast_cancel(work)
        except Exception as error:  # noqa: BLE001  # whatever it is, Temporal and the logs get only our words
            failure = to_application_error(error, unexpected)
            if is_unexpected(failure):
                temporalio.activity.heartbeat(unexpected + 1)
            _report(info, failure)
            raise failure from None
        finally:
            beats.cancel()


async def _outlast_cancel(work: asyncio.Future[Any]) -> Any:
    while True:
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            details = temporalio.activity.cancellation_details()
            if work.cancelled() or details is None or not details.cancel_requested:
                work.cancel()
                raise


async def _beat(unexpected: int) -> None:
    while True:
        await asyncio.sleep(HEARTBEAT_SECONDS)
        temporalio.activity.heartbeat(unexpected)


def _report(info: temporalio.activity.Info, failure: ApplicationError) -> None:
    logger.warning(
        "%s of %s failed, attempt %d, %s: %s",
        info.activity_type,
        info.workflow_id,
        info.attempt,
        failure.type,
        failure.message,
    )
