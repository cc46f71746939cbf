"""The whole system as real processes, each of which may be killed: Temporal, workers, gateway, Odoo and S3."""

import asyncio
import dataclasses
import random
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import boto3

from sandbox import real_odoo
from sandbox.real_odoo import OdooAccess, OwnOdoo
from sandbox.real_odoo.processes import free_port
from tests.acceptance.odoo_view import OdooView
from tests.chaos.load import KNOWN_CUSTOMERS, known_email
from tests.chaos.proxy import FaultProxy, Rules
from tests.processes import (
    BIN,
    ROOT,
    Process,
    start_module,
    start_process,
    start_temporal,
    wait_until,
    wait_until_healthy,
)

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

WORKERS = 3
BUCKET = "ilagentslogs"
ODOO_TIMEOUT_SECONDS = 8
"""Of one call: small, yet more than an Odoo that has just started takes for its first answer."""

ODOO_HANG_SECONDS = 10.0
S3_HANG_SECONDS = 6.0
"""More than the time-out that the log store gives S3."""

_START_SECONDS = 90.0
_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "chaos", "AWS_SECRET_ACCESS_KEY": "chaos"}


@dataclass
class System:
    """What runs; every method returns when the process is there again, on the port that it had."""

    folder: Path
    odoo: OdooAccess
    """The database, at a server that nobody kills."""
    own_odoo: OwnOdoo
    """The server that the workers call, over the same database."""
    odoo_proxy: FaultProxy
    s3_proxy: FaultProxy
    s3_port: int
    # ports that outgoing connections never take while a process is down
    temporal_port: int = field(default_factory=free_port)
    gateway_port: int = field(default_factory=free_port)

    def __post_init__(self) -> None:
        self._temporal: Process | None = None
        self._gateway: Process | None = None
        self._workers: list[Process] = []
        self._started = 0

    @property
    def temporal_address(self) -> str:
        return f"127.0.0.1:{self.temporal_port}"

    @property
    def gateway_url(self) -> str:
        return f"http://127.0.0.1:{self.gateway_port}"

    @property
    def settings(self) -> dict[str, str]:
        """Of workers and gateway."""
        return _CREDENTIALS | {
            "TEMPORAL_ADDRESS": self.temporal_address,
            "GATEWAY_PORT": str(self.gateway_port),
            "ODOO__DEV__URL": self.odoo_proxy.url,
            "ODOO__DEV__DB": self.odoo.db,
            "ODOO__DEV__USERNAME": self.odoo.username,
            "ODOO__DEV__PASSWORD": self.odoo.password,
            "ODOO__DEV__TIMEOUT": str(ODOO_TIMEOUT_SECONDS),
            "AWS_ENDPOINT_URL_S3": self.s3_proxy.url,
            "AWS_DEFAULT_REGION": "us-east-1",
            "S3_BUCKET": BUCKET,
        }

    def start(self) -> None:
        self.s3().create_bucket(Bucket=BUCKET)
        # through the workers' server, whose first answer from a database takes seconds
        view = OdooView(dataclasses.replace(self.odoo, url=self.own_odoo.url))
        for number in range(KNOWN_CUSTOMERS):
            # as people type them: with a name, and in any case
            email = f'"Cliente {number}" <{known_email(number).title()}>'
            view.call("res.partner", "create", {"name": f"Conocido {number}", "email": email})
        self.start_temporal()
        self._workers = [self._start_worker() for _ in range(WORKERS)]
        for worker in self._workers:
            _wait_until_working(worker)
        self.start_gateway()

    def replace_worker(self, number: int) -> None:
        """Kill one of the `WORKERS`, while the others run, and start another in its place."""
        self._workers[number].kill()
        self._workers[number] = self._start_worker()
        _wait_until_working(self._workers[number])

    def kill_gateway(self) -> None:
        if self._gateway is not None:
            self._gateway.kill()

    def start_gateway(self) -> None:
        self._gateway = start_module("gateway", self.folder / "gateway.log", self.settings)
        # it may come back before Temporal does
        wait_until_healthy(self._gateway, f"{self.gateway_url}/healthz", _START_SECONDS)

    def kill_temporal(self) -> None:
        if self._temporal is not None:
            self._temporal.kill()

    def start_temporal(self) -> None:
        self._temporal = start_temporal(self.temporal_port, self.folder)

    def kill_odoo(self) -> None:
        self.own_odoo.stop(kill=True)

    def start_odoo(self) -> None:
        self.own_odoo.start()

    def s3(self) -> "S3Client":
        """Give a client for S3 itself, past the proxy."""
        return boto3.client(
            "s3",
            endpoint_url=f"http://127.0.0.1:{self.s3_port}",
            region_name="us-east-1",
            aws_access_key_id=_CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=_CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        )

    def close(self) -> None:
        """Kill what runs, Odoo and S3 apart."""
        self.kill_gateway()
        for worker in self._workers:
            worker.kill()
        self.kill_temporal()

    def _start_worker(self) -> Process:
        self._started += 1
        log = self.folder / f"worker-{self._started}.log"
        return start_process([sys.executable, ROOT / "worker.py"], log, self.settings)


@asynccontextmanager
async def serve(folder: Path, seed: int) -> AsyncIterator[System]:
    """Serve the system; nothing of it is left after the `async with` block but what is in `folder`.

    Raises `sandbox.real_odoo.RealOdooError` where this machine cannot have a real Odoo.
    """
    draw = random.Random(seed)  # noqa: S311  # repeatable, not secret
    async with AsyncExitStack() as stack:
        access = await asyncio.to_thread(real_odoo.fresh_database)
        stack.callback(real_odoo.drop_database, access.db)
        own = stack.enter_context(real_odoo.own_odoo())
        s3_port = free_port()
        command: list[str | Path] = [BIN / "moto_server", "-H", "127.0.0.1", "-p", str(s3_port)]
        s3 = start_process(command, folder / "s3.log", {})
        stack.callback(s3.kill)
        await asyncio.to_thread(wait_until_healthy, s3, f"http://127.0.0.1:{s3_port}", _START_SECONDS)
        odoo_port = int(own.url.rpartition(":")[2])
        rules = Rules(hang=ODOO_HANG_SECONDS), Rules(hang=S3_HANG_SECONDS)
        odoo_proxy = await stack.enter_async_context(FaultProxy(odoo_port, draw.getrandbits(32), rules[0]))
        s3_proxy = await stack.enter_async_context(FaultProxy(s3_port, draw.getrandbits(32), rules[1]))
        system = System(folder, access, own, odoo_proxy, s3_proxy, s3_port)
        stack.callback(system.close)
        await asyncio.to_thread(system.start)
        yield system


def _wait_until_working(worker: Process) -> None:
    wait_until(lambda: "working on" in worker.output, worker, _START_SECONDS)
