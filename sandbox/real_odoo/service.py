"""The functions for the command line and the tests; each holds the lock of the cache folder."""

import os
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sandbox.catalogue import ADMIN, SALESPERSON
from sandbox.real_odoo import debian, runtime, template
from sandbox.real_odoo.errors import RealOdooError
from sandbox.real_odoo.layout import Layout, State, locate, locked
from sandbox.real_odoo.odoo import SHARED, OdooServer, answers
from sandbox.real_odoo.postgres import Postgres, ensure_programs, find_programs
from sandbox.real_odoo.processes import SERVERS_USER

VARIABLES = {
    "url": "ODOO_TEST_URL",
    "db": "ODOO_TEST_DB",
    "username": "ODOO_TEST_USERNAME",
    "password": "ODOO_TEST_PASSWORD",
    "api_key": "ODOO_TEST_API_KEY",
    "admin_username": "ODOO_TEST_ADMIN_USERNAME",
    "admin_password": "ODOO_TEST_ADMIN_PASSWORD",
}


class Protocol(StrEnum):
    """The protocols by which the product can reach an Odoo."""

    XMLRPC = "xmlrpc"
    JSON2 = "json2"


@dataclass(frozen=True)
class OdooAccess:
    """The address of a database, with the logins of a plain salesperson and of its administrator."""

    url: str
    db: str
    username: str = SALESPERSON.login
    password: str = SALESPERSON.password
    api_key: str = SALESPERSON.api_key
    admin_username: str = ADMIN.login
    admin_password: str = ADMIN.password
    protocol: Protocol = Protocol.XMLRPC
    """How the product is to reach it."""

    def environment(self) -> dict[str, str]:
        """Return the variables of `VARIABLES` with their values."""
        return {variable: getattr(self, field) for field, variable in VARIABLES.items()}

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "OdooAccess | None":
        """Return the Odoo that the variables name, None unless all of them are set."""
        found: dict[str, Any] = {field: environment.get(variable) for field, variable in VARIABLES.items()}
        return cls(**found) if all(found.values()) else None


@dataclass(frozen=True)
class Server:
    """The running servers."""

    url: str
    odoo_pid: int
    postgres_pid: int
    postgres_port: int


@dataclass(frozen=True)
class OwnOdoo:
    """An Odoo server for one test, which may stop and kill it; its databases are the shared ones."""

    name: str

    @property
    def url(self) -> str:
        """The server's address, which no restart changes."""
        return _url(locate().read_state(), self.name)

    @property
    def pid(self) -> int:
        """The id of the server's main process. Raises `RealOdooError` if it was stopped."""
        process = locate().read_state().odoo[self.name].process
        if process is None:
            raise RealOdooError("This Odoo was stopped")
        return process.pid

    def stop(self, *, kill: bool = False) -> None:
        """Stop the server; with `kill` at once, in the middle of its work."""
        stop_odoo(kill=kill, name=self.name)

    def start(self) -> None:
        """Start the server again on the same port, and wait until it answers.

        Raises:
            RealOdooError: it did not answer.
        """
        start_odoo(name=self.name)


def start() -> OdooAccess:
    """Provision and start what is missing, and return the standing database.

    Raises:
        UnsupportedMachineError: this is not Debian, or not root.
        RealOdooError: a step failed; the next call continues there.
    """
    with _locked_if_supported() as layout:
        state = layout.read_state()
        postgres = _provision(layout, state)
        name = template.standing_name()
        template.copy(postgres, state, name)
        OdooServer(layout, postgres).start(state)
        return OdooAccess(_url(state), name)


def fresh_database() -> OdooAccess:
    """Create a database from the template, on servers that are started if necessary, and return it.

    Earlier ones are dropped when they are a day old and have not been used for an hour.

    Raises:
        UnsupportedMachineError: this is not Debian, or not root.
        RealOdooError: a step failed.
    """
    with _locked_if_supported() as layout:
        state = layout.read_state()
        postgres = _provision(layout, state)
        OdooServer(layout, postgres).start(state)
        template.drop_stale(postgres, state)
        name = template.fresh_name()
        template.copy(postgres, state, name)
        return OdooAccess(_url(state), name)


def drop_database(name: str) -> None:
    """Drop a database of `fresh_database`, even if it has connections; do nothing if it is gone.

    Raises:
        ValueError: the name is not one of `fresh_database`.
        RealOdooError: PostgreSQL is not running.
    """
    if not re.fullmatch(rf"{template.FRESH}\w+", name):
        raise ValueError(f"{name} was not made by fresh_database")
    with _locked_if_supported() as layout:
        template.drop(_postgres(layout), layout.read_state(), name)


def execute_sql(statement: str, database: str = "postgres") -> list[str]:
    """Run one SQL statement as PostgreSQL's superuser, without Odoo, and return its rows' first values.

    Raises:
        RealOdooError: PostgreSQL is not running, or refused the statement.
    """
    layout = locate()
    return _postgres(layout).execute(layout.read_state(), statement, database)


def running() -> Server | None:
    """Return the servers if both run and Odoo answers, otherwise None; start and change nothing."""
    state = locate().read_state()
    record = state.odoo.get(SHARED)
    if not (state.postgres and state.postgres.alive() and state.postgres_port):
        return None
    if not (record and record.process and record.process.alive() and answers(record.http_port)):
        return None
    return Server(_url(state), record.process.pid, state.postgres.pid, state.postgres_port)


def is_started() -> bool:
    """Return True if a server runs, even if it is too busy to answer."""
    state = locate().read_state()
    processes = [state.postgres, *(odoo.process for odoo in state.odoo.values())]
    return any(process and process.alive() for process in processes)


def stop() -> None:
    """Stop every server that was started from this cache folder."""
    if not debian.supported() or find_programs() is None:
        return
    with locked() as layout:
        state, postgres = layout.read_state(), _postgres(layout)
        for name in {SHARED, *state.odoo}:
            OdooServer(layout, postgres, name).stop(state)
        postgres.stop(state)
        layout.write_state(State())


def stop_odoo(*, kill: bool = False, name: str = SHARED) -> None:
    """Stop Odoo and leave PostgreSQL running; with `kill` at once, in the middle of its work.

    `start_odoo` uses the same port again. A call of `start` or `fresh_database` by another test ends the outage of
    the shared server; it does not touch a server of `own_odoo`.
    """
    with _locked_if_supported() as layout:
        OdooServer(layout, _postgres(layout), name).stop(layout.read_state(), kill=kill)


def start_odoo(*, name: str = SHARED) -> None:
    """Start Odoo again on its port, and wait until it answers.

    Raises:
        RealOdooError: it did not answer, or another program has taken its port.
    """
    with _locked_if_supported() as layout:
        OdooServer(layout, _postgres(layout), name).start(layout.read_state())


@contextmanager
def own_odoo() -> Iterator[OwnOdoo]:
    """Serve the same databases from a second Odoo during the block.

    To reach a database through it: `dataclasses.replace(access, url=own.url)`.

    Raises:
        RealOdooError: the server did not start.
    """
    own = OwnOdoo(f"own-{secrets.token_hex(4)}")
    try:
        with _locked_if_supported() as layout:
            state = layout.read_state()
            OdooServer(layout, _provision(layout, state), own.name).start(state)
        yield own
    finally:
        with _locked_if_supported() as layout:
            OdooServer(layout, _postgres(layout), own.name).remove(layout.read_state())


@contextmanager
def _locked_if_supported() -> Iterator[Layout]:
    """Hold the lock during the block.

    Raises:
        UnsupportedMachineError: this is not Debian, or not root.
    """
    debian.ensure_supported()
    with locked() as layout:
        yield layout


def _provision(layout: Layout, state: State) -> Postgres:
    """Create and start everything that the Odoo server needs: programs, cluster, template."""
    log = layout.log / "provision.log"
    postgres = Postgres(layout, ensure_programs(log))
    for folder in (layout.log, layout.home):
        shutil.chown(folder, SERVERS_USER, SERVERS_USER)
    with ThreadPoolExecutor() as pool:
        steps = [
            pool.submit(debian.fetch_odoo, layout, log),
            pool.submit(runtime.install_requirements, layout, log),
        ]
    for step in steps:
        step.result()
    runtime.write_addons(layout)
    postgres.create(log)
    postgres.start(state)
    template.build(layout, postgres, state, log)
    return postgres


def _postgres(layout: Layout) -> Postgres:
    programs = find_programs()
    if programs is None:
        raise RealOdooError("PostgreSQL is not installed: start the test Odoo first")
    return Postgres(layout, programs)


def _url(state: State, name: str = SHARED) -> str:
    return f"http://127.0.0.1:{state.odoo[name].http_port}"
