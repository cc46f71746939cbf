"""Real processes for tests, on free loopback ports."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx2

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent

_OURS = ("TEMPORAL_", "GATEWAY_", "ENVIRONMENTS", "ODOO__", "S3_", "LOG_DIR", "AWS_", "TRACKING_", "PAYLOAD_")


@dataclass
class Process:
    """A process that was started by `start_process`."""

    popen: subprocess.Popen[bytes]
    log: Path

    @property
    def output(self) -> str:
        """What it has written to stdout and stderr so far."""
        return self.log.read_text()

    @property
    def is_running(self) -> bool:
        return self.popen.poll() is None

    def stop(self, seconds: float = 15) -> int:
        """Send SIGTERM and give the exit code. Raises `subprocess.TimeoutExpired`."""
        self.popen.terminate()
        return self.popen.wait(seconds)

    def kill(self) -> None:
        """End it at once, if it has not ended."""
        self.popen.kill()
        self.popen.wait()


def free_port() -> int:
    """Give a loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Give an environment with these of our settings and no others."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_OURS)} | dict(settings)


def start_process(command: Sequence[str | Path], log: Path, settings: Mapping[str, str]) -> Process:
    """Start a command in the project's folder; its output goes to `log`, which is appended to."""
    with log.open("ab") as output:
        popen = subprocess.Popen(
            command, cwd=ROOT, env=environment(settings), stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
    return Process(popen, log)


def start_module(module: str, log: Path, settings: Mapping[str, str]) -> Process:
    """Start `python -m module`."""
    return start_process([sys.executable, "-m", module], log, settings)


def start_temporal(port: int, folder: Path, metrics_port: int | None = None) -> Process:
    """Start Temporal's dev server, which keeps its data in `folder`, and wait until its namespace is there."""
    address = f"127.0.0.1:{port}"
    command: list[str | Path] = [
        BIN / "temporal",
        "server",
        "start-dev",
        "--headless",
        "--ip",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    command += ["--db-filename", folder / "temporal.db", "--log-level", "error"]
    if metrics_port:
        command += ["--metrics-port", str(metrics_port)]
    for queue in ("transfer", "timer", "visibility"):
        # the default makes every workflow task wait 50 ms
        command += ["--dynamic-config-value", f"history.{queue}ProcessorMaxPollRPS=2000"]
    process = start_process(command, folder / "temporal.log", {})
    describe: list[str | Path] = [
        BIN / "temporal",
        "operator",
        "namespace",
        "describe",
        "default",
        "--address",
        address,
    ]
    wait_until(lambda: subprocess.run(describe, capture_output=True, check=False).returncode == 0, process)
    return process


def wait_until_healthy(process: Process, url: str, seconds: float = 60) -> None:
    """Return when `url` answers 200. Raises `AssertionError` with the log where that does not come."""
    wait_until(lambda: _answers(url), process, seconds)


def wait_until(condition: Callable[[], bool], process: Process, seconds: float = 60) -> None:
    """Return when the condition holds. Raises `AssertionError` with the log where that does not come."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert process.is_running, f"ended with {process.popen.returncode}: {process.output}"
        assert time.monotonic() < deadline, f"not there after {seconds} s: {process.output}"
        time.sleep(0.05)


def _answers(url: str) -> bool:
    try:
        return httpx2.get(url).status_code == httpx2.codes.OK
    except httpx2.TransportError:
        return False
