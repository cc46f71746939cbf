"""Runs the commands of a page in bash, with programs that only record how they were called."""

import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

CHECKED = ("curl", "docker", "kubectl", "make", "python", "python3", "temporal")
"""The programs whose arguments `programs.py` checks."""

OTHERS = ("apt-get", "brew", "cat", "claude", "cp", "git", "grep", "moto_server", "npx", "rm", "tee")
"""Programs of others, of whose calls only the shell's syntax is checked."""

_PROGRAM = """#!/bin/bash
input=
for argument; do case $argument in -|@-) input=$(cat);; esac; done
printf '%s\\0' $(($# + 2)) "${0##*/}" "$@" "$input" >> "$RECORD"
case ${0##*/} in python*) echo ID;; esac
"""
"""Writes the number of texts that follow, its name, its arguments and its input. Python's answers are ids."""

_SHELL = """
cd() { :; }
read() { :; }
source() { :; }
command_not_found_handle() { echo "unknown program: $1" >&2; }
"""


@dataclass(frozen=True)
class Call:
    """A call of a program."""

    place: str
    """The page and the line."""
    program: str
    arguments: tuple[str, ...]
    stdin: str

    def __str__(self) -> str:
        return f"{self.place}: {self.program} {' '.join(self.arguments)}"


def record(pieces: Iterable[tuple[str, str]], folder: Path) -> list[Call]:
    """Run pieces of a page, each with its place, one after the other in one shell; return the calls.

    Raises:
        AssertionError: bash does not understand a piece, or knows no program of a name.
    """
    programs = folder / "programs"
    programs.mkdir()
    for name in (*CHECKED, *OTHERS):
        (programs / name).write_text(_PROGRAM)
        (programs / name).chmod(0o755)
    (programs / "mkdir").symlink_to("/bin/mkdir")
    found = list(pieces)
    script = _SHELL
    for number, (_, text) in enumerate(found):
        (folder / f"{number}.sh").write_text(text)
        (folder / f"{number}.txt").touch()
        script += f'export RECORD="$FOLDER/{number}.txt"; . "$FOLDER/{number}.sh"\n'
    # the programs themselves need cat and bash
    variables = {"PATH": str(programs), "FOLDER": str(folder)}
    (programs / "cat").unlink()
    (programs / "cat").symlink_to("/bin/cat")
    shell = ["/bin/bash", "-c", script]
    done = subprocess.run(
        shell, cwd=folder, env=variables, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert done.stderr == "", f"{found[0][0]}: {done.stderr}"
    return [call for number, (place, _) in enumerate(found) for call in _calls(place, folder / f"{number}.txt")]


def _calls(place: str, recorded: Path) -> Iterable[Call]:
    texts = iter(recorded.read_text().split("\0")[:-1])
    for count in texts:
        program, *arguments, stdin = (next(texts) for _ in range(int(count)))
        yield Call(place, program, tuple(arguments), stdin)
