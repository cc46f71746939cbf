"""The whole system as real processes, for one test module."""

import asyncio
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from sandbox.catalogue import NO_SALES_RIGHT
from sandbox.real_odoo import OdooAccess
from tests.processes import ROOT, Process, free_port, start_module, start_process, wait_until, wait_until_healthy

FINAL = {"completed", "failed", "cancelled"}


@dataclass
class System:
    """Starts and stops workers and the gateway, asks for quotations and waits for them."""

    folder: Path
    temporal: str
    s3_url: str
    odoo: OdooAccess
    extra: Mapping[str, str] = field(default_factory=dict)
    """Settings that all its processes get besides the usual ones."""
    gateway_url: str = ""
    _workers: list[Process] = field(default_factory=list)
    _started: int = 0
    _gateway: Process | None = None

    @property
    def settings(self) -> dict[str, str]:
        """`dev` is right, `wrong` has a wrong password, `norights` a user without rights."""
        return (
            {
                "TEMPORAL_ADDRESS": self.temporal,
                "ENVIRONMENTS": "dev,wrong,norights",
                "AWS_ENDPOINT_URL_S3": self.s3_url,
                "AWS_ACCESS_KEY_ID": "test",
                "AWS_SECRET_ACCESS_KEY": "test",
                "AWS_DEFAULT_REGION": "us-east-1",
                "LOG_DIR": str(self.folder / "logs"),
            }
            | self._odoo_settings("DEV", self.odoo.username, self.odoo.password)
            | self._odoo_settings("WRONG", self.odoo.username, "a-wrong-password")
            | self._odoo_settings("NORIGHTS", NO_SALES_RIGHT.login, NO_SALES_RIGHT.password)
            | dict(self.extra)
        )

    def start_gateway(self) -> None:
        port = free_port()
        self.gateway_url = f"http://127.0.0.1:{port}"
        self._gateway = start_module(
            "gateway", self.folder / "gateway.log", self.settings | {"GATEWAY_PORT": str(port)}
        )
        wait_until_healthy(self._gateway, f"{self.gateway_url}/readyz")

    def start_worker(self, extra: Mapping[str, str] | None = None) -> Process:
        self._started += 1
        log = self.folder / f"worker-{self._started}.log"
        worker = start_process([sys.executable, ROOT / "worker.py"], log, self.settings | dict(extra or {}))
        self._workers.append(worker)
        wait_until(lambda: worker.output.count("working on") == 3, worker)
        return worker

    def stop_workers(self) -> list[int]:
        """Stop all that run and give their exit codes."""
        running = [worker for worker in self._workers if worker.is_running]
        codes = [worker.stop(20) for worker in running]
        self._workers.clear()
        return codes

    def close(self) -> None:
        for process in [*self._workers, *([self._gateway] if self._gateway else [])]:
            process.kill()

    def logs(self) -> str:
        """Everything that the processes have written."""
        return "\n".join(path.read_text() for path in sorted(self.folder.glob("*.log")))

    async def request(self, http: httpx2.AsyncClient, environment: str = "dev", **fields: Any) -> str:
        """Ask for a quotation over REST and give its tracking id."""
        response = await http.post(f"/api/{environment}/quotation/async", json=body(**fields))
        assert response.status_code == httpx2.codes.ACCEPTED, response.text
        return str(response.json()["tracking_id"])

    async def status(self, http: httpx2.AsyncClient, tracking_id: str) -> dict[str, Any]:
        response = await http.get(f"/api/quotation/status/{tracking_id}")
        assert response.status_code == httpx2.codes.OK, response.text
        status: dict[str, Any] = response.json()
        return status

    async def final(self, http: httpx2.AsyncClient, tracking_id: str, seconds: float = 60) -> dict[str, Any]:
        """Wait until the quotation's status is final."""
        async with asyncio.timeout(seconds):
            while (status := await self.status(http, tracking_id))["status"] not in FINAL:
                await asyncio.sleep(0.1)
        return status

    def _odoo_settings(self, name: str, username: str, password: str) -> dict[str, str]:
        values = {"URL": self.odoo.url, "DB": self.odoo.db, "USERNAME": username, "PASSWORD": password}
        return {f"ODOO__{name}__{key}": value for key, value in values.items()}


def body(**fields: Any) -> dict[str, Any]:
    """A request of a customer whom nobody has asked for before."""
    return {
        "partner_name": "Acme Corp",
        "contact_name": "John Doe",
        "email": f"compras-{secrets.token_hex(6)}@acme.test",
        "phone": "+52 55 1234 5678",
        "lead_name": f"Cotización {secrets.token_hex(4)}",
        "product_id": 26174,
    } | fields
