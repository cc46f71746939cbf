"""Processes that outlive the command that starts them, found again and stopped without hitting others.

`sandbox.processes` is for all other processes: those are children of the program that stops them.
"""

import os
import pwd
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from pydantic import BaseModel

from sandbox.ports import port_is_free
from sandbox.processes import holds_within
from sandbox.real_odoo.errors import RealOdooError

SERVERS_USER = "postgres"
"""PostgreSQL refuses to run as root; Odoo calls it a security risk."""

Command = list[str | Path]
"""A program and its arguments."""

PORT_SECONDS = 5.0
"""How long killed processes may take to let go of their port."""


class ProcessRecord(BaseModel):
    """A process as it can be recognised later: a pid alone may belong to somebody else by then."""

    pid: int
    started: str
    """Boot id and clock ticks since that boot."""

    def alive(self) -> bool:
        """Return True if this very process still runs."""
        return _started(self.pid) == self.started

    def send(self, signal_number: signal.Signals) -> None:
        """Send a signal to the process if it still runs."""
        if self.alive():
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal_number)

    def ended(self, seconds: float) -> bool:
        """Wait until the process is gone; False if it still runs after `seconds`."""
        return holds_within(lambda: not self.alive(), seconds)


def launch(command: Command, *, log: Path, environment: Mapping[str, str], cwd: Path) -> ProcessRecord:
    """Start a server in a session of its own, as the servers' user, and return at once.

    The shell in between ends immediately, so that the server is nobody's child here: no zombie stays in
    a long test run, and no pipe of the caller stays open.
    """
    shell = 'setsid "$@" </dev/null >>"$SERVER_LOG" 2>&1 & echo $!'
    started = subprocess.run(
        ["/bin/sh", "-c", shell, "sh", *command],
        env={"PATH": os.defpath, "LANG": "C.UTF-8", "HOME": str(cwd), "SERVER_LOG": str(log), **environment},
        cwd=cwd,
        user=SERVERS_USER,
        group=SERVERS_USER,
        extra_groups=[],
        umask=0o077,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    pid = int(started.stdout)
    return ProcessRecord(pid=pid, started=_started(pid) or "")


def having(argument: str) -> list[ProcessRecord]:
    """Return the processes of the servers' user that were started with exactly this argument.

    It finds what no record names: the children of a killed server, a server whose command was killed
    before it wrote the record, or one whose record went with the deleted cache folder.
    """
    found = []
    user = pwd.getpwnam(SERVERS_USER).pw_uid
    for folder in Path("/proc").glob("[0-9]*"):
        # a process may end while it is looked at
        with suppress(OSError):
            arguments = (folder / "cmdline").read_bytes().split(b"\0")
            if argument.encode() in arguments and folder.stat().st_uid == user:
                pid = int(folder.name)
                found.append(ProcessRecord(pid=pid, started=_started(pid) or ""))
    return found


def check_port(port: int, server: str) -> None:
    """Check that a server can come back on its port.

    Raises:
        RealOdooError: another program took it.
    """
    if not holds_within(lambda: port_is_free(port), PORT_SECONDS):
        raise RealOdooError(f"Another program took port {port}, where {server} listened: stop, then start")


def _started(pid: int) -> str | None:
    try:
        # the command's name, in parentheses, may itself contain spaces and parentheses
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    state, ticks = fields[0], fields[19]
    if state in "ZX":
        return None
    return f"{Path('/proc/sys/kernel/random/boot_id').read_text().strip()}:{ticks}"
