"""A program of the product, forked, whose standard output and standard error a test reads."""

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sandbox.forking import AS_MODULE, Fork, Start
from sandbox.processes import ROOT


@dataclass(frozen=True)
class Program:
    """A program that `started` has started."""

    fork: Fork
    folder: Path

    @property
    def output(self) -> str:
        return (self.folder / "output").read_text()

    @property
    def errors(self) -> str:
        return (self.folder / "errors").read_text()


def started(
    folder: Path, module: str, *arguments: str, variables: Mapping[str, str], stdin: str = os.devnull
) -> Program:
    """Start `python -m module` with these variables only; its output goes into a new folder in `folder`."""
    own = Path(tempfile.mkdtemp(dir=folder))
    output, errors = own / "output", own / "errors"
    output.touch()
    errors.touch()
    command = [*AS_MODULE, module, *arguments]
    return Program(Fork(Start(command, ROOT, variables, output, errors=errors, stdin=Path(stdin))), own)
