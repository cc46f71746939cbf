"""The product on this machine: a gateway and workers over a Temporal, an S3 and an Odoo that run already."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.ports import free_port
from sandbox.processes import (
    ROOT,
    Process,
    start_module,
    wait_until,
    wait_until_healthy,
)
from sandbox.real_odoo import OdooAccess, Protocol
from sandbox.servers import S3_SETTINGS, s3_client

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

BUCKET = "ilagentslogs"
PREFIX = "mcp-odoo-logs"

_START_SECONDS = 90.0


@dataclass
class System:
    """Gateway and workers; each start returns when the process is ready, on the port that it had before."""

    folder: Path
    """Where the processes write their logs."""
    temporal: str
    """Host and port."""
    s3_url: str
    odoo: OdooAccess
    """The Odoo of the environment `dev`."""
    extra: Mapping[str, str] = field(default_factory=dict)
    """Settings in addition to the usual ones, or in place of them."""
    gateway_port: int = field(default_factory=free_port)
    own_session: bool = False
    """See `sandbox.processes.start_process`."""
    code: Path = ROOT
    """The folder of the product's code; a test may run another version's."""
    gateway: Process | None = field(default=None, init=False)
    workers: list[Process] = field(default_factory=list, init=False)
    _started: int = field(default=0, init=False)

    @property
    def gateway_url(self) -> str:
        """The gateway's address."""
        return f"http://127.0.0.1:{self.gateway_port}"

    @property
    def settings(self) -> dict[str, str]:
        """The environment variables of gateway and workers."""
        return (
            S3_SETTINGS
            | {
                "TEMPORAL_ADDRESS": self.temporal,
                "GATEWAY_PORT": str(self.gateway_port),
                "AWS_ENDPOINT_URL_S3": self.s3_url,
                "S3_BUCKET": BUCKET,
                "S3_PREFIX": PREFIX,
                "LOG_DIR": str(self.folder / "quotation-logs"),
            }
            | odoo_settings("dev", self.odoo)
            | dict(self.extra)
        )

    def start_gateway(self, *, ready: str = "readyz") -> None:
        """Start the gateway and wait until its path `ready` answers. Raises `SandboxError`."""
        log = self.folder / "gateway.log"
        # the tests that start it kill it, and what coverage has seen in a killed process is lost
        self.gateway = start_module(
            "gateway", log, self.settings, own_session=self.own_session, code=self.code, is_traced=False
        )
        url = f"{self.gateway_url}/{ready}"
        wait_until_healthy(self.gateway, url, _START_SECONDS, says="listening on")

    def kill_gateway(self) -> None:
        """Kill the gateway if it runs."""
        if self.gateway:
            self.gateway.kill()

    def start_worker(self, extra: Mapping[str, str] | None = None) -> Process:
        """Start a worker, with settings of its own if `extra` has any. Raises `SandboxError`."""
        worker = self._launch_worker(extra or {})
        self.workers.append(worker)
        self._wait_for(worker)
        return worker

    def start_workers(self, number: int) -> None:
        """Start this many workers at the same time. Raises `SandboxError`."""
        workers = [self._launch_worker() for _ in range(number)]
        self.workers += workers
        for worker in workers:
            self._wait_for(worker)

    def replace_worker(self, number: int) -> None:
        """Kill the worker with this index in `workers`, and start another in its place. Raises `SandboxError`."""
        self.workers[number].kill()
        self.workers[number] = self._launch_worker()
        self._wait_for(self.workers[number])

    def stop_workers(self) -> list[int]:
        """Stop all workers that still run and return their exit codes."""
        running = [worker for worker in self.workers if worker.is_running]
        self.workers.clear()
        return [worker.stop() for worker in running]

    def stop(self) -> None:
        """Stop gateway and workers."""
        if self.gateway:
            self.gateway.stop()
        self.stop_workers()

    def kill(self) -> None:
        """Kill gateway and workers."""
        self.kill_gateway()
        for worker in self.workers:
            worker.kill()

    def check(self) -> None:
        """Raise `SandboxError` if the gateway or a worker has ended by itself."""
        for process in (self.gateway, *self.workers):
            if process:
                process.check()

    def logs(self) -> str:
        """Return everything that gateway and workers have printed."""
        return "\n".join(path.read_text() for path in sorted(self.folder.glob("*.log")))

    def s3(self) -> "S3Client":
        """Return a client of the S3 that holds the quotations' logs."""
        return s3_client(self.s3_url)

    def _launch_worker(self, extra: Mapping[str, str] = {}) -> Process:
        self._started += 1
        log = self.folder / f"worker-{self._started}.log"
        settings = self.settings | dict(extra)
        return start_module("worker", log, settings, own_session=self.own_session, code=self.code)

    def _wait_for(self, worker: Process) -> None:
        environments = self.settings.get("ENVIRONMENTS", "dev").split(",")
        wait_until(lambda: worker.output.count("working on") == len(environments), worker, _START_SECONDS)


def odoo_settings(environment: str, odoo: OdooAccess) -> dict[str, str]:
    """Return the settings by which an environment reaches its Odoo."""
    values = {"URL": odoo.url, "DB": odoo.db, "USERNAME": odoo.username}
    values |= {"API_KEY": odoo.api_key} if odoo.protocol is Protocol.JSON2 else {"PASSWORD": odoo.password}
    return {f"ODOO__{environment.upper()}__{name}": value for name, value in values.items()}
