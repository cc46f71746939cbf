"""How many logs of ended quotations are not written yet: the workflows that still try."""

import asyncio
import math
from collections.abc import Iterable

from temporalio.client import Client
from temporalio.service import RPCError

from gateway.metrics import UNWRITTEN_LOGS
from gateway.service.temporal.deadlines import NotConnectedError, connecting
from quotation.environment import Environment
from quotation.messages import LOG_WORKFLOW, task_queue

_ANSWER_SECONDS = 2.0


class UnwrittenLogs:
    """Counts them in Temporal's visibility, which may lag a second or two."""

    def __init__(self, client: Client, environments: Iterable[Environment]) -> None:
        self._client = client
        self._environments = environments

    async def count(self) -> None:
        """Set the gauge of each environment; not a number if Temporal does not answer within 2 seconds."""
        await asyncio.gather(*(self._count(environment.name) for environment in self._environments))

    async def _count(self, environment: str) -> None:
        query = (
            f"WorkflowType = '{LOG_WORKFLOW}' AND ExecutionStatus = 'Running'"
            f" AND TaskQueue = '{task_queue(environment)}'"
        )
        number = math.nan
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                with connecting():
                    number = (await self._client.count_workflows(query)).count
        except (TimeoutError, RPCError, NotConnectedError):
            # no caller misses this answer, so it is not one of the counted failures
            pass
        UNWRITTEN_LOGS.labels(environment).set(number)
