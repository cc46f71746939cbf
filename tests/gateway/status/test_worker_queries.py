"""Which status reads ask a worker: a query makes it replay the run."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy

from quotation.messages import WORKFLOW
from quotation.status import QuotationStatus, State
from tests.gateway.conftest import ServeBehind
from tests.support import callers
from tests.support.callers import ANA, BOB, bearer
from tests.support.scripted_quotation import ScriptedQuotation
from tests.support.temporal_relay import Relay

Body = dict[str, Any]


@pytest.fixture
async def http(serve_behind: ServeBehind) -> AsyncIterator[httpx2.AsyncClient]:
    async with serve_behind(**callers.SETTINGS) as url, callers.rest(url) as http:
        yield http


async def test_a_worker_is_asked_about_an_open_quotation_of_a_caller_who_may_read_it(
    http: httpx2.AsyncClient, relay: Relay, temporal: Client, request_body: Body
) -> None:
    started = await http.post("/api/quotation/async", json=request_body, headers=bearer(ANA))
    path = f"/api/quotation/status/{started.json()['tracking_id']}"
    action = f"/api/quotation/{started.json()['tracking_id']}"

    # neither the caller nor the quotation
    refused = [
        await http.get(path, headers=bearer(BOB)),
        await http.post(f"{action}/cancel", headers=bearer(BOB)),
        await http.post(f"{action}/retry", headers=bearer(BOB)),
        await http.get("/api/quotation/status/quot_000000000000", headers=bearer(ANA)),
    ]
    assert [response.status_code for response in refused] == [404] * 4
    assert relay.calls["QueryWorkflow"] == 0

    assert (await http.get(path, headers=bearer(ANA))).json()["status"] == "queued"
    assert relay.calls["QueryWorkflow"] == 1

    await temporal.get_workflow_handle(started.json()["tracking_id"]).terminate()
    assert (await http.get(path, headers=bearer(ANA))).json()["status"] == "failed"
    assert (await http.post(f"{action}/cancel", headers=bearer(ANA))).status_code == 409
    assert (await http.post(f"{action}/retry", headers=bearer(ANA))).status_code == 202
    assert relay.calls["QueryWorkflow"] == 1


@pytest.mark.usefixtures("worker")
async def test_a_worker_is_asked_again_only_after_something_happened_in_the_run(
    http: httpx2.AsyncClient, relay: Relay, temporal: Client, request_body: Body
) -> None:
    started = await http.post("/api/quotation/async", json=request_body, headers=bearer(ANA))
    run = temporal.get_workflow_handle(started.json()["tracking_id"])
    queued = QuotationStatus.queued(run.id, "development")

    async def read() -> str:
        body = (await http.get(f"/api/quotation/status/{run.id}", headers=bearer(ANA))).json()
        return str(body["status"])

    await run.signal(ScriptedQuotation.show, queued)
    assert [await read() for _ in range(20)] == ["queued"] * 20
    # the worker may have taken the run between the first two
    assert relay.calls["QueryWorkflow"] <= 2
    asked = relay.calls["QueryWorkflow"]

    # each by another process, which tells this gateway nothing
    await run.signal(ScriptedQuotation.show, queued.model_copy(update={"status": State.PROCESSING}))
    assert await read() == "processing"
    memo = await (await run.describe()).memo()
    again = await temporal.start_workflow(
        WORKFLOW,
        request_body,
        id=run.id,
        task_queue="quotations-dev",
        memo=memo,
        id_conflict_policy=WorkflowIDConflictPolicy.TERMINATE_EXISTING,
    )
    await again.signal(ScriptedQuotation.show, queued)
    assert await read() == "queued"
    assert relay.calls["QueryWorkflow"] > asked + 1
