"""Which status reads ask a worker: a query makes it replay the run."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from temporalio.client import Client

from tests.gateway.conftest import ServeBehind
from tests.support import callers
from tests.support.callers import ANA, BOB, bearer
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
