"""The test Odoo's folders and recorded state, and the lock of the commands that change them."""

import fcntl
import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ValidationError

from sandbox.real_odoo.errors import RealOdooError
from sandbox.real_odoo.processes import ProcessRecord
from sandbox.real_odoo.progress import say

PROJECT = Path(__file__).resolve().parents[2]


class OdooRecord(BaseModel):
    """One Odoo server. It keeps its ports while it is stopped, so an outage can end."""

    http_port: int
    gevent_port: int
    process: ProcessRecord | None = None
    environment: str = ""
    """The name of the Python environment in which it was started; it is restarted for another one."""


class State(BaseModel):
    """The state kept between commands."""

    postgres_port: int | None = None
    postgres: ProcessRecord | None = None
    odoo: dict[str, OdooRecord] = {}


@dataclass(frozen=True)
class Layout:
    """The folders of one test Odoo."""

    root: Path

    @property
    def downloads(self) -> Path:
        """The lists of apt and the package; removed after unpacking."""
        return self.root / "downloads"

    @property
    def code(self) -> Path:
        """The unpacked Debian package."""
        return self.root / "odoo-19"

    @property
    def addons(self) -> Path:
        """The modules that Odoo loads beside its own."""
        return self.root / "addons"

    @property
    def log(self) -> Path:
        """The log files of the servers and of the provisioning."""
        return self.root / "log"

    @property
    def home(self) -> Path:
        """HOME and working directory of the servers, where nothing of the project shadows a module."""
        return self.root / "home"

    def partial(self, folder: Path) -> Path:
        """Remove earlier attempts at `folder`, and return a temporary folder to build it in.

        The name is always new, so a process left over from a killed attempt cannot write into it.
        """
        for earlier in self.root.glob(f"{folder.name}.partial-*"):
            shutil.rmtree(earlier)
        return self.root / f"{folder.name}.partial-{secrets.token_hex(4)}"

    def read_state(self) -> State:
        """Return the recorded state, an empty one if the file is missing or unreadable."""
        try:
            return State.model_validate_json((self.root / "state.json").read_text())
        except (FileNotFoundError, ValidationError):
            return State()

    def write_state(self, state: State) -> None:
        """Record `state`; readers see the old file or the new one, never a part of one."""
        partial = self.root / "state.json.partial"
        partial.write_text(state.model_dump_json(indent=2))
        partial.rename(self.root / "state.json")


def locate() -> Layout:
    """Return the layout without creating anything.

    The folder is `ODOO_CACHE` or the project's `.cache/odoo`. If the servers' user cannot reach that, as below
    /root, it is a folder in /var/tmp with a name derived from its path.
    """
    wanted = Path(os.environ.get("ODOO_CACHE") or PROJECT / ".cache" / "odoo").absolute()
    if all(folder.stat().st_mode & 0o001 for folder in (wanted, *wanted.parents) if folder.exists()):
        return Layout(wanted)
    reachable = Path("/var/tmp")  # noqa: S108 - locked() checks the folder's owner
    return Layout(reachable / f"odoo-sandbox-{hashlib.sha256(bytes(wanted)).hexdigest()[:12]}")


@contextmanager
def locked() -> Iterator[Layout]:
    """Create the folders and hold the lock that serialises every command on them.

    Raises:
        RealOdooError: the folder belongs to another user.
    """
    layout = locate()
    for folder in (*reversed(layout.root.parents), layout.root, layout.log, layout.home):
        if not folder.exists():
            # whatever the umask, the servers' user must pass through
            folder.mkdir()
            folder.chmod(0o755)
    if layout.root.is_symlink() or layout.root.stat().st_uid != os.geteuid():
        raise RealOdooError(f"{layout.root} belongs to another user: set ODOO_CACHE to a folder of your own")
    with (layout.root / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Waiting for another command on the same Odoo to end.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield layout
