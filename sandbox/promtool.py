"""Prometheus's `promtool`, which checks and tests rules: one that is installed, or the one in Debian's package.

The package is unpacked and not installed: its server would start, and stay.
"""

import shutil
from pathlib import Path

from sandbox.processes import SandboxError
from sandbox.real_odoo import debian
from sandbox.real_odoo.commands import run
from sandbox.real_odoo.layout import Layout, locked
from sandbox.real_odoo.processes import Command

_NAME = "promtool"
_PACKAGE = "prometheus"


def find() -> Path:
    """Return the path of the program, after downloading it (19 MB) if this machine has none.

    Raises:
        SandboxError: It is missing, and this machine is not a Debian with root and a mirror.
    """
    if installed := shutil.which(_NAME):
        return Path(installed)
    if not debian.supported():
        raise SandboxError(f"{_NAME} is missing, and only root on Debian can download its package {_PACKAGE}")
    with locked() as layout:
        program = layout.root / _NAME
        if not program.exists():
            _download(layout, program)
        return program


def _download(layout: Layout, program: Path) -> None:
    log = layout.log / f"{_NAME}.log"
    folder = layout.partial(program)
    folder.mkdir()
    commands: list[Command] = [
        ["apt-get", "update"],
        # apt's own user may not write to the cache folder
        ["apt-get", "-o", "APT::Sandbox::User=root", "download", _PACKAGE],
        ["sh", "-c", f"dpkg-deb --extract {_PACKAGE}_*.deb ."],
    ]
    failure = f"Debian's package {_PACKAGE} could not be downloaded"
    for command in commands:
        run(command, log=log, failure=failure, environment=debian.APT_ENVIRONMENT, cwd=folder)
    (folder / "usr" / "bin" / _NAME).rename(program)
    shutil.rmtree(folder)
