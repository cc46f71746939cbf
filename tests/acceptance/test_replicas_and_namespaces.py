"""Two gateways and two workers of one namespace, and another namespace of the same Temporal, Odoo and bucket."""

import asyncio
import base64
import itertools
import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from temporalio.client import Client

from sandbox.processes import BIN
from sandbox.real_odoo import OdooAccess
from sandbox.servers import standin_odoo
from sandbox.system import BUCKET, PREFIX, System
from tests.support import callers, quotations
from tests.support.callers import ANA, bearer
from tests.support.requests import unique_body
from tests.support.retention import forget

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

pytestmark = pytest.mark.timeout(240)

PATH = "/api/dev/quotation/async"
# the same callers with the same secret: the same keys make the same tracking ids
SETTINGS = callers.SETTINGS | {
    "ENVIRONMENTS": "dev",
    "GATEWAY_API_KEYS": f"ana:{ANA}:dev",
    # the workflow reads the owner from an encrypted memo
    "PAYLOAD_KEYS": f"2026:{base64.b64encode(bytes(32)).decode()}",
}


@dataclass
class Company:
    """The systems of a company: `sales` has two replicas, `service` is a namespace of its own."""

    sales: System
    replica: System
    service: System


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory, acceptance_temporal: str, s3_url: str) -> Iterator[Company]:
    systems = []
    with standin_odoo(tmp_path_factory.mktemp("odoo")) as odoo:
        try:
            for number, namespace in enumerate(["sales", "sales", "service"]):
                if number != 1:
                    create = [str(BIN / "temporal"), "operator", "namespace", "create", "--namespace", namespace]
                    subprocess.run([*create, "--address", acceptance_temporal], check=True)
                settings = SETTINGS | {"TEMPORAL_NAMESPACE": namespace}
                folder = tmp_path_factory.mktemp(namespace)
                systems.append(
                    System(folder, acceptance_temporal, s3_url, OdooAccess(odoo.url, "quotations"), settings)
                )
            for system in systems:
                system.start_gateway()
                system.start_worker()
            yield Company(*systems)
            assert [code for system in systems for code in system.stop_workers()] == [0, 0, 0]
        finally:
            for system in systems:
                system.kill()


def rest(system: System) -> Any:
    return callers.rest(system.gateway_url, bearer(ANA))


async def started(http: httpx2.AsyncClient, key: str, body: dict[str, Any]) -> httpx2.Response:
    response = await http.post(PATH, json=body, headers={"Idempotency-Key": key})
    assert response.status_code == 202, response.text
    return response


async def listed(http: httpx2.AsyncClient) -> set[str]:
    response = await http.get("/api/quotations", params={"limit": 100})
    return {item["tracking_id"] for item in response.json()["items"]}


async def test_any_gateway_and_any_worker_serves_any_quotation(company: Company) -> None:
    async with rest(company.sales) as one, rest(company.replica) as other:
        gateways = [one, other]
        # nothing is in progress while the bodies are made
        bodies = [unique_body() for _ in range(8)]
        starts = [
            await started(http, f"replicas {number}", body)
            for number, (http, body) in enumerate(zip(itertools.cycle(gateways), bodies, strict=False))
        ]
        ids = [start.json()["tracking_id"] for start in starts]
        ended = await asyncio.gather(
            *(quotations.final(http, one) for http, one in zip(itertools.cycle(gateways[::-1]), ids, strict=False))
        )
        repeated = [await started(other, f"replicas {number}", body) for number, body in enumerate(bodies)]
        refused = await other.post(PATH, json=unique_body(), headers={"Idempotency-Key": "replicas 0"})
        cancel = await other.post(f"/api/quotation/{ids[0]}/cancel")

        assert {status["status"] for status in ended} == {"completed"}
        assert [response.json()["tracking_id"] for response in repeated] == ids
        assert {response.headers["Idempotent-Replayed"] for response in repeated} == {"true"}
        assert (refused.status_code, cancel.status_code) == (422, 409)
        async with asyncio.timeout(30):
            while not (await listed(one) == await listed(other) >= set(ids)):
                await asyncio.sleep(0.2)

        # one of each is lost
        company.replica.kill()
        tracking_id = (await started(one, "after a loss", unique_body())).json()["tracking_id"]
        assert (await quotations.final(one, tracking_id))["status"] == "completed"
    company.replica.workers.clear()
    company.replica.start_gateway()
    company.replica.start_worker()
    async with rest(company.replica) as back:
        assert (await quotations.status(back, tracking_id))["status"] == "completed"


async def test_namespaces_know_nothing_of_each_other(company: Company, s3: "S3Client") -> None:
    body = unique_body()
    async with rest(company.sales) as sales, rest(company.service) as service:
        tracking_id = (await started(sales, "the same key", body)).json()["tracking_id"]
        first = await quotations.final(sales, tracking_id)
        only_sales = (await started(sales, "of sales only", unique_body())).json()["tracking_id"]
        await quotations.final(sales, only_sales)
        other_start = await started(service, "the same key", body | {"product_qty": 2})
        other = await quotations.final(service, tracking_id)

        # the same id is another quotation there, with records and a status of its own
        assert other_start.json()["tracking_id"] == tracking_id
        assert "Idempotent-Replayed" not in other_start.headers
        assert other["result"]["lead_id"] != first["result"]["lead_id"]
        assert (await quotations.status(sales, tracking_id)) == first
        async with asyncio.timeout(30):
            while not {tracking_id, only_sales} <= await listed(sales):
                await asyncio.sleep(0.2)
        assert await listed(service) <= {tracking_id}

        # they share the bucket by mistake: no log is lost, and the one that is not written is counted
        key = f"{PREFIX}/{first['created_at'][:4]}/{first['created_at'][5:7]}/{tracking_id}.log"
        stored = json.loads(s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())
        assert (stored["namespace"], stored["result"]) == ("sales", first["result"])
        gauge = 'gateway_unwritten_logs{environment="dev"} '
        async with asyncio.timeout(60):
            while f"{gauge}1.0" not in (await service.get("/metrics")).text:
                await asyncio.sleep(0.5)
        assert f"{gauge}0.0" in (await sales.get("/metrics")).text

        # after the retention, each reads its own
        for namespace in ("sales", "service"):
            temporal = await Client.connect(company.sales.temporal, namespace=namespace)
            await forget(temporal, *([tracking_id, only_sales] if namespace == "sales" else [tracking_id]))
        assert await quotations.status(sales, tracking_id) == first
        # its LOG_DIR has the log that the bucket does not
        assert await quotations.status(service, tracking_id) == other
        assert (await service.get(f"/api/quotation/status/{only_sales}")).status_code == 404
