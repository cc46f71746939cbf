"""Retries of one quotation that overlap: none starts from a run that is no longer the last."""

import asyncio
import itertools
from typing import Any

import grpc
import httpx2
from temporalio.client import Client

from quotation import steps
from tests.gateway.conftest import ServeBehind
from tests.gateway.starts.test_cancel_and_retry import NO_PRODUCT, Api, last_input
from tests.support.callers import rest
from tests.support.script import Script
from tests.support.scripted_worker import ENVIRONMENT, StartWork
from tests.support.temporal_relay import Relay

Body = dict[str, Any]


async def test_a_retry_that_waited_while_another_ran_and_failed_starts_nothing(
    relay: Relay,
    serve_behind: ServeBehind,
    http: httpx2.AsyncClient,
    temporal: Client,
    start_work: StartWork,
    script: Script,
    request_body: Body,
) -> None:
    started = await http.post(f"/api/{ENVIRONMENT}/quotation/async", json=request_body)
    quotation = Api(http, started.json()["tracking_id"])
    script.fail_always(steps.AUTHENTICATE, NO_PRODUCT)
    await start_work()
    await quotation.final()
    waits, may_go_on = asyncio.Event(), asyncio.Event()
    calls = itertools.count()

    async def hold_all_but_the_first() -> grpc.StatusCode | None:
        # the first reads what the run was started with, the next waits for its end
        if next(calls):
            waits.set()
            await may_go_on.wait()
        return None

    relay.interfere(hold_all_but_the_first, "GetWorkflowExecutionHistory")
    async with serve_behind(ENVIRONMENTS=ENVIRONMENT) as url, rest(url) as slow_http:
        slow = asyncio.create_task(Api(slow_http, quotation.tracking_id).retry({"lead_name": "Slow"}))
        async with asyncio.timeout(30):
            await waits.wait()
        assert (await quotation.retry({"lead_name": "Fast"})).status_code == 202
        await quotation.final()
        await closed(temporal, quotation.tracking_id)
        may_go_on.set()

        assert (await slow).status_code == 409

    last = await last_input(temporal, quotation.tracking_id)
    assert last.request.lead_name == "Fast"


async def closed(temporal: Client, tracking_id: str) -> None:
    async with asyncio.timeout(30):
        while (await temporal.get_workflow_handle(tracking_id).describe()).close_time is None:
            await asyncio.sleep(0.05)
