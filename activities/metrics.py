"""Counts each attempt at an activity, for Prometheus. No label holds a customer's data or an id."""

import asyncio
from typing import Any

import temporalio.activity
from prometheus_client import Counter
from temporalio.exceptions import ApplicationError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from activities.report.troubles import Troubles

_ATTEMPTS = Counter(
    "worker_activity_attempts",
    "Attempts at activities, by their outcome: `ok`, `cancelled` or the code of the error.",
    ["environment", "activity", "outcome"],
)


class CountAttempts(Interceptor):
    """Counts the attempts at the activities of one environment, and tells `troubles` of them.

    It belongs before `QuietLifeInterceptor`, which translates the errors.
    """

    def __init__(self, environment: str, troubles: Troubles) -> None:
        self._environment = environment
        self._troubles = troubles

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002
        """Wrap one activity; the parameter's name is the SDK's."""
        return _Counted(next, self._environment, self._troubles)


class _Counted(ActivityInboundInterceptor):
    def __init__(
        self,
        next: ActivityInboundInterceptor,  # noqa: A002
        environment: str,
        troubles: Troubles,
    ) -> None:
        super().__init__(next)
        self._environment = environment
        self._troubles = troubles

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002
        activity = temporalio.activity.info().activity_type
        try:
            result = await self.next.execute_activity(input)
        except ApplicationError as error:
            self._count(activity, error.type or "unknown")
            self._troubles.failed(self._environment, activity, error.type, error.message)
            raise
        except asyncio.CancelledError:
            self._count(activity, "cancelled")
            raise
        self._count(activity, "ok")
        self._troubles.worked(self._environment, activity)
        return result

    def _count(self, activity: str, outcome: str) -> None:
        _ATTEMPTS.labels(self._environment, activity, outcome).inc()
