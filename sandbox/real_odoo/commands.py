"""The commands of the provisioning; their output goes to a log, not to the terminal."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from sandbox.real_odoo.errors import RealOdooError
from sandbox.real_odoo.processes import SERVERS_USER, Command


def run(
    command: Command,
    *,
    log: Path,
    failure: str,
    cwd: Path = Path("/"),
    environment: Mapping[str, str] | None = None,
    as_servers: bool = False,
    stdin: str | None = None,
) -> None:
    """Run a command, its output appended to `log`.

    Args:
        command: the program and its arguments.
        log: the file for its output.
        failure: the error's sentence, without the full stop.
        cwd: never the project's folder, whose packages could shadow the command's imports.
        environment: added to the machine's own, which has the settings of pip and apt; with `as_servers` it
            replaces that.
        as_servers: run as the servers' user.
        stdin: the text of its standard input.

    Raises:
        RealOdooError: the command failed; the message is `failure` with the path of the log.
    """
    with log.open("a") as output:
        done = subprocess.run(
            command,
            cwd=cwd,
            env=server_environment(environment) if as_servers else {**os.environ, **(environment or {})},
            user=SERVERS_USER if as_servers else None,
            group=SERVERS_USER if as_servers else None,
            extra_groups=[] if as_servers else None,
            umask=0o022,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    if done.returncode != 0:
        raise RealOdooError(f"{failure}; the details are in {log}")


def server_environment(extra: Mapping[str, str] | None) -> dict[str, str]:
    """Return the environment of the servers, which has nothing of the caller's own."""
    return {"PATH": os.defpath, "LANG": "C.UTF-8", "HOME": "/nonexistent", **(extra or {})}
