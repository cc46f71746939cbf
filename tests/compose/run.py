"""One run: everything starts, works, is killed, scaled, stopped and removed, and keeps what it was given."""

import json
from collections.abc import Callable

from sandbox.processes import SandboxError, holds_within
from tests.compose.project import SETTLE_SECONDS, STEPS, Project, service_of
from tests.compose.services import Services

KINDS = ("worker", "gateway", "odoo", "odoo-db", "s3", "temporal", "temporal-db")
WORKERS = 3
OUT_OF_REACH = (("odoo", 8069), ("odoo.localhost", 8069), ("odoo-db", 5432), ("s3", 8333))

Say = Callable[[str], None]


class Run:
    """The parts of a run, in order; each raises `SandboxError` if it does not hold."""

    def __init__(self, project: Project, say: Say) -> None:
        self._project = project
        self._services = Services(project)
        self._say = say
        self._asked: list[str] = []

    def everything(self) -> None:
        """Run all of them."""
        self._say("docker compose up --build --detach")
        self._project.up("--build")
        self._say(self._project.table())
        self._check_order()
        self._check_ports()
        self._check_networks()
        self._check_processes()
        self._services.create_product()
        self._say(self._project.compose("exec", "--no-TTY", "worker", "python", "worker.py", "--check"))
        self._quote()
        for kind in KINDS:
            self._kill(kind)
        self._scale()
        self._stop()
        self._remove()
        self._check_orders()

    def _check_order(self) -> None:
        started = {service_of(one): one["State"]["StartedAt"] for one in self._project.containers()}
        ended = {service_of(one): one["State"]["FinishedAt"] for one in self._project.containers()}
        config = json.loads(self._project.compose("config", "--format=json"))["services"]
        for service, values in config.items():
            for other in values.get("depends_on", {}):
                before = ended[other] if other in STEPS else started[other]
                if before > started[service]:
                    raise SandboxError(f"{service} was started before {other}")
        self._say("each service was started after those that it depends on")

    def _check_ports(self) -> None:
        addresses = {
            binding["HostIp"]
            for container in self._project.containers()
            for bindings in container["NetworkSettings"]["Ports"].values()
            for binding in bindings or ()
        }
        if addresses != {"127.0.0.1"}:
            raise SandboxError(f"ports are published on {addresses}")
        self._say("all ports are published on 127.0.0.1 only")

    def _check_networks(self) -> None:
        for host, port in OUT_OF_REACH:
            # the worker shows that the address is right
            if host != "odoo-db" and not self._project.reaches("worker", host, port):
                raise SandboxError(f"the worker does not reach {host}:{port}")
            addresses = [
                network["IPAddress"]
                for container in self._project.containers(host.partition(".")[0])
                for network in container["NetworkSettings"]["Networks"].values()
            ]
            for address in (host, *addresses):
                if self._project.reaches("gateway", address, port):
                    raise SandboxError(f"the gateway reaches {host}:{port}")
        self._say("the gateway reaches neither Odoo nor its database nor S3, by name or by address")

    def _check_processes(self) -> None:
        code = "import importlib.util as u, os; print(os.getuid(), u.find_spec('pip'), u.find_spec('ensurepip'))"
        for service in ("worker", "gateway"):
            found = self._project.compose("exec", "--no-TTY", service, "python", "-c", code).split()
            if found != ["10001", "None", "None"]:
                raise SandboxError(f"user, pip and ensurepip in {service}: {found}")
        self._say("worker and gateway run as user 10001, without pip")

    def _quote(self) -> None:
        self._asked += [self._services.start("acme-rest"), self._services.start_over_mcp("acme-mcp")]
        for tracking_id, way in zip(self._asked, ("REST", "MCP"), strict=True):
            status = self._services.completed(tracking_id)
            self._say(f"over {way}: {json.dumps(status, ensure_ascii=False)}")

    def _kill(self, kind: str) -> None:
        before = self._project.restarts(kind)
        self._asked.append(self._services.start(f"killed-{kind}"))
        self._project.kill(kind)
        if not holds_within(lambda: self._project.restarts(kind) > before, SETTLE_SECONDS):
            raise SandboxError(f"{kind} did not come back")
        self._project.settle()
        status = self._services.completed(self._asked[-1])
        self._say(
            f"{kind} was killed and came back; {status['tracking_id']} completed in {status['elapsed_time']}"
        )

    def _scale(self) -> None:
        self._project.up("--scale", f"worker={WORKERS}")
        running = len(self._project.containers("worker"))
        if running != WORKERS:
            raise SandboxError(f"{running} workers run")
        asked = [self._services.start(f"scaled-{number}") for number in range(2 * WORKERS)]
        for tracking_id in asked:
            self._services.completed(tracking_id)
        self._asked += asked
        self._say(f"{WORKERS} workers run, and {len(asked)} quotations completed")

    def _stop(self) -> None:
        asked = [self._services.start(f"stopped-{number}") for number in range(2 * WORKERS)]
        self._project.compose("stop")
        for service in ("worker", "gateway"):
            codes = [container["State"]["ExitCode"] for container in self._project.containers(service)]
            if any(codes):
                raise SandboxError(f"{service} ended with {codes}")
        self._project.up()
        self._asked += asked
        self._check_kept("stop and up")

    def _remove(self) -> None:
        self._project.compose("down")
        self._project.up()
        self._check_kept("down and up")

    def _check_kept(self, what: str) -> None:
        for tracking_id in self._asked:
            self._services.completed(tracking_id)
        self._say(f"after {what}, all {len(self._asked)} quotations are completed, in Odoo and in S3")

    def _check_orders(self) -> None:
        orders = self._services.orders()
        if orders != len(self._asked):
            raise SandboxError(f"Odoo holds {orders} orders for {len(self._asked)} quotations")
        self._say(f"Odoo holds {orders} orders for {len(self._asked)} quotations")
