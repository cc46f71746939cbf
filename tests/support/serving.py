"""The workers of one environment as `worker.py` has them, with a test's activities."""

import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from temporalio.client import Client
from temporalio.worker import Interceptor, Worker

from activities.interceptor import QuietLifeInterceptor
from quotation import lookups, messages
from tests.support.script import PATIENCE
from workflows.log import QuotationLogWorkflow
from workflows.lookup import CheckWorkflow, LogLookupWorkflow, PartnerLookupWorkflow, ProductLookupWorkflow
from workflows.quotation import QuotationWorkflow
from workflows.runner import RUNNER

LOOKUPS = [ProductLookupWorkflow, PartnerLookupWorkflow, CheckWorkflow]


@contextlib.asynccontextmanager
async def serving(
    client: Client,
    environment: str,
    activities: Sequence[Callable[..., Any]],
    *,
    interceptors: Sequence[Interceptor] = (QuietLifeInterceptor(PATIENCE),),
    **options: Any,
) -> AsyncIterator[Worker]:
    """Run the workers of an environment's quotations, look-ups and logs; `options` are for the first of them."""
    queue = messages.task_queue(environment)
    common: dict[str, Any] = {
        "activities": activities,
        "workflow_runner": RUNNER,
        "interceptors": interceptors,
    }
    workflows = [QuotationWorkflow, QuotationLogWorkflow]
    async with (
        Worker(client, task_queue=messages.log_queue(queue), workflows=[LogLookupWorkflow], **common),
        Worker(client, task_queue=lookups.task_queue(environment), workflows=LOOKUPS, **common),
        Worker(client, task_queue=queue, workflows=workflows, **(common | options)) as quotations,
    ):
        yield quotations
