"""The quotations and look-ups whose histories are saved."""

import asyncio
import xmlrpc.client
from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
from temporalio.client import Client, WorkflowHandle

from quotation.identity import new_tracking_id
from sandbox.processes import BIN
from sandbox.servers import Server, s3_client
from sandbox.system import BUCKET
from tests.queues.turnstile import Turnstile
from tests.support import quotations
from tests.support.odoo_relay import OdooRelay
from tests.support.requests import ABSENT, unique_body

ORDER = "sale.order.load"
LEAD = "crm.lead.load"
NO_PRODUCT = 999_999_999

Handle = WorkflowHandle[Any, Any]
Runs = dict[str, Handle]


class Scenarios:
    """Runs of one version: its gateway and worker, with an Odoo and an S3 that can be disturbed."""

    def __init__(self, temporal: Client, http: httpx2.AsyncClient, relay: OdooRelay, s3: Server) -> None:
        self._temporal = temporal
        self._http = http
        self._relay = relay
        self._s3 = s3

    async def play(self) -> Runs:
        """Return a closed run for each name."""
        scenes: list[Callable[[], Awaitable[Runs]]] = [
            self._completed,
            self._failed,
            self._failed_and_retried,
            self._reset,
            self._cancelled,
            self._warned,
            self._looked_up,
            self._unlogged,
        ]
        runs: Runs = {}
        for scene in scenes:
            runs |= await scene()
        return runs

    async def _completed(self) -> Runs:
        lines = [{"product_id": 26174}, {"product_id": 26175, "product_price": 5}]
        return {"completed": await self._end(await self._start(product_id=ABSENT, lines=lines), "completed")}

    async def _failed(self) -> Runs:
        return {"failed": await self._end(await self._start(product_id=NO_PRODUCT), "failed")}

    async def _failed_and_retried(self) -> Runs:
        tracking_id = await self._start_to_fail()
        failed = await self._end(tracking_id, "failed")
        retried = await self._http.post(f"/api/quotation/{tracking_id}/retry", json={})
        assert retried.status_code == httpx2.codes.ACCEPTED, retried.text
        again = await self._end(tracking_id, "completed")
        superseded = await self._reset_run(failed)
        return {"retried": again, "superseded": superseded}

    async def _reset(self) -> Runs:
        failed = await self._end(await self._start_to_fail(), "failed")
        return {"reset": await self._reset_run(failed)}

    async def _cancelled(self) -> Runs:
        tracking_id, gate = await self._start_and_hold()
        cancelled = await self._http.post(f"/api/quotation/{tracking_id}/cancel")
        assert cancelled.status_code == httpx2.codes.ACCEPTED, cancelled.text
        gate.open()
        return {"cancelled": await self._end(tracking_id, "cancelled")}

    async def _warned(self) -> Runs:
        conversation = {"Conversation-Id": new_tracking_id()}
        asked = unique_body()
        gate = Turnstile(self._relay)
        gate.close(LEAD)
        started = await self._http.post("/api/quotation/async", json=asked, headers=conversation)
        await gate.until(LEAD, 1)
        again = await self._http.post("/api/quotation/async", json=asked | {"notes": "x"}, headers=conversation)
        gate.open()
        ids = [response.json()["tracking_id"] for response in (started, again)]
        runs = [await self._end(one, "completed") for one in ids]
        # the oldest version takes the other notes as another quotation, and has no warnings
        return {"warned": runs[0]} if ids[0] == ids[1] else {}

    async def _looked_up(self) -> Runs:
        for path in ("products?query=robot", "partners?query=acme"):
            found = await self._http.get(f"/api/{path}")
            assert found.is_success, found.text
        for product_id in (26174, NO_PRODUCT):
            await self._http.post("/api/quotation/async?dry_run=true", json=unique_body(product_id=product_id))
        types = {"LookupProducts": "products", "LookupPartners": "partners", "LookupCheck": "check"}
        runs: Runs = {}
        async with asyncio.timeout(30):
            while len(runs) < 4:
                async for run in self._temporal.list_workflows("WorkflowId STARTS_WITH 'lookup_'"):
                    status = run.status.name.lower() if run.status else ""
                    runs[f"{types.get(run.workflow_type, run.workflow_type)}_{status}"] = self._handle(
                        run.id, run.run_id
                    )
        return runs

    async def _unlogged(self) -> Runs:
        """S3 is away at the end, so a workflow of its own writes the log."""
        self._s3.kill()
        tracking_id = await self._start()
        unlogged = await self._end(tracking_id, "completed")
        self._s3.start()
        s3_client(self._s3.url).create_bucket(Bucket=BUCKET)
        log = self._handle(f"{tracking_id}-log")
        await log.result()
        return {"unlogged": unlogged, "late_log": log}

    async def _start(self, **fields: Any) -> str:
        return await quotations.start(self._http, **fields)

    async def _start_to_fail(self) -> str:
        def refuse(_args: list[Any], _kwargs: dict[str, Any]) -> Any:
            del self._relay.answers[ORDER]
            raise xmlrpc.client.Fault(2, "Not today.")

        self._relay.answers[ORDER] = refuse
        return await self._start()

    async def _start_and_hold(self) -> tuple[str, Turnstile]:
        gate = Turnstile(self._relay)
        gate.close(LEAD)
        tracking_id = await self._start()
        await gate.until(LEAD, 1)
        return tracking_id, gate

    async def _end(self, tracking_id: str, status: str) -> Handle:
        """Wait for the end of the last run, and return it."""
        found = await quotations.final(self._http, tracking_id)
        assert found["status"] == status, found
        return await self._closed(self._handle(tracking_id))

    async def _closed(self, handle: Handle) -> Handle:
        async with asyncio.timeout(30):
            while not (run := await handle.describe()).close_time:
                await asyncio.sleep(0.1)
        return self._handle(handle.id, run.run_id)

    async def _reset_run(self, run: Handle) -> Handle:
        command = ["workflow", "reset", "--workflow-id", run.id, "--type", "FirstWorkflowTask", "--reason", "test"]
        address = ["--run-id", run.run_id or "", "--address", self._temporal.service_client.config.target_host]
        reset = await asyncio.create_subprocess_exec(BIN / "temporal", *command, *address)
        assert await reset.wait() == 0
        return await self._closed(self._handle(run.id))

    def _handle(self, workflow_id: str, run_id: str | None = None) -> Handle:
        return self._temporal.get_workflow_handle(workflow_id, run_id=run_id)
