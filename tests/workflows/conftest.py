import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from gateway.service.status.telling import ToldStatus
from quotation.identity import fingerprint, new_tracking_id
from quotation.messages import STATUS_MEMO, STATUS_QUERY, WORKFLOW, QuotationInput, task_queue
from quotation.status import QuotationStatus
from tests.support.requests import request as make_request
from tests.support.script import Script
from tests.support.serving import serving

ENVIRONMENT = "dev"
TASK_QUEUE = task_queue(ENVIRONMENT)


class Bench:
    """Starts quotations on the time-skipping server, with the outcomes of a script, and reads their status."""

    def __init__(self, environment: WorkflowEnvironment, script: Script) -> None:
        self.environment = environment
        self.script = script

    @property
    def client(self) -> Client:
        return self.environment.client

    async def start(self, **fields: Any) -> WorkflowHandle[Any, Any]:
        request = make_request(**fields)
        return await self.client.start_workflow(
            WORKFLOW,
            QuotationInput(request=request, environment="development", fingerprint=fingerprint(request)),
            id=new_tracking_id(),
            task_queue=TASK_QUEUE,
        )

    async def status(self, handle: WorkflowHandle[Any, Any]) -> QuotationStatus:
        status: QuotationStatus = await handle.query(STATUS_QUERY, result_type=QuotationStatus)
        return status

    async def published(self, handle: WorkflowHandle[Any, Any]) -> QuotationStatus:
        """Return what Temporal itself holds: the memo of a run that has ended, and otherwise its history."""
        description = await handle.describe()
        if STATUS_MEMO in await description.memo():
            return await description.memo_value(STATUS_MEMO, type_hint=QuotationStatus)
        told = ToldStatus(handle.id, self.client.data_converter)
        async for event in handle.fetch_history_events():
            await told.hear(event)
        assert told.status is not None
        return told.status

    async def until(self, handle: WorkflowHandle[Any, Any], step: str) -> QuotationStatus:
        """Wait until the quotation is at this step."""
        async with asyncio.timeout(20):
            while (status := await self.status(handle)).step != step:
                await asyncio.sleep(0.02)
        return status

    async def recorded(self, handle: WorkflowHandle[Any, Any], kind: EventType.ValueType) -> None:
        """Wait until the history has such an event."""
        async with asyncio.timeout(20):
            while not any([event.event_type == kind async for event in handle.fetch_history_events()]):
                await asyncio.sleep(0.02)


@pytest_asyncio.fixture(scope="session")
async def time_skipping() -> AsyncIterator[WorkflowEnvironment]:
    async with await WorkflowEnvironment.start_time_skipping(
        data_converter=pydantic_data_converter,
        test_server_existing_path=str(Path(sys.executable).parent / "temporal-test-server"),
    ) as environment:
        yield environment


@pytest.fixture
def script() -> Script:
    return Script()


@pytest_asyncio.fixture
async def bench(time_skipping: WorkflowEnvironment, script: Script) -> AsyncIterator[Bench]:
    async with serving(time_skipping.client, ENVIRONMENT, script.activities()):
        yield Bench(time_skipping, script)
