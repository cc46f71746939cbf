"""Asks the workers, by way of short workflows, for what the gateway has no access to."""

import asyncio
import logging
import secrets
from datetime import timedelta
from typing import TypeVar

from pydantic import BaseModel
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.exceptions import ApplicationError

from gateway.service.temporal.deadlines import answered_within
from quotation import lookups

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer", bound=BaseModel)

# clients are promised an answer within 10 s (docs/reference.md, Errors)
_SECONDS = 8.0


class UnansweredError(Exception):
    """No worker answered in time."""


class Workers:
    """The workers of all environments."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def ask(self, queue: str, workflow: str, argument: BaseModel, returns: type[Answer]) -> Answer:
        """Run a look-up in a task queue and return its result, within 10 seconds.

        Raises:
            ApplicationError: The look-up failed.
            UnansweredError: No worker answered.
            TemporalUnavailableError: Temporal did not answer.
        """
        deadline = asyncio.get_running_loop().time() + _SECONDS
        async with answered_within(_SECONDS):
            handle: WorkflowHandle[object, Answer] = await self._client.start_workflow(
                workflow,
                argument,
                # random: an id shows in Temporal's lists, and must not identify a customer
                id=f"{lookups.ID_PREFIX}{secrets.token_hex(12)}",
                task_queue=queue,
                result_type=returns,
                # a look-up without a waiting caller must not occupy a worker
                execution_timeout=timedelta(seconds=_SECONDS),
            )
        try:
            async with asyncio.timeout_at(deadline), answered_within(_SECONDS):
                return await handle.result()
        except WorkflowFailureError as error:
            if isinstance(error.cause, ApplicationError):
                raise error.cause from None
        except TimeoutError:
            pass
        logger.warning("no worker of %s answered a look-up within %g s", queue, _SECONDS)
        raise UnansweredError
