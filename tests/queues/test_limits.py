"""The limit of an Odoo holds for all workers together: it is one of the task queue."""

import asyncio
import contextlib

import pytest
from pydantic import SecretStr
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client

from activities.report import Troubles
from activities.settings import OdooSettings
from log_store import LogStore
from quotation.messages import task_queue
from sandbox.ports import free_port
from sandbox.servers import S3_SETTINGS
from worker import create_odoo, create_workers, running


async def limit_of(temporal: Client, environment: str) -> float:
    """Return how many activities Temporal hands out in a second, as far as it has heard from a worker."""
    request = DescribeTaskQueueRequest(
        namespace=temporal.namespace,
        task_queue=TaskQueue(name=task_queue(environment)),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
        report_stats=True,
        report_config=True,
    )
    answer = await temporal.workflow_service.describe_task_queue(request)
    return answer.effective_rate_limit.requests_per_second


async def test_the_limit_is_one_of_the_queue(
    temporal: Client, temporal_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in S3_SETTINGS.items():
        monkeypatch.setenv(name, value)
    environment = "limited"
    settings = OdooSettings(
        url=f"http://127.0.0.1:{free_port()}",
        db="quotations",
        username="service",
        password=SecretStr("secret"),
        max_per_second=2.5,
    )
    odoo = create_odoo(settings)
    async with contextlib.AsyncExitStack() as workers:
        for _ in range(2):
            client = await Client.connect(temporal_address)
            made = create_workers(
                client, environment, odoo, settings, LogStore("logs", "", None), troubles=Troubles()
            )
            await workers.enter_async_context(running(made))
        async with asyncio.timeout(20):
            while await limit_of(temporal, environment) != 2.5:
                await asyncio.sleep(0.2)
    await odoo.close()
