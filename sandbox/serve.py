"""Everything at once for `make run`: the servers, workers and the gateway, one after the other."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from sandbox import real_odoo
from sandbox.ports import choose_port
from sandbox.processes import SandboxError
from sandbox.real_odoo import Protocol
from sandbox.servers import Server, s3_server, standin_odoo, temporal_server
from sandbox.system import BUCKET, System


@dataclass(frozen=True)
class Plan:
    """The servers to start and their ports; a port that is taken is replaced by a free one."""

    folder: Path
    """Where state and logs go."""
    odoo: str = "standin"
    """`standin` or `real`."""
    protocol: Protocol = Protocol.XMLRPC
    """How the workers call it."""
    latency: str = "0.3"
    """Seconds a call to the stand-in takes; see `sandbox.standin_odoo`."""
    gateway_port: int = 8000
    temporal_port: int = 7233
    ui_port: int = 8233
    odoo_port: int = 8069
    s3_port: int = 5000
    workers: int = 1
    payload_keys: str = ""
    """`PAYLOAD_KEYS` of gateway and workers; with keys, Temporal's UI reads through the gateway's codec."""


@dataclass(frozen=True)
class Sandbox:
    """Everything that `serve` has started."""

    system: System
    servers: list[Server]
    ui_url: str
    """Temporal's pages."""

    def check(self) -> None:
        """Raise `SandboxError` if a process has ended by itself."""
        self.system.check()
        for server in self.servers:
            if server.process:
                server.process.check()


@contextmanager
def serve(plan: Plan, tell: Callable[[str], None]) -> Iterator[Sandbox]:
    """Start everything, and stop it at the end of the `with` block; `tell` shows a line of progress.

    Raises:
        SandboxError: something did not start.
    """
    plan.folder.mkdir(parents=True, exist_ok=True)
    for log in plan.folder.glob("*.log"):
        log.unlink()
    servers: list[Server] = []
    with ExitStack() as cleanup:

        def start(server: Server) -> Server:
            server.own_session = True
            servers.append(server)
            cleanup.callback(server.stop)
            server.start()
            return server

        ui_port = choose_port(plan.ui_port)
        ui_url = f"http://127.0.0.1:{ui_port}"
        gateway_port = choose_port(plan.gateway_port)
        codec_key = secrets.token_hex(16)
        codec = f"http://127.0.0.1:{gateway_port}/codec/{codec_key}" if plan.payload_keys else None
        temporal_port = choose_port(plan.temporal_port)
        temporal = start(temporal_server(plan.folder, port=temporal_port, ui_port=ui_port, codec=codec))
        tell(f"Temporal   {temporal.address}, UI {ui_url}")

        if plan.odoo == "real":
            odoo = _real_odoo(cleanup)
            tell(f"Odoo       {odoo.url} (a real one)")
        else:
            options = ("--latency", plan.latency, "--state", str(plan.folder / "odoo.sqlite"))
            standin = start(standin_odoo(plan.folder, *options, port=choose_port(plan.odoo_port)))
            odoo = real_odoo.OdooAccess(standin.url, "quotations")
            tell(f"Odoo       {odoo.url} (stand-in)")

        s3 = start(s3_server(plan.folder, port=choose_port(plan.s3_port)))
        tell(f"S3         {s3.url}, bucket {BUCKET}")

        system = System(
            plan.folder,
            temporal.address,
            s3.url,
            replace(odoo, protocol=plan.protocol),
            {"TEMPORAL_UI_URL": ui_url, "PAYLOAD_KEYS": plan.payload_keys, "CODEC_KEY": codec_key},
            gateway_port=gateway_port,
            own_session=True,
        )
        cleanup.callback(system.stop)
        _create_bucket(system)
        system.start_workers(plan.workers)
        for worker in system.workers:
            tell(f"Worker     process {worker.pid}")
        system.start_gateway()
        tell(f"Gateway    {system.gateway_url}")
        yield Sandbox(system, servers, ui_url)


def _real_odoo(cleanup: ExitStack) -> real_odoo.OdooAccess:
    given = real_odoo.OdooAccess.from_environment()
    if given is not None:
        return given
    was_running = real_odoo.is_started()
    access = real_odoo.start()
    if not was_running:
        cleanup.callback(real_odoo.stop)
    return access


def _create_bucket(system: System) -> None:
    try:
        system.s3().create_bucket(Bucket=BUCKET)
    except (BotoCoreError, ClientError) as error:
        raise SandboxError(f"The bucket could not be created: {error}") from None
