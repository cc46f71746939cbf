"""Starts and stops everything that is measured: servers, the product, the prototype and the bare worker."""

import asyncio
import dataclasses
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx2
from temporalio.client import Client

from benchmarks import processes
from benchmarks.processes import Groups, Pids
from benchmarks.sides import bare_temporal
from benchmarks.sides.bare_odoo import BareOdoo
from benchmarks.sides.bare_temporal import BareTemporal
from benchmarks.sides.clients import Rest, rest
from sandbox import real_odoo
from sandbox.fault_proxy import Fault, FaultProxy, Rules
from sandbox.ports import free_port
from sandbox.processes import Process, SandboxError, start_process, wait_until, wait_until_healthy
from sandbox.real_odoo import OdooAccess
from sandbox.servers import Server, s3_client, s3_server, standin_odoo, temporal_server
from sandbox.system import BUCKET, System, odoo_settings

SLOW = "slow"
"""The environment whose calls to Odoo pass through the proxy, which counts and delays them."""

_SETTINGS = {"ENVIRONMENTS": f"dev,{SLOW}", "GATEWAY_RATE_LIMIT": "0"}

# the sandbox's Odoo checks passwords faster than any other would
_USUAL_LOGINS = "INSERT INTO ir_config_parameter (key, value) VALUES ('password.hashing.rounds', '600000')"


@asynccontextmanager
async def real_server() -> AsyncIterator[tuple[OdooAccess, dict[str, Pids]]]:
    """Serve a new database from a real Odoo of its own, and yield its access and the groups of its processes.

    Raises:
        sandbox.real_odoo.RealOdooError: this machine cannot have one.
    """
    async with AsyncExitStack() as stack:
        database = await asyncio.to_thread(real_odoo.fresh_database)
        stack.callback(real_odoo.drop_database, database.db)
        await asyncio.to_thread(real_odoo.execute_sql, _USUAL_LOGINS, database.db)
        own = stack.enter_context(real_odoo.own_odoo())
        running = real_odoo.running()
        if running is None:
            raise SandboxError("Odoo ended by itself")
        yield (
            replace(database, url=own.url),
            {
                "Odoo": processes.tree(own.pid),
                "PostgreSQL": processes.backends(running.postgres_pid, database.db),
            },
        )


@dataclass
class OdooSide:
    """The product over one Odoo, and what else calls the same Odoo."""

    access: OdooAccess
    system: System
    proxy: FaultProxy
    bare: BareOdoo
    prototype_url: str
    slow_prototype_url: str
    """The address of a prototype that calls Odoo through the proxy."""
    groups: Groups

    def delay(self, seconds: float) -> None:
        """Delay all calls through the proxy from now on."""
        self.proxy.rules.rate, self.proxy.rules.delay = (1.0, seconds) if seconds else (0.0, 0.0)

    @property
    def calls(self) -> int:
        """The calls that have passed through the proxy."""
        return self.proxy.passed + self.proxy.met.total()

    async def set_latency(self, seconds: float) -> None:
        """Set the time that a stand-in's call takes."""
        async with httpx2.AsyncClient(trust_env=False) as client:
            url = f"{self.access.url}/standin/latency"
            (await client.post(url, json={"latency": f"{seconds:g}"})).raise_for_status()

    @asynccontextmanager
    async def rest(self, environment: str = "") -> AsyncIterator[Rest]:
        """Open a REST client of the product."""
        async with rest(self.system.gateway_url, environment) as client:
            yield client


@dataclass(frozen=True)
class Stage:
    """The servers that all sides share."""

    folder: Path
    temporal: Server
    s3: Server
    bare_worker: Process
    client: Client
    bare_temporal: BareTemporal

    @asynccontextmanager
    async def standin(self) -> AsyncIterator[OdooSide]:
        """Serve the product over a stand-in of Odoo without latency."""
        with standin_odoo(self.folder) as server:
            access = OdooAccess(server.url, "quotations")
            async with self._product(access, {"Odoo": processes.tree(_pid(server))}) as side:
                yield side

    @asynccontextmanager
    async def real(self) -> AsyncIterator[OdooSide]:
        """Serve the product over a real Odoo with a database and a server of its own.

        Raises:
            sandbox.real_odoo.RealOdooError: this machine cannot have one.
        """
        async with AsyncExitStack() as stack:
            access, pids = await stack.enter_async_context(real_server())
            yield await stack.enter_async_context(self._product(access, pids))

    @asynccontextmanager
    async def _product(self, access: OdooAccess, odoo: dict[str, Pids]) -> AsyncIterator[OdooSide]:
        async with AsyncExitStack() as stack:
            rules = Rules(rate=0.0, faults=(Fault.DELAY,))
            odoo_port = int(access.url.rpartition(":")[2])
            proxy = await stack.enter_async_context(FaultProxy(odoo_port, seed=1, rules=rules))
            proxied = dataclasses.replace(access, url=proxy.url)
            extra = _SETTINGS | odoo_settings(SLOW, proxied)
            system = System(self.folder, self.temporal.address, self.s3.url, access, extra)
            stack.callback(system.stop)
            await asyncio.to_thread(system.start_workers, 1)
            await asyncio.to_thread(system.start_gateway)
            prototypes = [
                stack.enter_context(self._prototype(System(self.folder, "", self.s3.url, odoo)))
                for odoo in (access, proxied)
            ]
            bare = await asyncio.to_thread(BareOdoo, access)
            stack.callback(bare.close)
            pids = {
                **odoo,
                "Temporal": processes.tree(_pid(self.temporal)),
                "worker": processes.tree(system.workers[0].pid),
                "gateway": processes.tree(started(system.gateway).pid),
                "S3": processes.tree(_pid(self.s3)),
                "bare worker": processes.tree(self.bare_worker.pid),
                "prototype": processes.tree(prototypes[0].pid),
            }
            yield OdooSide(access, system, proxy, bare, prototypes[0].url, prototypes[1].url, Groups(pids))

    @contextmanager
    def _prototype(self, system: System) -> Iterator["_Prototype"]:
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        command: list[str | Path] = [sys.executable, "-m", "benchmarks.sides.prototype", str(port)]
        process = start_process(command, self.folder / f"prototype-{port}.log", system.settings)
        try:
            wait_until_healthy(process, f"{url}/openapi.json")
            yield _Prototype(url, process.pid)
        finally:
            process.stop()


@dataclass(frozen=True)
class _Prototype:
    url: str
    pid: int


@asynccontextmanager
async def serve(folder: Path) -> AsyncIterator[Stage]:
    """Start what all sides share, and stop it after the `async with` block.

    Raises:
        SandboxError: something did not start.
    """
    with ExitStack() as stack:
        temporal = stack.enter_context(temporal_server(folder))
        s3 = stack.enter_context(s3_server(folder))
        await asyncio.to_thread(s3_client(s3.url).create_bucket, Bucket=BUCKET)
        worker = _bare_worker(folder, temporal.address)
        stack.callback(worker.kill)
        client = await Client.connect(temporal.address)
        yield Stage(folder, temporal, s3, worker, client, BareTemporal(client))


def _bare_worker(folder: Path, address: str) -> Process:
    command: list[str | Path] = [sys.executable, "-m", "benchmarks.sides.bare_temporal", address]
    process = start_process(command, folder / "bare-worker.log", {})
    wait_until(lambda: bare_temporal.READY in process.output, process)
    return process


def _pid(server: Server) -> int:
    return started(server.process).pid


def started(process: Process | None) -> Process:
    """Return a process. Raises `SandboxError` if it was not started."""
    if process is None:
        raise SandboxError("A process did not start")
    return process
