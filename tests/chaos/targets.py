"""The targets of the fault suite: the system, and the servers that it needs."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from sandbox import real_odoo
from sandbox.fault_proxy import FaultProxy, Rules
from sandbox.real_odoo import OdooAccess, OwnOdoo, Protocol, RealOdooError
from sandbox.servers import Server, s3_client, s3_server, temporal_server
from sandbox.system import BUCKET, System
from tests.chaos.load import KNOWN_CUSTOMERS, known_email
from tests.support.odoo_view import OdooView

WORKERS = 3
ODOO_TIMEOUT_SECONDS = 8
"""For one call: short, but longer than the first answer of an Odoo that has just started."""

ODOO_HANG_SECONDS = 10.0
S3_HANG_SECONDS = 12.0
"""Longer than the log store waits for S3."""


_RENAME_ATTEMPTS = 10
_END_KEYS = "UPDATE res_users_apikeys SET expiration_date = {}"
_DISCONNECT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'"


@dataclass
class Targets:
    """Everything that can be killed; each part comes back on the port that it had."""

    system: System
    """It reaches Odoo and S3 through the proxies."""
    temporal: Server
    odoo: OdooAccess
    """The database, at a server that is never killed."""
    own_odoo: OwnOdoo
    """The server that the workers call, over the same database."""
    odoo_proxy: FaultProxy
    s3: Server
    """It is never killed: it has its data in memory alone."""
    s3_proxy: FaultProxy
    installation: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while the database or the login is disturbed: one disturbance could not undo itself during another."""

    @asynccontextmanager
    async def login_refused(self) -> AsyncIterator[None]:
        """Within the `async with` block Odoo does not know the password of the workers, or their key has ended."""
        is_over_json2 = self.odoo.protocol is Protocol.JSON2
        set_known = self._set_key_known if is_over_json2 else self._set_password_known
        await asyncio.to_thread(set_known, is_known=False)
        try:
            yield
        finally:
            await asyncio.to_thread(set_known, is_known=True)

    @asynccontextmanager
    async def database_away(self) -> AsyncIterator[None]:
        """Within the `async with` block Odoo has no database of the configured name."""
        db, away = self.odoo.db, f"{self.odoo.db}_away"
        await asyncio.to_thread(_rename, db, away)
        try:
            yield
        finally:
            await asyncio.to_thread(_rename, away, db)

    def _set_key_known(self, *, is_known: bool) -> None:
        end = "NULL" if is_known else "now() - interval '1 day'"
        real_odoo.execute_sql(_END_KEYS.format(end), self.odoo.db)

    def _set_password_known(self, *, is_known: bool) -> None:
        password = self.odoo.password if is_known else "another-password"
        # at the server that nobody kills; it tells the others to forget what they know of the user
        view = OdooView(self.odoo)
        users = view.call("res.users", "search", [["login", "=", self.odoo.username]])
        view.call("res.users", "write", users, {"password": password})
        view.close()

    def start(self) -> None:
        """Create the customers' data, and start Temporal, the workers and the gateway."""
        s3_client(self.s3.url).create_bucket(Bucket=BUCKET)
        # through the workers' server, whose first answer from a database takes seconds
        view = OdooView(replace(self.odoo, url=self.own_odoo.url))
        for number in range(KNOWN_CUSTOMERS):
            # as people type them: with a name, and in any case
            email = f'"Cliente {number}" <{known_email(number).title()}>'
            view.call("res.partner", "create", {"name": f"Conocido {number}", "email": email})
        self.temporal.start()
        self.system.start_workers(WORKERS)
        self.start_gateway()

    def start_gateway(self) -> None:
        """Start the gateway, which may come back before Temporal does."""
        self.system.start_gateway(ready="healthz")

    def close(self) -> None:
        """Kill what `start` has started."""
        self.system.kill()
        self.temporal.kill()


def _rename(db: str, name: str) -> None:
    # a new connection may come between the two statements
    for _ in range(_RENAME_ATTEMPTS):
        real_odoo.execute_sql(f"ALTER DATABASE {db} ALLOW_CONNECTIONS false")
        real_odoo.execute_sql(_DISCONNECT.format(db))
        with suppress(RealOdooError):
            real_odoo.execute_sql(f"ALTER DATABASE {db} RENAME TO {name}")
            break
    real_odoo.execute_sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


@asynccontextmanager
async def serve(folder: Path, seed: int, protocol: Protocol) -> AsyncIterator[Targets]:
    """Serve the targets, whose workers call Odoo in this protocol.

    After the `async with` block only the files in `folder` are left.

    Raises:
        sandbox.real_odoo.RealOdooError: this machine cannot have a real Odoo.
    """
    draw = random.Random(seed)  # noqa: S311  # repeatable, not secret
    async with AsyncExitStack() as stack:
        access = replace(await asyncio.to_thread(real_odoo.fresh_database), protocol=protocol)
        stack.callback(real_odoo.drop_database, access.db)
        own = stack.enter_context(real_odoo.own_odoo())
        s3 = s3_server(folder)
        stack.callback(s3.kill)
        await asyncio.to_thread(s3.start)
        odoo_port = int(own.url.rpartition(":")[2])
        rules = Rules(hang=ODOO_HANG_SECONDS), Rules(hang=S3_HANG_SECONDS)
        odoo_proxy = await stack.enter_async_context(FaultProxy(odoo_port, draw.getrandbits(32), rules[0]))
        s3_proxy = await stack.enter_async_context(FaultProxy(s3.port, draw.getrandbits(32), rules[1]))
        temporal = temporal_server(folder)
        proxied = replace(access, url=odoo_proxy.url)
        extra = {"ODOO__DEV__TIMEOUT": str(ODOO_TIMEOUT_SECONDS)}
        system = System(folder, temporal.address, s3_proxy.url, proxied, extra)
        targets = Targets(system, temporal, access, own, odoo_proxy, s3, s3_proxy)
        stack.callback(targets.close)
        await asyncio.to_thread(targets.start)
        yield targets
