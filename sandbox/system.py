"""The whole system on one machine: which process follows which, at which address, with which settings."""

import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import httpx2
from botocore.exceptions import BotoCoreError, ClientError

from sandbox import real_odoo
from sandbox.catalogue import SALESPERSON
from sandbox.processes import Child, SandboxError, choose_port

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

ROOT = Path(__file__).parents[1]
"""The project's folder."""

BUCKET = "ilagentslogs"
PREFIX = "mcp-odoo-logs"

_PROGRAMS = Path(sys.executable).parent
_START_SECONDS = 60.0
# one history shard polls its queues 20 times a second at most, so each workflow task would wait 50 ms
_UNHURRIED = ("transferProcessorMaxPollRPS", "timerProcessorMaxPollRPS", "visibilityProcessorMaxPollRPS")


@dataclass(frozen=True)
class Plan:
    """What the sandbox shall be."""

    folder: Path
    """Where state and logs go."""
    odoo: str = "standin"
    """`standin` or `real`."""
    latency: str = "0.3"
    """Seconds a call to the stand-in takes; see `sandbox.standin_odoo`."""
    gateway_port: int = 8000
    temporal_port: int = 7233
    ui_port: int = 8233
    workers: int = 1


@dataclass
class System:
    """The sandbox while it runs."""

    plan: Plan
    tell: Callable[[str], None]
    """Shows one line of progress to whoever started the sandbox."""
    cleanup: ExitStack
    """Where everything that is started leaves how to stop it."""
    children: list[Child] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)
    """The environment variables of worker and gateway."""
    temporal: str = ""
    ui_url: str = ""
    odoo_url: str = ""
    s3_url: str = ""
    gateway_url: str = ""

    def start(self) -> None:
        """Start everything, each part when the one before is healthy. Raises `SandboxError`."""
        self.plan.folder.mkdir(parents=True, exist_ok=True)
        self._start_temporal()
        self._start_odoo()
        self._start_s3()
        for number in range(1, self.plan.workers + 1):
            self._start_worker(number)
        self._start_gateway()

    def check(self) -> None:
        """Raises `SandboxError` where a process has ended by itself."""
        for child in self.children:
            if child.has_ended:
                raise SandboxError(f"{child.name} ended by itself; see {child.log}")

    def _start_temporal(self) -> None:
        port, ui_port = choose_port(self.plan.temporal_port), choose_port(self.plan.ui_port)
        self.temporal, self.ui_url = f"127.0.0.1:{port}", f"http://127.0.0.1:{ui_port}"
        command: list[str | Path] = [_PROGRAMS / "temporal", "server", "start-dev", "--ip", "127.0.0.1"]
        command += ["--port", str(port), "--ui-port", str(ui_port), "--log-level", "warn"]
        command += ["--db-filename", self.plan.folder / "temporal.db"]
        for name in _UNHURRIED:
            command += ["--dynamic-config-value", f"history.{name}=2000"]
        child = self._spawn("temporal", command)
        child.wait_until(lambda: _answers(self.ui_url), _START_SECONDS)
        self.settings["TEMPORAL_ADDRESS"] = self.temporal
        self.tell(f"Temporal   {self.temporal}, UI {self.ui_url}")

    def _start_odoo(self) -> None:
        access = self._real_odoo() if self.plan.odoo == "real" else self._standin_odoo()
        self.odoo_url = access.url
        self.settings |= {
            "ODOO__DEV__URL": access.url,
            "ODOO__DEV__DB": access.db,
            "ODOO__DEV__USERNAME": access.username,
            "ODOO__DEV__PASSWORD": access.password,
        }
        self.tell(f"Odoo       {self.odoo_url} ({'a real one' if self.plan.odoo == 'real' else 'stand-in'})")

    def _real_odoo(self) -> real_odoo.OdooAccess:
        given = real_odoo.OdooAccess.from_environment()
        if given is not None:
            return given
        was_running = real_odoo.running() is not None
        try:
            access = real_odoo.start()
        except real_odoo.RealOdooError as error:
            raise SandboxError(str(error)) from None
        if not was_running:
            self.cleanup.callback(real_odoo.stop)
        return access

    def _standin_odoo(self) -> real_odoo.OdooAccess:
        port = choose_port(8069)
        url = f"http://127.0.0.1:{port}"
        command: list[str | Path] = [sys.executable, "-m", "sandbox.standin_odoo", "--port", str(port)]
        command += ["--latency", self.plan.latency, "--state", self.plan.folder / "odoo.sqlite"]
        child = self._spawn("odoo", command)
        child.wait_until(lambda: _answers(f"{url}/web/version"), _START_SECONDS)
        return real_odoo.OdooAccess(url, "quotations", SALESPERSON.login, SALESPERSON.password)

    def _start_s3(self) -> None:
        port = choose_port(5000)
        self.s3_url = f"http://127.0.0.1:{port}"
        child = self._spawn("s3", [_PROGRAMS / "moto_server", "-H", "127.0.0.1", "-p", str(port)])
        child.wait_until(lambda: _answers(self.s3_url), _START_SECONDS)
        credentials = {"AWS_ACCESS_KEY_ID": "sandbox", "AWS_SECRET_ACCESS_KEY": "sandbox"}
        self.settings |= credentials | {
            "AWS_ENDPOINT_URL_S3": self.s3_url,
            "AWS_DEFAULT_REGION": "us-east-1",
            "S3_BUCKET": BUCKET,
            "S3_PREFIX": PREFIX,
            "LOG_DIR": str(self.plan.folder / "quotation-logs"),
        }
        try:
            self.s3().create_bucket(Bucket=BUCKET)
        except (BotoCoreError, ClientError) as error:
            raise SandboxError(f"The bucket could not be made: {error}") from None
        self.tell(f"S3         {self.s3_url}, bucket {BUCKET}")

    def s3(self) -> "S3Client":
        """Give a client for the S3 stand-in."""
        return boto3.client(
            "s3",
            endpoint_url=self.s3_url,
            region_name=self.settings["AWS_DEFAULT_REGION"],
            aws_access_key_id=self.settings["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.settings["AWS_SECRET_ACCESS_KEY"],
        )

    def _start_worker(self, number: int) -> None:
        name = "worker" if self.plan.workers == 1 else f"worker-{number}"
        child = self._spawn(name, [sys.executable, ROOT / "worker.py"])
        child.wait_until(lambda: "working on" in child.log.read_text(), _START_SECONDS)
        self.tell(f"Worker     process {child.pid}")

    def _start_gateway(self) -> None:
        port = choose_port(self.plan.gateway_port)
        self.gateway_url = f"http://127.0.0.1:{port}"
        self.settings["GATEWAY_PORT"] = str(port)
        child = self._spawn("gateway", [sys.executable, "-m", "gateway"])
        child.wait_until(lambda: _answers(f"{self.gateway_url}/readyz"), _START_SECONDS)
        self.tell(f"Gateway    {self.gateway_url}")

    def _spawn(self, name: str, command: Sequence[str | Path]) -> Child:
        child = Child(name, command, self.plan.folder / f"{name}.log", self.settings)
        self.children.append(child)
        self.cleanup.callback(child.stop)
        return child


def _answers(url: str) -> bool:
    try:
        return httpx2.get(url, timeout=1, trust_env=False).is_success
    except httpx2.HTTPError:
        return False
