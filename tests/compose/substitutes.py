"""Images in place of those that docker-compose.yml names, for a machine that cannot pull any."""

import platform
import re
import shutil
import ssl
from collections.abc import Callable
from pathlib import Path

from sandbox.processes import BIN, ROOT
from sandbox.real_odoo.debian import fetch_odoo, mirrors
from sandbox.real_odoo.layout import locked
from sandbox.real_odoo.runtime import REQUIREMENTS
from tests.compose.engine import Engine, locate

FOLDER = Path(__file__).parent / "substitutes"
PREFIX = "durable-quotations-substitute"
CERTIFICATES = "etc/ssl/certs/ca-certificates.crt"

TARGETS = {
    "temporal-db": "postgres",
    "temporal-schema": "temporal-admin-tools",
    "temporal": "temporal-server",
    "temporal-namespace": "temporal-admin-tools",
    "temporal-ui": "temporal-ui",
    "s3": "s3",
    "odoo-db": "postgres",
    "odoo-setup": "odoo",
    "odoo": "odoo",
}
"""For each service the target of `substitutes/Dockerfile` that stands in for its image."""

DESCRIPTIONS = {
    "python": "Debian's Python 3.11 in place of Docker's official image",
    "postgres": "Debian's PostgreSQL 15 in place of the official 16",
    "temporal": "the dev server of Temporal's CLI, its file kept in PostgreSQL, in place of the real server",
    "temporal-ui": "one page that tries to reach Temporal in place of Temporal's UI",
    "s3": "moto, its objects kept in the volume, in place of SeaweedFS",
    "odoo": "Debian's Odoo 19 in place of Odoo's image of it",
}


def build(engine: Engine, say: Callable[[str], None]) -> Path:
    """Build all of them and return the override file that names them. Raises `SandboxError`."""
    _import(engine, "debian", lambda: _debian(engine), say)
    with locked() as layout:
        fetch_odoo(layout, engine.log)
        _import(engine, "odoo-code", lambda: layout.code, say)
    context = locate() / "context"
    shutil.rmtree(context, ignore_errors=True)
    shutil.copytree(FOLDER, context)
    shutil.copy(REQUIREMENTS, context)
    shutil.copy(BIN / "temporal", context)
    lock = (ROOT / "requirements-dev.lock").read_text()
    (context / "versions.txt").write_text("\n".join(re.findall(r"(?m)^(\S+==.*?) \\$", lock)))
    for target in sorted({"python", *TARGETS.values()}):
        say(f"building the substitute {target}")
        tag = f"{PREFIX}/{target}"
        engine.ask("build", "--quiet", "--network=host", "--target", target, "--tag", tag, context)
    [base] = re.findall(r"(?m)^FROM (\S+) AS base$", (ROOT / "Dockerfile").read_text())
    engine.ask("tag", f"{PREFIX}/python", base)
    override = locate() / "images.yml"
    lines = [f"  {service}: {{image: {PREFIX}/{target}}}" for service, target in TARGETS.items()]
    override.write_text("\n".join(["services:", *lines, ""]))
    return override


def _import(engine: Engine, name: str, folder: Callable[[], Path], say: Callable[[str], None]) -> None:
    tag = f"{PREFIX}/{name}"
    if not engine.ask("images", "--quiet", tag):
        say(f"making the image {tag}")
        engine.run(["docker", "import", "-", tag], piped=["tar", "-C", folder(), "-c", "."])


def _debian(engine: Engine) -> Path:
    """Return the folder of a small Debian with Python, of this machine's release and mirror."""
    root = locate() / "debian"
    if root.is_dir():
        return root
    partial = locate() / "debian.partial"
    shutil.rmtree(partial, ignore_errors=True)
    release = platform.freedesktop_os_release()["VERSION_CODENAME"]
    packages = "--include=python3,python3-venv,ca-certificates"
    engine.run(["debootstrap", "--variant=minbase", packages, release, partial, mirrors()[0]])
    for package in (partial / "var/cache/apt/archives").glob("*.deb"):
        package.unlink()
    # the machine may reach package indexes through a proxy that it trusts
    trusted = ssl.get_default_verify_paths().cafile
    if trusted:
        shutil.copy(trusted, partial / CERTIFICATES)
    (partial / "etc/pip.conf").write_text(f"[global]\ncert = /{CERTIFICATES}\n")
    return partial.rename(root)
