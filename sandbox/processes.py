"""Processes that end with the program that started them: `make run` and the tests start theirs here.

A real Odoo outlives its command, so `sandbox.real_odoo.processes` recognises its servers by other means.
"""

import os
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import httpx2

from sandbox import forking

ROOT = Path(__file__).resolve().parents[1]
"""The project's folder, in which all processes start."""

BIN = Path(sys.executable).parent
"""The programs of the Python environment."""

START_SECONDS = 60.0
STOP_SECONDS = 30.0
"""How long a process may take to end after SIGTERM, before it is killed; ours end themselves sooner."""

_POLL_SECONDS = 0.05
# no certificates to load for servers on this machine: that would take longer than their answer
_PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
# the product's settings, and the ODOO of `make run ODOO=real`
_SETTINGS = (
    *(
        "AWS_",
        "CODEC_",
        "ENVIRONMENTS",
        "GATEWAY_",
        "LOG_",
        "ODOO",
        "OTEL_",
        "PAYLOAD_",
        "S3_",
        "TEMPORAL_",
        "TRACKING_",
    ),
    "WORKER_",
)


class SandboxError(Exception):
    """The sandbox cannot run; the message is one sentence for the person who started it."""


class _Handle(Protocol):
    """The part of `subprocess.Popen` that the sandbox uses."""

    pid: int

    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def terminate(self) -> None: ...
    def kill(self) -> None: ...


@dataclass(frozen=True)
class Process:
    """A process that `start_process` has started."""

    name: str
    handle: _Handle
    log: Path
    """Gets everything that the process prints."""
    begin: int
    """Where in `log` its output begins; an earlier process may have written to the same file."""

    @property
    def pid(self) -> int:
        """The process id."""
        return self.handle.pid

    @property
    def output(self) -> str:
        """Everything that it has written to stdout and stderr so far."""
        with self.log.open("rb") as log:
            log.seek(self.begin)
            return log.read().decode(errors="replace")

    @property
    def is_running(self) -> bool:
        """True until the process has ended."""
        return self.handle.poll() is None

    def check(self) -> None:
        """Raise `SandboxError` if the process has ended."""
        if not self.is_running:
            raise SandboxError(f"{self.name} ended by itself; see {self.log}")

    def wait(self, seconds: float = STOP_SECONDS) -> int:
        """Wait for the process to end by itself and return its exit code.

        Raises:
            subprocess.TimeoutExpired: it still runs after `seconds`.
        """
        return self.handle.wait(seconds)

    def stop(self, seconds: float = STOP_SECONDS) -> int:
        """Send SIGTERM and return the exit code; kill the process if it still runs after `seconds`."""
        if self.is_running:
            self.handle.terminate()
            with suppress(subprocess.TimeoutExpired):
                return self.wait(seconds)
            self.kill()
        return self.handle.wait()

    def kill(self) -> None:
        """Send SIGKILL if the process still runs, and wait for its end."""
        if self.is_running:
            self.handle.kill()
            self.handle.wait()


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment with these settings of the product and no others."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_SETTINGS)} | dict(settings)


def start_process(
    command: Sequence[str | Path],
    log: Path,
    settings: Mapping[str, str],
    *,
    own_session: bool = False,
    code: Path = ROOT,
    is_traced: bool = True,
) -> Process:
    """Start a command in the folder `code`, the project's own if not given, and append its output to `log`.

    In a session of its own, Ctrl-C does not reach it: its starter can stop one process after the other. A process
    that coverage traces takes half as much time again, so `is_traced` is for this version's product only. A module
    that `sandbox.forking` has preloaded is forked.
    """
    variables = environment(settings)
    if not is_traced or code != ROOT:
        variables = {name: value for name, value in variables.items() if not name.startswith("COVERAGE_")}
    with log.open("ab") as output:
        begin = output.tell()
        if code == ROOT and forking.can_fork(command):
            start = forking.Start(command, code, variables, log, own_session=own_session)
            return Process(log.stem, forking.Fork(start), log, begin)
        popen = subprocess.Popen(
            command,
            cwd=code,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=own_session,
        )
    return Process(log.stem, popen, log, begin)


def start_module(
    module: str,
    log: Path,
    settings: Mapping[str, str],
    *,
    own_session: bool = False,
    code: Path = ROOT,
    is_traced: bool = True,
) -> Process:
    """Start `python -m module`; see `start_process`."""
    command = [sys.executable, "-m", module]
    return start_process(command, log, settings, own_session=own_session, code=code, is_traced=is_traced)


def wait_until(condition: Callable[[], bool], process: Process, seconds: float = START_SECONDS) -> None:
    """Return when the condition holds.

    Raises:
        SandboxError: the process ended first, or `seconds` have passed; a note holds its output.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if not process.is_running or time.monotonic() > deadline:
            what = f"was not ready within {seconds:g} s" if process.is_running else "ended at its start"
            error = SandboxError(f"{process.name} {what}; see {process.log}")
            error.add_note(process.output)
            raise error
        time.sleep(_POLL_SECONDS)


def wait_until_healthy(process: Process, url: str, seconds: float = START_SECONDS, *, says: str = "") -> None:
    """Return when the process has printed `says` and a GET of `url` succeeds.

    `says` is what it prints once it listens: another program that has taken its port may answer too. Raises
    `SandboxError` as `wait_until` does.
    """
    wait_until(lambda: says in process.output and _answers(url), process, seconds)


def holds_within(condition: Callable[[], bool], seconds: float) -> bool:
    """Return True as soon as the condition holds, or False after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def _answers(url: str) -> bool:
    try:
        return httpx2.get(url, timeout=5, trust_env=False, verify=_PLAIN).is_success
    except httpx2.HTTPError:
        return False
