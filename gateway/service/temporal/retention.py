"""How long Temporal keeps a quotation that is finished: the retention of its namespace."""

import logging
import time
from datetime import timedelta

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client

from gateway.errors import GatewayError
from gateway.service.temporal.deadlines import answered_within

logger = logging.getLogger(__name__)

_ANSWER_SECONDS = 2.0
_KNOWN_SECONDS = 600.0
"""How long an answer is used, and also its absence: an operator may change the retention."""


class Retention:
    """The namespace's retention, asked for at most once in ten minutes."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._known: timedelta | None = None
        self._ask_again_at = 0.0

    async def period(self) -> timedelta | None:
        """Return how long a run is kept after its end; None if Temporal does not say."""
        if time.monotonic() >= self._ask_again_at:
            # set before the answer, so that only one caller asks
            self._ask_again_at = time.monotonic() + _KNOWN_SECONDS
            self._known = await self._ask() or self._known
        return self._known

    async def _ask(self) -> timedelta | None:
        request = DescribeNamespaceRequest(namespace=self._client.namespace)
        try:
            async with answered_within(_ANSWER_SECONDS):
                answer = await self._client.workflow_service.describe_namespace(request)
        except GatewayError:
            # a client may be allowed its workflows and nothing else
            logger.warning("Temporal did not report the retention of its namespace")
            return None
        return answer.config.workflow_execution_retention_ttl.ToTimedelta() or None
