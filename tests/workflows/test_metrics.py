"""The counts of a worker of quotations that end."""

from typing import Any

import pytest
from temporalio.client import Client, WorkflowFailureError
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.runtime import MetricBuffer, Runtime, TelemetryConfig
from temporalio.testing import WorkflowEnvironment

from activities.failures import RequestError
from quotation import steps
from quotation.errors import ErrorCode
from tests.support.script import Script
from tests.support.serving import serving
from tests.workflows.conftest import ENVIRONMENT, TASK_QUEUE, Bench

Counts = dict[tuple[str, ...], float]


class Counting:
    """A client whose metrics a test reads."""

    def __init__(self) -> None:
        self._buffer = MetricBuffer(100_000)
        self._runtime = Runtime(telemetry=TelemetryConfig(metrics=self._buffer))

    async def connect(self, environment: WorkflowEnvironment) -> Client:
        return await Client.connect(
            environment.client.service_client.config.target_host,
            data_converter=pydantic_data_converter,
            runtime=self._runtime,
        )

    def counts(self) -> Counts:
        """Return the quotations that ended, by environment, status, error code and task queue."""
        counted: Counts = {}
        for update in self._buffer.retrieve_updates():
            if update.metric.name == "worker_quotations":
                labels: Any = update.attributes
                key = tuple(labels[name] for name in ("environment", "status", "error_code", "task_queue"))
                counted[key] = counted.get(key, 0) + update.value
        return counted


async def test_a_quotation_is_counted_once_though_each_of_its_tasks_is_replayed(
    time_skipping: WorkflowEnvironment, script: Script
) -> None:
    counting = Counting()
    client = await counting.connect(time_skipping)
    async with serving(client, ENVIRONMENT, script.activities(), max_cached_workflows=0):
        handle = await Bench(time_skipping, script).start()
        await handle.result()
        await Bench(time_skipping, script).status(handle)

    assert counting.counts() == {(ENVIRONMENT, "completed", "none", TASK_QUEUE): 1}


async def test_a_failed_quotation_is_counted_with_its_code(
    time_skipping: WorkflowEnvironment, script: Script
) -> None:
    script.fail(steps.AUTHENTICATE, RequestError(ErrorCode.PRODUCT_NOT_FOUND, "Odoo has no product 4711."))
    counting = Counting()
    client = await counting.connect(time_skipping)
    async with serving(client, ENVIRONMENT, script.activities()):
        handle = await Bench(time_skipping, script).start()
        with pytest.raises(WorkflowFailureError):
            await handle.result()

    assert counting.counts() == {(ENVIRONMENT, "failed", "product_not_found", TASK_QUEUE): 1}
