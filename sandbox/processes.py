"""The sandbox's processes: each with a log of its own, started when the one before is healthy, all stopped."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

STOP_SECONDS = 20.0
"""How long a process may take to end by itself before it is killed."""

_POLL_SECONDS = 0.1
# settings that the shell may have, and the ODOO of `make run ODOO=real`, are not the processes'
_OURS = ("TEMPORAL_", "ENVIRONMENTS", "ODOO", "S3_", "AWS_", "LOG_DIR", "GATEWAY_", "TRACKING_", "PAYLOAD_")


class SandboxError(Exception):
    """The sandbox cannot run; its text is one sentence for whoever started it."""


class Child:
    """A process of the sandbox. `log` gets all that it prints."""

    def __init__(self, name: str, command: Sequence[str | Path], log: Path, environment: dict[str, str]) -> None:
        self.name = name
        self.log = log
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [str(part) for part in command],
                env={name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
                | environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # Ctrl-C is for us alone: we stop the children one after the other
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        """True when the process is no more."""
        return self._process.poll() is not None

    def wait_until(self, is_healthy: Callable[[], bool], seconds: float) -> None:
        """Return when the process is healthy. Raises `SandboxError` where it ends, or takes longer than that."""
        deadline = time.monotonic() + seconds
        while not is_healthy():
            if self.has_ended:
                raise SandboxError(f"{self.name} ended at its start; see {self.log}")
            if time.monotonic() > deadline:
                raise SandboxError(f"{self.name} was not healthy within {seconds:g} s; see {self.log}")
            time.sleep(_POLL_SECONDS)

    def stop(self) -> None:
        """Ask the process to end, and wait until it has."""
        if self.has_ended:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self.pid, signal.SIGKILL)
            self._process.wait()


def choose_port(preferred: int) -> int:
    """Give the preferred port of 127.0.0.1 where it is free, otherwise any free one."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            number: int = probe.getsockname()[1]
            return number
    raise SandboxError("No port of 127.0.0.1 is free")
