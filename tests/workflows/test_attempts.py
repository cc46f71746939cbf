"""Attempts of activities: how they end when a worker stops or time runs out."""

import asyncio
from contextlib import AbstractAsyncContextManager
from datetime import timedelta

import pytest
from temporalio import activity, workflow
from temporalio.client import Client, WorkflowFailureError
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.interceptor import HEARTBEAT_SECONDS, QuietLifeInterceptor
from quotation import steps
from quotation.identity import fingerprint, new_tracking_id
from quotation.messages import WORKFLOW, QuotationInput, task_queue
from tests.support.requests import request as make_request
from tests.support.script import PATIENCE, Script
from tests.support.serving import serving
from workflows.policies import CALLS_TO_ODOO


async def test_a_stopping_worker_hands_a_call_that_takes_too_long_over(temporal: Client, script: Script) -> None:
    def worker() -> AbstractAsyncContextManager[Worker]:
        return serving(temporal, "stopping", script.activities(), graceful_shutdown_timeout=timedelta(seconds=0.3))

    request = make_request()
    script.hold(steps.CREATE_LEAD)
    async with worker():
        handle = await temporal.start_workflow(
            WORKFLOW,
            QuotationInput(request=request, environment="development", fingerprint=fingerprint(request)),
            id=new_tracking_id(),
            task_queue=task_queue("stopping"),
        )
        await script.reached(steps.CREATE_LEAD)
    pending = (await handle.describe()).raw_description.pending_activities
    failures = [activity.last_failure.message for activity in pending if activity.HasField("last_failure")]
    assert failures == ["The worker was stopped before Odoo had answered."]
    script.release(steps.CREATE_LEAD)
    async with worker():
        await handle.result()
    assert script.calls.count(steps.CREATE_LEAD) == 2


@workflow.defn
class OneAttempt:
    """Calls an activity whose attempts have half a second each."""

    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity(
            steps.AUTHENTICATE,
            start_to_close_timeout=timedelta(seconds=0.5),
            retry_policy=RetryPolicy(maximum_attempts=1),
        )


async def test_an_attempt_ends_itself_before_temporal_would_give_it_to_another_worker(
    temporal: Client, script: Script
) -> None:
    script.hold(steps.AUTHENTICATE)
    async with Worker(
        temporal,
        task_queue="attempts",
        workflows=[OneAttempt],
        activities=script.activities(),
        workflow_runner=UnsandboxedWorkflowRunner(),
        interceptors=[QuietLifeInterceptor(PATIENCE)],
    ):
        handle = await temporal.start_workflow(OneAttempt.run, id="attempts", task_queue="attempts")
        with pytest.raises(WorkflowFailureError) as raised:
            await handle.result()
    assert isinstance(raised.value.cause, ActivityError)
    assert str(raised.value.cause.cause) == "odoo_unavailable: The step took longer than one attempt may."


@workflow.defn
class OneStep:
    """Calls an activity as a quotation calls a step."""

    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity(steps.CREATE_LEAD, **CALLS_TO_ODOO)


async def test_a_worker_stops_in_its_time_although_a_cancelled_step_waits_for_odoo(temporal: Client) -> None:
    told = asyncio.Event()

    @activity.defn(name=steps.CREATE_LEAD)
    async def wait_for_odoo() -> None:
        await activity.wait_for_cancelled()
        told.set()
        await asyncio.Event().wait()

    grace = timedelta(seconds=0.3)
    async with Worker(
        temporal,
        task_queue="cancelling",
        workflows=[OneStep],
        activities=[wait_for_odoo],
        workflow_runner=UnsandboxedWorkflowRunner(),
        interceptors=[QuietLifeInterceptor(PATIENCE, grace)],
        graceful_shutdown_timeout=grace,
        max_heartbeat_throttle_interval=timedelta(seconds=HEARTBEAT_SECONDS),
    ):
        handle = await temporal.start_workflow(OneStep.run, id="cancelling", task_queue="cancelling")
        while not (await handle.describe()).raw_description.pending_activities:
            pass
        await handle.cancel()
        await told.wait()
    messages = [
        event.activity_task_failed_event_attributes.failure.message
        async for event in handle.fetch_history_events()
        if event.HasField("activity_task_failed_event_attributes")
    ]
    assert messages == ["The worker was stopped before Odoo had answered."]
