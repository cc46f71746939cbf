"""A container engine: the one that answers, or Debian's, started for the length of the run."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sandbox.processes import ROOT, SandboxError, start_process, wait_until
from sandbox.real_odoo.debian import install, supported

NEEDS = (
    "make compose-test needs a Docker engine, or root on Debian: then it installs docker.io and debootstrap,"
    " starts an engine of its own, and makes images from Debian's packages."
)


def locate() -> Path:
    """Return the folder of images and packages that the next run uses too.

    It is `COMPOSE_CACHE`, or the project's `.cache/compose`.
    """
    return Path(os.environ.get("COMPOSE_CACHE") or ROOT / ".cache" / "compose").absolute()


@dataclass(frozen=True)
class Engine:
    """An engine that answers."""

    host: str | None
    """Its address, None for the usual one."""
    log: Path
    """Gets what long commands print."""

    @property
    def is_own(self) -> bool:
        """True if this program has started it, so that it holds nothing but this program's images."""
        return self.host is not None

    @property
    def environment(self) -> dict[str, str]:
        """The environment of its client's commands."""
        # an engine of our own may lack BuildKit's client
        own = {"DOCKER_HOST": self.host, "DOCKER_BUILDKIT": "0"} if self.host else {}
        return {**os.environ, **own}

    def ask(self, *arguments: str | Path) -> str:
        """Run a command of `docker` and return what it prints. Raises `SandboxError`."""
        return self.run(["docker", *arguments])

    def run(self, command: Sequence[str | Path], *, piped: Sequence[str | Path] | None = None) -> str:
        """Run a command, optionally with another one's output as its input, and return what it prints.

        Raises:
            SandboxError: it failed; the message has its last line, and the log all of them.
        """
        with self.log.open("a") as log:
            source = subprocess.Popen(piped, stdout=subprocess.PIPE, stderr=log) if piped else None
            done = subprocess.run(
                command,
                env=self.environment,
                stdin=source.stdout if source else subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
            log.write(f"$ {' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
        if done.returncode or (source and source.wait()):
            lines = done.stderr.strip().splitlines()
            raise SandboxError(f"{command[0]} failed ({lines[-1] if lines else 'no output'}); see {self.log}")
        return done.stdout


@contextmanager
def serve(log: Path) -> Iterator[Engine]:
    """Yield the engine that answers, or one that runs until the end of the block.

    Raises:
        SandboxError: there is none, and this machine cannot have one; or it does not start.
    """
    if shutil.which("docker") and not _asked(None):
        yield Engine(None, log)
        return
    if not supported():
        raise SandboxError(NEEDS)
    for program, package in (("dockerd", "docker.io"), ("debootstrap", "debootstrap")):
        if not shutil.which(program):
            install(package, log)
    data = locate() / "engine"
    data.mkdir(parents=True, exist_ok=True)
    # a socket's path has 107 characters at most
    folder = Path(tempfile.mkdtemp(prefix="engine-"))
    host = f"unix://{folder / 'docker.sock'}"
    command: list[str | Path] = ["dockerd", "--host", host, "--data-root", data, "--exec-root", folder / "exec"]
    process = start_process(
        [*command, "--pidfile", folder / "pid"], folder / "dockerd.log", {}, own_session=True, is_traced=False
    )
    try:
        wait_until(lambda: not _asked(host), process)
        yield Engine(host, log)
    finally:
        process.stop()
        # the engine leaves a mount behind
        leave: list[str | Path] = ["umount", folder / "exec" / "netns" / "default"]
        subprocess.run(leave, capture_output=True, check=False)
        shutil.rmtree(folder)


def _asked(host: str | None) -> int:
    """Return 0 if an engine answers."""
    where = ["--host", host] if host else []
    command = ["docker", *where, "info"]
    return subprocess.run(command, capture_output=True, check=False).returncode
