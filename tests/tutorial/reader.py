"""A reader of a page: has a clone of the repository, terminals, and pastes one block after the other."""

import contextlib
import os
import re
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from sandbox.processes import BIN, ROOT, environment, holds_within
from tests.support.documents import Block

_IGNORED = shutil.ignore_patterns(
    ".git", ".venv", ".cache", ".sandbox", ".tutorial", ".*_cache", ".hypothesis", "*.md"
)
_LONGEST_SECONDS = 240.0
_END_SECONDS = 30.0

# instead of a clone from elsewhere, and of a program that may be missing
_PROGRAMS = {
    "git": 'if [ "$1" = clone ]; then mv "$CLONE" "$3"; else PATH=${PATH#*:} exec git "$@"; fi',
    "claude": 'echo "$@" >> "$CLAUDE"',
}


class ReaderError(AssertionError):
    """A block did not do what its page says."""


@dataclass
class Terminal:
    """A shell in which blocks run."""

    shell: subprocess.Popen[bytes]
    output: Path
    folder: Path
    """For the files in which blocks reach the shell."""
    _blocks: int = 0
    _begin: int = 0

    def paste(self, text: str) -> None:
        """Run a block and return at once."""
        self._blocks += 1
        self._begin = len(self.text())
        script = self.folder / f"{self.output.stem}-{self._blocks}.sh"
        script.write_text(text)
        stdin: IO[bytes] | None = self.shell.stdin
        assert stdin
        stdin.write(f"source {shlex.quote(str(script))} </dev/null; echo ended\n".encode())
        stdin.flush()

    def text(self) -> str:
        """Return everything that the terminal shows."""
        return self.output.read_text(errors="replace")

    def text_of_block(self) -> str:
        """Return what the terminal shows since the last block was pasted."""
        return self.text()[self._begin :]

    def has_succeeded(self) -> bool:
        """Return True if each command of all blocks has succeeded: otherwise the shell has ended."""
        return len(re.findall(r"^ended$", self.text(), re.MULTILINE)) == self._blocks

    def is_busy(self) -> bool:
        """Return True while a block runs."""
        return self.shell.poll() is None and not self.has_succeeded()

    def interrupt(self) -> None:
        """Press Ctrl-C, as in a terminal: the shell has no job control, so all of its group get it."""
        self.signal(signal.SIGINT)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the shell and to all that runs in it."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.shell.pid, number)

    def is_gone(self) -> bool:
        """Return True if nothing runs in the terminal any more."""
        self.shell.poll()
        try:
            os.killpg(self.shell.pid, 0)
        except ProcessLookupError:
            return True
        return False


@dataclass
class Reader:
    """Pastes the blocks of a page into terminals."""

    folder: Path
    """The folder in which the first terminal opens."""
    ports: Mapping[int, int]
    """The port to take for each one of the page, because this machine may use it for something else."""
    settings: Mapping[str, str]
    clone: str
    """The name of the clone's folder."""
    terminals: dict[str, Terminal] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._copy = self.folder / "repository"
        shutil.copytree(ROOT, self._copy, ignore=_IGNORED)
        (self._copy / ".venv").symlink_to(BIN.parent)
        # nothing of the shared environment is to be installed again
        for name in ("pyproject.toml", "requirements-dev.lock"):
            os.utime(self._copy / name, (0, 0))
        programs = self.folder / "programs"
        programs.mkdir()
        for name, script in _PROGRAMS.items():
            (programs / name).write_text(f"#!/bin/bash\n{script}\n")
            (programs / name).chmod(0o755)

    @property
    def place(self) -> Path:
        """The clone's folder."""
        return self.folder / self.clone

    @property
    def calls_of_claude(self) -> str:
        """The arguments of each call of `claude`, on a line."""
        return (self.folder / "claude").read_text()

    def open(self, name: str, folder: Path) -> Terminal:
        output = self.folder / f"{name}.txt"
        variables = environment(self.settings)
        for unwanted in ("PYTHONPATH", "VIRTUAL_ENV", "COVERAGE_PROCESS_CONFIG"):
            variables.pop(unwanted, None)
        variables |= {
            "PATH": f"{self.folder / 'programs'}:{variables['PATH']}",
            "CLONE": str(self._copy),
            "CLAUDE": str(self.folder / "claude"),
            "PYTHONUNBUFFERED": "1",
        }
        with output.open("wb") as stream:
            shell = subprocess.Popen(
                ["/bin/bash", "-e", "-o", "pipefail"],
                cwd=folder,
                env=variables,
                stdin=subprocess.PIPE,
                stdout=stream,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.terminals[name] = Terminal(shell, output, self.folder)
        return self.terminals[name]

    def paste(self, block: Block) -> Terminal:
        """Run a block in the terminal that its title names, the first one if it has none."""
        name = block.title.partition(":")[0] or "Terminal 0"
        terminal = self.terminals.get(name)
        if terminal is None:
            terminal = self.open(name, self.place if block.title else self.folder)
        text = re.sub(r"\b\d{4}\b", lambda found: str(self.ports.get(int(found[0]), found[0])), block.text)
        terminal.paste(text)
        return terminal

    def wait(self, terminal: Terminal, block: Block) -> None:
        """Wait for the end of a block. Raises `ReaderError` if it fails."""
        deadline = time.monotonic() + _LONGEST_SECONDS
        while terminal.is_busy():
            if time.monotonic() > deadline:
                raise ReaderError(f"{block} has not ended:\n{terminal.text()}")
            time.sleep(0.05)
        if not terminal.has_succeeded():
            raise ReaderError(f"{block} failed:\n{terminal.text()}")

    def wait_for(self, terminal: Terminal, expected: Block) -> None:
        """Wait until a terminal shows what a page says. Raises `ReaderError` if it does not."""
        deadline = time.monotonic() + _LONGEST_SECONDS
        while (missing := _missing(expected.text, terminal.text_of_block())) is not None:
            if time.monotonic() > deadline or not terminal.is_busy():
                # what it has printed last may have come between
                missing = _missing(expected.text, terminal.text_of_block())
                if missing is None:
                    return
                raise ReaderError(f"{expected}: {missing!r} is not shown:\n{terminal.text()}")
            time.sleep(0.05)

    def close(self) -> None:
        """End everything that still runs. Only `make run` itself can stop what it has started."""
        for terminal in self.terminals.values():
            terminal.signal(signal.SIGTERM)
        for terminal in self.terminals.values():
            holds_within(terminal.is_gone, _END_SECONDS)
            terminal.signal(signal.SIGKILL)
            terminal.shell.wait()
            if terminal.shell.stdin:
                terminal.shell.stdin.close()


def _missing(expected: str, shown: str) -> str | None:
    """Return the first line of `expected` that `shown` does not have in this order, apart from ids and numbers."""
    lines = iter(_comparable(shown).splitlines())
    for line in _comparable(expected).splitlines():
        wanted = line.strip()
        if wanted != "…" and not any(wanted in one for one in lines):
            return wanted
    return None


def _comparable(text: str) -> str:
    text = re.sub(r"quot_[0-9a-f]{12}", "quot_ID", text)
    text = re.sub(r"signature=[\w-]+", "signature=S", text)
    text = re.sub(r"(ODOO_TEST_DB=\w+)_[0-9a-f]+", r"\1_ID", text)
    text = re.sub(r"[\d,.]*\d", "N", text)
    return re.sub(r"[ \t]+", " ", text)
