"""Processes that outlive the command that starts them: later commands find and stop them, and no others.

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
"""PostgreSQL refuses to run as root, and Odoo warns against it."""

Command = list[str | Path]
"""A program and its arguments."""

PORT_SECONDS = 5.0
"""How long the ports of killed processes may stay taken."""


class ProcessRecord(BaseModel):
    """A process, recorded so that it can be recognised later: its pid alone may be reused."""

    pid: int
    started: str
    """The boot's id, and the clock ticks between boot and start."""

    @classmethod
    def of(cls, pid: int) -> "ProcessRecord":
        """Return the record of the process that has this id now."""
        return cls(pid=pid, started=_started(pid) or "")

    def alive(self) -> bool:
        """Return True if the process still runs."""
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
    """Start a server as the servers' user, in a session of its own, and return at once.

    The shell in between ends immediately, so the server is not our child: it leaves no zombie in a long test run,
    and holds none of the caller's pipes open.
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
    return ProcessRecord.of(int(started.stdout))


def having(argument: str) -> list[ProcessRecord]:
    """Return the processes of the servers' user that were started with exactly this argument.

    It also finds processes that no record names: the children of a killed server, a server whose command was
    killed before it wrote the record, and one whose record was deleted with the cache folder.
    """
    found = []
    user = pwd.getpwnam(SERVERS_USER).pw_uid
    for folder in Path("/proc").glob("[0-9]*"):
        # the process may end meanwhile
        with suppress(OSError):
            arguments = (folder / "cmdline").read_bytes().split(b"\0")
            if argument.encode() in arguments and folder.stat().st_uid == user:
                found.append(ProcessRecord.of(int(folder.name)))
    return found


def check_port(port: int, server: str) -> None:
    """Check that a server can use its port again.

    Raises:
        RealOdooError: another program has taken it.
    """
    if not holds_within(lambda: port_is_free(port), PORT_SECONDS):
        raise RealOdooError(f"Another program has taken {server}'s port {port}: stop it, then start again")


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
