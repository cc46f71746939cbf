"""An Odoo server over the databases of the cluster. It keeps its port when it is stopped and started."""

import http.client
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path

from sandbox.ports import free_port
from sandbox.processes import holds_within
from sandbox.real_odoo.errors import RealOdooError
from sandbox.real_odoo.layout import Layout, OdooRecord, State
from sandbox.real_odoo.postgres import ROLE, Postgres
from sandbox.real_odoo.processes import check_port, having, launch
from sandbox.real_odoo.progress import say
from sandbox.real_odoo.runtime import environment_folder, odoo_command, odoo_environment

SHARED = "shared"
"""The name of the server that all tests share."""

START_SECONDS = 120.0
STOP_SECONDS = 20.0
BUSY_SECONDS = 60.0
"""After this time without an answer, a server counts as dead even under load."""

ANSWER_SECONDS = 5.0


@dataclass(frozen=True)
class OdooServer:
    """One of the Odoo servers of a layout, by name."""

    layout: Layout
    postgres: Postgres
    name: str = SHARED

    @property
    def data(self) -> Path:
        """Odoo's data directory, with its sessions; the attachments are in the databases."""
        return self.layout.home / self.name

    @property
    def data_option(self) -> str:
        """The option by which this server's processes are found."""
        return f"--data-dir={self.data}"

    def start(self, state: State) -> None:
        """Start the server on its own port, unless it runs.

        Raises:
            RealOdooError: it did not answer within START_SECONDS, or another program has taken its port.
        """
        record = state.odoo.setdefault(
            self.name, OdooRecord(http_port=free_port(), gevent_port=free_port(), process=None)
        )
        environment = environment_folder(self.layout).name
        current = record.process and record.process.alive() and record.environment == environment
        if current and holds_within(lambda: answers(record.http_port), BUSY_SECONDS):
            return
        self.stop(state, kill=True)
        check_port(record.http_port, "Odoo")
        check_port(record.gevent_port, "Odoo")
        say("Starting Odoo.")
        log = self.layout.log / f"odoo-{self.name}.log"
        process = launch(
            odoo_command(
                self.layout,
                *database_options(state),
                self.data_option,
                "--http-interface=127.0.0.1",
                f"--http-port={record.http_port}",
                f"--gevent-port={record.gevent_port}",
                "--workers=2",
                "--max-cron-threads=0",
                # otherwise every call logs that XML-RPC is deprecated
                "--log-handler=odoo.addons.rpc.controllers.xmlrpc:ERROR",
            ),
            log=log,
            environment=odoo_environment(self.layout, self.postgres.password),
            cwd=self.layout.home,
        )
        record.process, record.environment = process, environment
        self.layout.write_state(state)
        ready = holds_within(lambda: not process.alive() or answers(record.http_port), START_SECONDS)
        if not ready or not process.alive():
            raise RealOdooError(f"Odoo did not start; the details are in {log}")

    def stop(self, state: State, *, kill: bool = False) -> None:
        """Stop the server; with `kill` at once, in the middle of its work, like a power cut."""
        record = state.odoo.get(self.name)
        if record and record.process and not kill:
            record.process.send(signal.SIGTERM)
            record.process.ended(STOP_SECONDS)
        # the main process replaces killed children, so one pass may not be enough
        while remaining := having(self.data_option):
            for process in remaining:
                process.send(signal.SIGKILL)
            for process in remaining:
                process.ended(STOP_SECONDS)
        if record:
            record.process = None
            self.layout.write_state(state)

    def remove(self, state: State) -> None:
        """Kill the server and forget its ports and its data."""
        self.stop(state, kill=True)
        state.odoo.pop(self.name, None)
        self.layout.write_state(state)
        shutil.rmtree(self.data, ignore_errors=True)


def database_options(state: State) -> list[str]:
    """Return Odoo's options for the connection to the cluster."""
    return ["--db_host=127.0.0.1", f"--db_port={state.postgres_port}", f"--db_user={ROLE}"]


def answers(port: int) -> bool:
    """Return True if an Odoo answers at this port of 127.0.0.1 within ANSWER_SECONDS."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", "/web/version")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
