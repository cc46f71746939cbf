"""Two versions of the worker side by side, with Temporal's worker versioning (docs/operate.md)."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from sandbox.processes import holds_within
from sandbox.real_odoo import OdooAccess
from sandbox.servers import Server, s3_client, s3_server, temporal_server
from sandbox.system import BUCKET, System, odoo_settings
from tests.queues.turnstile import Turnstile
from tests.support import callers, quotations
from tests.support.odoo_relay import OdooRelay, relay_to
from tests.support.odoo_view import OdooView
from tests.version_skew.deployment import LEAD, Deployment

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

STAYS, JOINS, LOST, UNLOGGED = "stays", "joins", "lost", "unlogged"
"""An environment, and a deployment of the same name, for each test: their runs do not meet."""


@pytest.fixture(scope="module")
def relay(standin: OdooAccess) -> Iterator[OdooRelay]:
    with relay_to(standin) as relay:
        yield relay


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory, s3: "S3Client", standin: OdooAccess) -> Iterator[System]:
    """A gateway of all environments, with a Temporal of its own."""
    folder = tmp_path_factory.mktemp("gateway")
    with temporal_server(tmp_path_factory.mktemp("temporal")) as server:
        extra = {"ENVIRONMENTS": f"{STAYS},{JOINS},{LOST},{UNLOGGED}"}
        system = System(folder, server.address, s3.meta.endpoint_url, standin, extra)
        try:
            system.start_gateway()
            yield system
        finally:
            system.kill()


@pytest.fixture
def absent_s3(tmp_path: Path) -> Iterator[Server]:
    """An S3 that has not been started yet."""
    server = s3_server(tmp_path)
    yield server
    server.kill()


@pytest.fixture
async def deployment(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    gateway: System,
    relay: OdooRelay,
    absent_s3: Server,
) -> AsyncIterator[Deployment]:
    environment: str = request.param
    s3_url = absent_s3.url if environment == UNLOGGED else gateway.s3_url
    extra = {"ENVIRONMENTS": environment, **odoo_settings(environment, OdooAccess(relay.url, relay.odoo.db))}
    workers = System(tmp_path_factory.mktemp(environment), gateway.temporal, s3_url, relay.odoo, extra)
    client = await Client.connect(gateway.temporal, data_converter=pydantic_data_converter)
    gate = Turnstile(relay)
    async with callers.rest(gateway.gateway_url) as http:
        try:
            yield Deployment(environment, workers, client, http, gate)
        finally:
            gate.open()
            relay.answers.clear()
            workers.kill()


@pytest.mark.parametrize("deployment", [STAYS], indirect=True)
async def test_runs_end_on_the_version_that_began_them_and_new_ones_start_on_the_current_one(
    deployment: Deployment, view: OdooView
) -> None:
    deployment.work("1")
    deployment.make_current("1")
    failed = await quotations.start(deployment.http, STAYS, product_id=999_999_999)
    await quotations.final(deployment.http, failed)
    [(old, asked_of_old)] = await deployment.hold(1)

    deployment.work("2")
    deployment.make_current("2")
    new, asked_of_new = await deployment.start()
    await deployment.gate.until(LEAD, 2)
    read = await quotations.status(deployment.http, old)
    deployment.gate.open()
    for tracking_id in (old, new):
        assert (await quotations.final(deployment.http, tracking_id))["status"] == "completed"
    found = await deployment.http.get(f"/api/{STAYS}/products?query=robot")
    before_retry = await deployment.versions_of(failed)
    retried = await deployment.http.post(f"/api/quotation/{failed}/retry", json={"product_id": 26174})
    again = await quotations.final(deployment.http, failed)
    [lookup] = [run.id async for run in deployment.client.list_workflows("WorkflowType = 'LookupProducts'")]

    assert read["step"] == "lead"
    assert await deployment.versions_of(old) == ["1"]
    assert await deployment.versions_of(new) == ["2"]
    assert await deployment.versions_of(lookup) == ["2"], found.text
    assert (before_retry, await deployment.versions_of(failed)) == (["1"], ["2"]), retried.text
    assert again["status"] == "completed"
    for asked in (asked_of_old, asked_of_new):
        assert view.counts(dict(asked)) == (1, 1, 1, 1)


@pytest.mark.parametrize("deployment", [JOINS], indirect=True)
async def test_unversioned_runs_continue_on_the_current_version(deployment: Deployment, view: OdooView) -> None:
    deployment.work("")
    [(tracking_id, asked)] = await deployment.hold(1)
    deployment.work("1")
    not_yet, _ = await deployment.start()
    await deployment.gate.until(LEAD, 2)
    assert await deployment.versions_of(not_yet) == [""]
    assert "no current version" in deployment.workers["1"].output

    deployment.make_current("1")
    deployment.gate.open()
    for one in (tracking_id, not_yet):
        assert (await quotations.final(deployment.http, one))["status"] == "completed"
    # Temporal takes a moment to tell all task queues of the current version
    by = await deployment.versions_of(tracking_id)
    assert (by[0], by[-1]) == ("", "1")
    assert holds_within(lambda: "Resolved: " in deployment.workers["1"].output, 30)
    assert view.counts(dict(asked)) == (1, 1, 1, 1)


@pytest.mark.parametrize("deployment", [LOST], indirect=True)
async def test_runs_whose_version_has_no_worker_are_shown_and_can_be_moved(
    deployment: Deployment, view: OdooView
) -> None:
    deployment.work("1")
    deployment.make_current("1")
    [(stuck, asked), (cancelled, _)] = await deployment.hold(2)
    deployment.work("2")
    deployment.make_current("2")
    deployment.workers["1"].kill()
    deployment.gate.open()
    await deployment.http.post(f"/api/quotation/{cancelled}/cancel")
    new, _ = await deployment.start()
    assert (await quotations.final(deployment.http, new))["status"] == "completed"
    left = [(await quotations.status(deployment.http, one))["step"] for one in (stuck, cancelled)]

    query = f"TemporalWorkerDeploymentVersion = '{LOST}:1' AND ExecutionStatus = 'Running'"
    override = ["--versioning-override-behavior", "one_time", "--versioning-override-deployment-name", LOST]
    override += ["--versioning-override-build-id", "2", "--yes"]
    moved = deployment.temporal("workflow", "update-options", "--query", query, *override)
    ends = [(await quotations.final(deployment.http, one))["status"] for one in (stuck, cancelled)]

    assert left == ["lead", "lead"]
    assert ends == ["completed", "cancelled"], moved.stderr
    assert await deployment.versions_of(stuck) == ["1", "2"]
    assert view.counts(dict(asked)) == (1, 1, 1, 1)


@pytest.mark.parametrize("deployment", [UNLOGGED], indirect=True)
async def test_a_log_that_waits_for_s3_moves_to_the_current_version(
    deployment: Deployment, absent_s3: Server
) -> None:
    deployment.work("1")
    deployment.make_current("1")
    tracking_id, _ = await deployment.start()
    await quotations.final(deployment.http, tracking_id)
    # it ends after it has left its log to a workflow of its own
    await deployment.client.get_workflow_handle(tracking_id).result()
    deployment.work("2")
    deployment.make_current("2")
    deployment.workers["1"].kill()

    absent_s3.start()
    s3_client(absent_s3.url).create_bucket(Bucket=BUCKET)
    await deployment.client.get_workflow_handle(f"{tracking_id}-log").result()

    assert await deployment.versions_of(f"{tracking_id}-log") == ["1", "2"]
