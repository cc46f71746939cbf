"""The project of docker-compose.yml in an engine: its services, and what they hold."""

import json
import os
import secrets
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.processes import BIN, ROOT, SandboxError, holds_within
from tests.compose.engine import Engine

NAME = "durable-quotations-compose-test"
STEPS = ("temporal-schema", "temporal-namespace", "odoo-setup")
SETTLE_SECONDS = 180.0


def settings() -> dict[str, str]:
    """Return the variables of `.env.example`, with a value for each that it leaves open."""
    lines = (ROOT / ".env.example").read_text().splitlines()
    pairs = [line.split("=") for line in lines if line and not line.startswith("#")]
    values = {name: value or secrets.token_hex(32) for name, value in pairs}
    values["GATEWAY_API_KEYS"] = f"agents:{secrets.token_hex(32)}:dev"
    # not Temporal's own: the step that creates it has something to do
    return values | {"TEMPORAL_NAMESPACE": "quotations"}


@dataclass
class Project:
    """The shipped file, with `override` if images have substitutes."""

    engine: Engine
    folder: Path
    override: Path | None
    settings: dict[str, str] = field(default_factory=settings)

    def compose(self, *arguments: str) -> str:
        """Run a command of Compose and return what it prints. Raises `SandboxError`."""
        file = self.folder / "env"
        file.write_text("".join(f"{name}={value}\n" for name, value in self.settings.items()))
        file.chmod(0o600)
        files: list[str | Path] = ["--file", ROOT / "docker-compose.yml"]
        files += ["--file", self.override] if self.override else []
        command: list[str | Path] = [BIN / "docker-compose", "--project-directory", ROOT, "--project-name", NAME]
        return self.engine.run([*command, "--env-file", file, *files, *arguments])

    def containers(self, service: str | None = None) -> list[dict[str, Any]]:
        """Return what the engine knows of the containers, of one service or of all."""
        filters = [f"label=com.docker.compose.project={NAME}"]
        filters += [f"label=com.docker.compose.service={service}"] if service else []
        ids = self.engine.ask("ps", "--all", "--quiet", *(f"--filter={one}" for one in filters)).split()
        found: list[dict[str, Any]] = json.loads(self.engine.ask("inspect", *ids)) if ids else []
        return found

    def up(self, *options: str) -> None:
        """Start everything and wait until it is settled. Raises `SandboxError`."""
        self.compose("up", "--detach", *options)
        self.settle()

    def settle(self) -> None:
        """Wait until each service is healthy, or runs if it has no health check, and each step has ended well.

        Raises:
            SandboxError: one is not within `SETTLE_SECONDS`; the message names it.
        """
        if not holds_within(lambda: not list(self.unsettled()), SETTLE_SECONDS):
            raise SandboxError(f"not settled: {', '.join(self.unsettled())}; see {self.engine.log}")

    def unsettled(self) -> Iterator[str]:
        """Return the services that are not, with their states."""
        for container in self.containers():
            service, state = service_of(container), container["State"]
            wanted = "exited" if service in STEPS else "running"
            health = state.get("Health", {}).get("Status", "healthy")
            if state["Status"] != wanted or state["ExitCode"] or (health != "healthy" and wanted == "running"):
                yield f"{service} ({state['Status']}, {health}, exit code {state['ExitCode']})"

    def kill(self, service: str) -> None:
        """Kill the process of a service's first container; after a `docker kill` it would not be restarted.

        Raises:
            SandboxError: the process is another user's or another machine's.
        """
        try:
            os.kill(self.containers(service)[0]["State"]["Pid"], signal.SIGKILL)
        except OSError:
            raise SandboxError(
                "only root, on the engine's machine, can kill the processes of containers"
            ) from None

    def restarts(self, service: str) -> int:
        """Return how often the engine has restarted the service's first container."""
        return int(self.containers(service)[0]["RestartCount"])

    def reaches(self, service: str, host: str, port: int) -> bool:
        """Return True if a service's container can connect to this address."""
        code = f"import socket; socket.create_connection(({host!r}, {port}), 3)"
        try:
            self.compose("exec", "--no-TTY", service, "python", "-c", code)
        except SandboxError:
            return False
        return True

    def table(self) -> str:
        """Return `docker compose ps`, as people read it."""
        return self.compose("ps", "--all", "--format", "table {{.Service}}\t{{.Status}}\t{{.Ports}}")


def service_of(container: dict[str, Any]) -> str:
    """Return the name of a container's service."""
    return str(container["Config"]["Labels"]["com.docker.compose.service"])


@contextmanager
def removed_afterwards(project: Project) -> Iterator[Project]:
    """Remove containers, networks and volumes at the end of the block, and before it those of an earlier run."""
    project.compose("down", "--volumes", "--remove-orphans")
    try:
        yield project
    except BaseException:
        project.compose("logs", "--no-color")
        raise
    finally:
        project.compose("down", "--volumes", "--remove-orphans")
