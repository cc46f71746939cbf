"""The released code beside this one, and both of them running."""

import subprocess
import tarfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox.processes import ROOT
from sandbox.real_odoo import OdooAccess
from sandbox.system import System, odoo_settings

RELEASED = "36487f3cb3efe139d4b09fefa8dc88d07c7686f1"
"""The commit that runs in production, which reads stored data leniently; change it with each release."""

TO_NEW, TO_OLD, TO_BOTH, TO_NOBODY = "new", "old", "both", "nobody"
"""Environments by the version of their worker."""

STUCK = {TO_NEW: "new_stuck", TO_OLD: "old_stuck"}
"""Environments with the same worker, whose Odoo is away."""

_NEW_WORKS_ON = [TO_NEW, TO_BOTH, STUCK[TO_NEW]]
_OLD_WORKS_ON = [TO_OLD, TO_BOTH, STUCK[TO_OLD]]
_ALL = [*_NEW_WORKS_ON, TO_OLD, STUCK[TO_OLD], TO_NOBODY]


def check_out(folder: Path, commit: str = RELEASED) -> Path:
    """Put the code of a commit into this folder; fails the test if the history does not have it."""
    archive = folder / "code.tar"
    git: list[str | Path] = ["git", "-C", ROOT, "archive", "-o", archive, commit]
    if subprocess.run(git, capture_output=True, check=False).returncode:
        pytest.fail(f"The history lacks commit {commit}: fetch it whole (git fetch --unshallow).")
    with tarfile.open(archive) as files:
        files.extractall(folder, filter="data")
    return folder


@dataclass(frozen=True)
class Versions:
    """The addresses of the gateways of both versions; workers of both run too."""

    old: str
    new: str
    temporal: str

    def gateway(self, version: str) -> str:
        """Return the address of this version's gateway."""
        return self.old if version == TO_OLD else self.new

    def other_gateway(self, version: str) -> str:
        """Return the address of the other version's gateway."""
        return self.new if version == TO_OLD else self.old


@contextmanager
def running(folder: Path, released: Path, temporal: str, s3_url: str, odoo: OdooAccess) -> Iterator[Versions]:
    """Run gateway and worker of both versions."""

    def system(name: str, code: Path, environments: list[str]) -> System:
        place = folder / name
        place.mkdir()
        extra = {"ENVIRONMENTS": ",".join(environments)}
        for environment in environments:
            away = OdooAccess("http://127.0.0.1:9", odoo.db)
            extra |= odoo_settings(environment, away if environment in STUCK.values() else odoo)
        return System(place, temporal, s3_url, odoo, extra, code=code)

    old_gateway, new_gateway = system("old-gateway", released, _ALL), system("new-gateway", ROOT, _ALL)
    workers = [system("old-worker", released, _OLD_WORKS_ON), system("new-worker", ROOT, _NEW_WORKS_ON)]
    try:
        with ThreadPoolExecutor() as starters:
            starting = [starters.submit(one.start_gateway) for one in (old_gateway, new_gateway)]
            starting += [starters.submit(one.start_worker) for one in workers]  # type: ignore[arg-type]
        for start in starting:
            start.result()
        yield Versions(old_gateway.gateway_url, new_gateway.gateway_url, temporal)
    finally:
        for one in (old_gateway, new_gateway, *workers):
            one.kill()
