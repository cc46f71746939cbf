"""The test Odoo's own PostgreSQL: on 127.0.0.1 only, and fast rather than crash-safe."""

import os
import secrets
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from sandbox.ports import free_port
from sandbox.processes import holds_within
from sandbox.real_odoo.commands import run
from sandbox.real_odoo.debian import install_postgresql
from sandbox.real_odoo.errors import RealOdooError
from sandbox.real_odoo.layout import Layout, State
from sandbox.real_odoo.processes import (
    SERVERS_USER,
    Command,
    check_port,
    having,
    launch,
)
from sandbox.real_odoo.progress import say

PROGRAMS = Path("/usr/lib/postgresql")
ROLE = "odoo"
"""Odoo's role: it may create databases and is not a superuser."""

SPEED_OVER_SAFETY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    # with the default, every few copies of a database wait for a checkpoint
    "max_wal_size": "4GB",
}
START_SECONDS = 60.0
STOP_SECONDS = 20.0


@dataclass(frozen=True)
class Postgres:
    """The cluster of one layout. Its folder has the major version in its name, since an upgrade changes it."""

    layout: Layout
    programs: Path

    @property
    def folder(self) -> Path:
        """The cluster's data and its password."""
        return self.layout.root / f"postgresql-{self.programs.parent.name}"

    @property
    def data(self) -> Path:
        """PostgreSQL's data directory."""
        return self.folder / "data"

    @property
    def password(self) -> str:
        """The password of both roles, generated for this cluster."""
        return (self.folder / "password").read_text()

    def create(self, log: Path) -> None:
        """Create the cluster unless it exists.

        Raises:
            RealOdooError: initdb failed.
        """
        if self.folder.is_dir():
            return
        say("Creating a PostgreSQL cluster.")
        partial = self.layout.partial(self.folder)
        partial.mkdir()
        (partial / "password").write_text(secrets.token_urlsafe())
        # ILIKE treats É and é as one letter with C.UTF-8, and as two with C
        initdb: Command = [
            self.programs / "initdb",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--auth=scram-sha-256",
        ]
        shutil.chown(partial, SERVERS_USER, SERVERS_USER)
        shutil.chown(partial / "password", SERVERS_USER, SERVERS_USER)
        partial.chmod(0o700)
        run(
            [*initdb, "-U", "postgres", f"--pwfile={partial / 'password'}", "-D", partial / "data"],
            log=log,
            failure="PostgreSQL's cluster could not be created",
            as_servers=True,
        )
        partial.rename(self.folder)

    def start(self, state: State) -> None:
        """Start the server on its own port, unless it runs.

        Raises:
            RealOdooError: it did not answer within START_SECONDS, or another program has taken its port.
        """
        if state.postgres_port and state.postgres in having(str(self.data)):
            return
        self.stop(state)
        state.postgres_port = state.postgres_port or free_port()
        check_port(state.postgres_port, "PostgreSQL")
        settings = {
            "port": str(state.postgres_port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "max_connections": "200",
            **SPEED_OVER_SAFETY,
        }
        say("Starting PostgreSQL.")
        log = self.layout.log / "postgresql.log"
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command: Command = [self.programs / "postgres", "-D", self.data, *options]
        process = launch(command, log=log, environment={}, cwd=self.layout.home)
        state.postgres = process
        self.layout.write_state(state)
        port = state.postgres_port
        ready = holds_within(lambda: not process.alive() or self._answers(port), START_SECONDS)
        if not ready or not process.alive():
            raise RealOdooError(f"PostgreSQL did not start; the details are in {log}")
        self.execute(
            state,
            f"DO $$ BEGIN CREATE ROLE {ROLE} LOGIN CREATEDB PASSWORD '{self.password}'; "
            "EXCEPTION WHEN duplicate_object THEN NULL; END $$",
        )

    def stop(self, state: State) -> None:
        """Close all connections and stop the server, also one of an earlier major version."""
        clusters = {self.data, *self.layout.root.glob("postgresql-*/data")}
        for process in [process for data in clusters for process in having(str(data))]:
            process.send(signal.SIGINT)
            if not process.ended(STOP_SECONDS):
                process.send(signal.SIGQUIT)
                process.ended(STOP_SECONDS)
        state.postgres = None
        self.layout.write_state(state)

    def execute(self, state: State, statement: str, database: str = "postgres") -> list[str]:
        """Run one SQL statement as the superuser and return its rows' first values.

        Raises:
            RealOdooError: PostgreSQL refused it, with PostgreSQL's own message.
        """
        command: Command = [self.programs / "psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1"]
        done = subprocess.run(
            [*command, "-p", str(state.postgres_port), "-U", "postgres", "-d", database],
            env={"PATH": os.defpath, "PGPASSWORD": self.password},
            # not an argument: the process list shows arguments, and one statement has the password
            input=statement,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise RealOdooError(f"PostgreSQL says: {done.stderr.strip()}")
        return done.stdout.splitlines()

    def _answers(self, port: int) -> bool:
        command: Command = [self.programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
        return subprocess.run(command, check=False).returncode == 0


def find_programs() -> Path | None:
    """Return the folder with the programs of the newest PostgreSQL, None if none is installed."""
    found = [path.parent for path in PROGRAMS.glob("*/bin/initdb")]
    return max(found, key=lambda folder: int(folder.parent.name), default=None)


def ensure_programs(log: Path) -> Path:
    """Return the folder with PostgreSQL's programs, which are installed if missing.

    Raises:
        RealOdooError: they could not be installed.
    """
    found = find_programs()
    if found is None:
        install_postgresql(log)
        found = find_programs()
    if found is None:
        raise RealOdooError(f"PostgreSQL was installed, but there is no initdb in {PROGRAMS}")
    return found
