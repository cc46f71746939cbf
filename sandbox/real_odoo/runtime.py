"""Odoo's own Python environment, apart from the project's, and the command that runs Odoo in it."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from sandbox.real_odoo.commands import run
from sandbox.real_odoo.debian import install
from sandbox.real_odoo.layout import PROJECT, Layout
from sandbox.real_odoo.processes import SERVERS_USER, Command
from sandbox.real_odoo.progress import say

REQUIREMENTS = PROJECT / "sandbox" / "odoo-requirements.txt"
SYSTEM_PYTHON = Path("/usr/bin/python3")

QUICK_LOGINS = "quick_logins"
"""A module for Odoo by which it hashes a password in one round: 600,000 take most of its time in the tests.

Odoo's parameter `password.hashing.rounds` asks for more in one database.
"""
_QUICK_LOGINS = {
    "__manifest__.py": f'{{"name": "{QUICK_LOGINS}", "license": "LGPL-3"}}\n',
    "__init__.py": "from odoo.addons.base.models import res_users\n\nres_users.MIN_ROUNDS = 1\n",
}


def environment_folder(layout: Layout) -> Path:
    """Return the folder of the environment for the present requirements; it exists when it is complete."""
    return layout.root / f"venv-{hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:12]}"


def install_requirements(layout: Layout, log: Path) -> None:
    """Create Odoo's environment from `sandbox/odoo-requirements.txt`, with hashes checked.

    Raises:
        RealOdooError: there is no usable Python or no network, or a hash is wrong.
    """
    folder = environment_folder(layout)
    if folder.is_dir():
        return
    say("Installing the Python packages that Odoo needs.")
    # the environment's scripts contain its first path, but `bin/python -m` works after it is renamed
    partial = layout.partial(folder)
    python = _python(log)
    run([python, "-m", "venv", partial], log=log, failure="Odoo's Python environment could not be created")
    command: Command = [sys.executable, "-m", "uv", "pip", "install", "--python", partial / "bin" / "python"]
    run(
        [*command, "--require-hashes", "-r", REQUIREMENTS],
        log=log,
        failure="The Python packages that Odoo needs could not be installed (no network, or a wrong hash)",
    )
    partial.rename(folder)
    for old in layout.root.glob("venv-*"):
        if old != folder:
            shutil.rmtree(old)


def write_addons(layout: Layout) -> None:
    """Write the modules that every Odoo server loads beside its own."""
    module = layout.addons / QUICK_LOGINS
    for folder in (layout.addons, module):
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755)
    for name, text in _QUICK_LOGINS.items():
        (module / name).write_text(text)
        (module / name).chmod(0o644)


def odoo_command(layout: Layout, *arguments: str | Path) -> Command:
    """Return the command that runs Odoo with these arguments."""
    # with `-m odoo` its process for websockets fails and restarts for ever
    program: Command = [environment_folder(layout) / "bin" / "python", layout.code / "usr" / "bin" / "odoo"]
    return [*program, *arguments, f"--addons-path={layout.addons}", f"--load=base,rpc,web,{QUICK_LOGINS}"]


def odoo_environment(layout: Layout, password: str) -> dict[str, str]:
    """Return Odoo's variables; the database's password is one, so the process list does not show it."""
    return {
        "PYTHONPATH": str(layout.code / "usr" / "lib" / "python3" / "dist-packages"),
        "PGPASSWORD": password,
        # the code's folder belongs to root: without this every start compiles all of Odoo
        "PYTHONPYCACHEPREFIX": str(layout.home / "pycache"),
        "HOME": str(layout.home),
    }


def _python(log: Path) -> Path:
    """Return a Python that the servers' user can run; the project's own may be below /root."""
    for candidate in (Path(sys.base_prefix) / "bin" / "python3", SYSTEM_PYTHON):
        if candidate.exists() and _usable(candidate):
            return candidate
    install("python3-venv", log)
    return SYSTEM_PYTHON


def _usable(python: Path) -> bool:
    check = "import ensurepip, sys; sys.exit(sys.version_info < (3, 11))"
    try:
        return not subprocess.run(
            [python, "-c", check],
            cwd="/",
            env={"PATH": os.defpath},
            user=SERVERS_USER,
            group=SERVERS_USER,
            extra_groups=[],
            stderr=subprocess.DEVNULL,
            check=False,
        ).returncode
    except PermissionError:
        return False
