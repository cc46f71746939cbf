"""The servers that the product needs, each able to come back on its port: Temporal, S3 and an Odoo stand-in."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

import boto3

from sandbox.ports import free_port
from sandbox.processes import BIN, Process, start_process, wait_until, wait_until_healthy

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

S3_SETTINGS = {
    "AWS_ACCESS_KEY_ID": "sandbox",
    "AWS_SECRET_ACCESS_KEY": "sandbox",
    "AWS_DEFAULT_REGION": "us-east-1",
}

# one history shard polls its queues 20 times a second at most, so each workflow task would wait 50 ms
_UNHURRIED = ("transferProcessorMaxPollRPS", "timerProcessorMaxPollRPS", "visibilityProcessorMaxPollRPS")

# callers take turns in each partition of a queue, so there is one
_FAIR = (
    "matching.enableFairness=true",
    "matching.numTaskqueueReadPartitions=1",
    "matching.numTaskqueueWritePartitions=1",
)
# an activity starts with the answer to the workflow task that scheduled it, without a way through the queue
_EAGER = "system.enableActivityEagerExecution"
# a commit does not wait for the disk: a killed server loses nothing, a power failure the last second
_COMMITS = ("journal_mode=wal", "synchronous=normal")


@dataclass
class Server:
    """A server on 127.0.0.1: after a stop or a kill, `start` brings it back with the same command and port.

    It runs in a `with` block too, and is killed at the end of it.
    """

    name: str
    port: int
    command: list[str | Path]
    folder: Path
    """Where its log goes."""
    wait: Callable[[Process], None]
    """Returns when the server is ready; raises `sandbox.processes.SandboxError` if that takes too long."""
    own_session: bool = False
    """See `sandbox.processes.start_process`."""
    process: Process | None = field(default=None, init=False)

    @property
    def address(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """The address as a URL."""
        return f"http://{self.address}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        """Start the server and wait until it is ready. Raises `sandbox.processes.SandboxError`."""
        log = self.folder / f"{self.name}.log"
        self.process = start_process(self.command, log, {}, own_session=self.own_session, is_traced=False)
        try:
            self.wait(self.process)
        except BaseException:
            self.process.kill()
            raise

    def stop(self) -> None:
        """Stop the server if it runs."""
        if self.process:
            self.process.stop()

    def kill(self) -> None:
        """Kill the server if it runs."""
        if self.process:
            self.process.kill()


def temporal_server(
    folder: Path,
    *,
    port: int | None = None,
    ui_port: int | None = None,
    codec: str | None = None,
    metrics_port: int | None = None,
) -> Server:
    """Return Temporal's dev server, not yet started, with its data in `folder`.

    `codec` is the address of the gateway's codec, to which the UI's pages send what is encrypted.
    """
    port = port or free_port()
    program = BIN / "temporal"
    command: list[str | Path] = [program, "server", "start-dev", "--ip", "127.0.0.1", "--port", str(port)]
    command += ["--db-filename", folder / "temporal.db", "--log-level", "error"]
    command += ["--ui-port", str(ui_port), "--ui-disable-news-fetch"] if ui_port else ["--headless"]
    command += ["--ui-codec-endpoint", codec] if codec else []
    command += ["--metrics-port", str(metrics_port)] if metrics_port else []
    for name in _UNHURRIED:
        command += ["--dynamic-config-value", f"history.{name}=2000"]
    for setting in _FAIR:
        command += ["--dynamic-config-value", setting]
    command += ["--dynamic-config-value", f"{_EAGER}=true"]
    for pragma in _COMMITS:
        command += ["--sqlite-pragma", pragma]
    describe: list[str | Path] = [
        program,
        "operator",
        "namespace",
        "describe",
        "default",
        "--address",
        f"127.0.0.1:{port}",
    ]

    def wait(process: Process) -> None:
        def has_its_namespace() -> bool:
            listens = "Temporal Server:" in process.output
            return listens and subprocess.run(describe, capture_output=True, check=False).returncode == 0

        wait_until(has_its_namespace, process)

    return Server("temporal", port, command, folder, wait)


def s3_server(folder: Path, *, port: int | None = None) -> Server:
    """Return a server that speaks S3, not yet started."""
    port = port or free_port()
    command: list[str | Path] = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    return _web_server("s3", port, command, folder, "/moto-api/", says="Running on")


def standin_odoo(folder: Path, *options: str, port: int | None = None) -> Server:
    """Return the stand-in for Odoo, not yet started. `python -m sandbox.standin_odoo --help` has the options."""
    port = port or free_port()
    command: list[str | Path] = [sys.executable, "-m", "sandbox.standin_odoo", "--port", str(port), *options]
    return _web_server("odoo", port, command, folder, "/web/version", says="running on")


def s3_client(url: str) -> "S3Client":
    """Return a client of the server that `s3_server` has made."""
    return boto3.client(
        "s3",
        endpoint_url=url,
        region_name=S3_SETTINGS["AWS_DEFAULT_REGION"],
        aws_access_key_id=S3_SETTINGS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=S3_SETTINGS["AWS_SECRET_ACCESS_KEY"],
    )


def _web_server(name: str, port: int, command: list[str | Path], folder: Path, path: str, *, says: str) -> Server:
    url = f"http://127.0.0.1:{port}{path}"
    return Server(name, port, command, folder, lambda process: wait_until_healthy(process, url, says=says))
