"""Python processes that start in hundredths of a second: forks of a process with their modules imported.

They differ from those of `python -m` only in what Python itself does at its start. Nothing is forked unless a
program asks for it with `preload`, as the tests do: importing a gateway takes more than a second.
"""

import multiprocessing
import os
import runpy
import subprocess
import sys
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing import forkserver
from pathlib import Path
from typing import cast

import coverage

_FORKSERVER = multiprocessing.get_context("forkserver")

AS_MODULE: Sequence[str | Path] = (sys.executable, "-m")
"""How a command begins that can be forked."""

_preloaded: set[str] = set()


def preload(modules: Sequence[str]) -> None:
    """Fork these modules instead of starting `python -m` from now on; the first fork imports them all.

    A package is named with its `__main__`.
    """
    _FORKSERVER.set_forkserver_preload([__name__, *modules])
    _preloaded.update(modules)


def can_fork(command: Sequence[str | Path]) -> bool:
    """Return True if the command runs a module that is preloaded."""
    return tuple(command[:2]) == AS_MODULE and _main_of(str(command[2]), _preloaded) in _preloaded


@dataclass(frozen=True)
class Start:
    """How `python -m` is to start in a fork."""

    command: Sequence[str | Path]
    folder: Path
    variables: Mapping[str, str]
    output: Path
    """Gets what it prints; the file exists."""
    errors: Path | None = None
    """Gets what it prints to stderr, if not `output`."""
    stdin: Path = Path(os.devnull)
    own_session: bool = False

    def run(self) -> None:
        """Run the module, in the fork."""
        if self.own_session:
            os.setsid()
        for number, path, flags in (
            (0, self.stdin, os.O_RDWR | os.O_NOCTTY),
            (1, self.output, os.O_WRONLY | os.O_APPEND),
            (2, self.errors or self.output, os.O_WRONLY | os.O_APPEND),
        ):
            file = os.open(path, flags)
            os.dup2(file, number)
            os.close(file)
        sys.stdin = os.fdopen(0, closefd=False)
        os.chdir(self.folder)
        os.environ.clear()
        os.environ.update(self.variables)
        # as it does in each Python that starts with these variables
        coverage.process_startup()
        module, *sys.argv[1:] = (str(word) for word in self.command[len(AS_MODULE) :])
        # runpy warns of a main module that is imported already
        del sys.modules[_main_of(module, sys.modules)]
        runpy.run_module(module, run_name="__main__", alter_sys=True)


class Fork:
    """A module that runs as `__main__` in a fork, with what the sandbox uses of `subprocess.Popen`.

    Python ends it at its own end, but not after `os._exit`.
    """

    def __init__(self, start: Start) -> None:
        _start_forkserver()
        self._process = _FORKSERVER.Process(target=start.run, daemon=True)
        self._process.start()
        self.pid = cast("int", self._process.pid)
        """The process id."""

    def poll(self) -> int | None:
        """Return its exit code, the negative number of the signal that ended it, or None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end and return the exit code. Raises `subprocess.TimeoutExpired`."""
        self._process.join(timeout)
        code = self.poll()
        if code is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout or 0.0)
        return code

    def terminate(self) -> None:
        """Send SIGTERM."""
        self._process.terminate()

    def kill(self) -> None:
        """Send SIGKILL."""
        self._process.kill()


def _start_forkserver() -> None:
    # untraced: each fork traces itself, or does not
    tracing = {name: os.environ.pop(name) for name in [*os.environ] if name.startswith("COVERAGE_")}
    try:
        forkserver.ensure_running()
    finally:
        os.environ.update(tracing)


def _main_of(module: str, imported: Container[str]) -> str:
    """Return the module's `__main__` if that is imported, otherwise the module's name."""
    main = f"{module}.__main__"
    return main if main in imported else module
