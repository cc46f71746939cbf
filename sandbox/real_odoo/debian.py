"""Debian as the source of PostgreSQL and Odoo, from the mirror in the machine's own settings."""

import os
import platform
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox.real_odoo.commands import run
from sandbox.real_odoo.errors import RealOdooError, UnsupportedMachineError
from sandbox.real_odoo.layout import Layout
from sandbox.real_odoo.processes import Command
from sandbox.real_odoo.progress import say

PACKAGE = "odoo-19"
WEB_PACKAGES = (
    "fonts-font-awesome-legacy",
    "fonts-roboto-unhinted",
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
)
"""The targets of links in Odoo's package: without them its web pages fail, but XML-RPC works."""

SUITE = "sid"
"""The only suite of Debian that has the package."""

ETC_APT = Path("/etc/apt")
KEYRINGS = (
    Path("/usr/share/keyrings/debian-archive-keyring.pgp"),
    Path("/usr/share/keyrings/debian-archive-keyring.gpg"),
)
CREATE_CLUSTER = Path("/etc/postgresql-common/createcluster.conf")
APT_ENVIRONMENT = {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}


def supported() -> bool:
    """Return True on Debian, when run as root."""
    tools = all(shutil.which(tool) for tool in ("apt-get", "dpkg", "dpkg-deb", "setsid"))
    return tools and os.geteuid() == 0 and _os_release().get("ID") == "debian"


def ensure_supported() -> None:
    """Check that this machine can run a test Odoo.

    Raises:
        UnsupportedMachineError: it cannot; the message names the variables to set instead.
    """
    if supported():
        return
    raise UnsupportedMachineError(
        "A test Odoo needs root on Debian. To use one that runs elsewhere, set "
        "ODOO_TEST_URL, ODOO_TEST_DB, ODOO_TEST_USERNAME, ODOO_TEST_PASSWORD and ODOO_TEST_API_KEY (a "
        "salesperson), ODOO_TEST_ADMIN_USERNAME and ODOO_TEST_ADMIN_PASSWORD (its administrator)."
    )


def install(package: str, log: Path) -> None:
    """Install a package from the machine's own suite.

    Raises:
        RealOdooError: apt-get failed.
    """
    failure = f"Debian's package {package} could not be installed"
    lock = "DPkg::Lock::Timeout=300"
    run(["apt-get", "-o", lock, "update"], log=log, failure=failure, environment=APT_ENVIRONMENT)
    command: Command = ["apt-get", "-o", lock, "install", "--yes", "--no-install-recommends", package]
    run(command, log=log, failure=failure, environment=APT_ENVIRONMENT)


def install_postgresql(log: Path) -> None:
    """Install PostgreSQL's programs without the cluster that Debian creates by default.

    Raises:
        RealOdooError: apt-get failed.
    """
    say("Installing PostgreSQL.")
    install("postgresql-common", log)
    with _no_main_cluster():
        install("postgresql", log)


def fetch_odoo(layout: Layout, log: Path) -> None:
    """Unpack Debian's Odoo package into the cache folder, without installing it.

    Raises:
        RealOdooError: there is no mirror, network or package, or a signature or checksum is wrong.
    """
    if layout.code.is_dir():
        return
    keyring = next((path for path in KEYRINGS if path.exists()), None)
    if keyring is None:
        raise RealOdooError("Debian's keyring is missing: apt-get install debian-archive-keyring")
    _download(layout, keyring, log)
    partial = layout.partial(layout.code)
    say("Unpacking Odoo.")
    for package in layout.downloads.glob("*.deb"):
        run(["dpkg-deb", "-x", package, partial], log=log, failure=f"{package.name} could not be unpacked")
    partial.rename(layout.code)
    shutil.rmtree(layout.downloads)


def mirrors(etc_apt: Path = ETC_APT) -> list[str]:
    """Return the addresses of the Debian mirrors in the machine's apt sources, which have two formats."""
    suites = {"sid", "unstable", "testing", "stable", "oldstable", _os_release().get("VERSION_CODENAME")}
    files = [etc_apt / "sources.list", *sorted((etc_apt / "sources.list.d").glob("*"))]
    found: list[str] = []
    for file in files:
        if not file.is_file():
            continue
        entries = {".list": _one_line_entries, ".sources": _stanza_entries}.get(file.suffix)
        for addresses, entry_suites, components in entries(file.read_text()) if entries else ():
            # other repositories have other names for suites or components
            if suites & set(entry_suites) and "main" in components:
                found += [address for address in addresses if address not in found]
    return found


def _download(layout: Layout, keyring: Path, log: Path) -> None:
    say("Downloading Odoo 19 (123 MB).")
    failure = RealOdooError("No Debian mirror is named in /etc/apt: Odoo cannot be downloaded")
    for address in mirrors():
        try:
            _download_from(address, layout, keyring, log)
        except RealOdooError as error:
            failure = error
        else:
            return
    raise failure


def _download_from(address: str, layout: Layout, keyring: Path, log: Path) -> None:
    """Download the packages with apt settings of our own, so the machine's package lists do not change."""
    shutil.rmtree(layout.downloads, ignore_errors=True)
    lists = layout.downloads / "lists"
    (lists / "partial").mkdir(parents=True)
    sources = layout.downloads / "sources.list"
    sources.write_text(f"deb [signed-by={keyring}] {address} {SUITE} main\n")
    settings = {
        "Dir::Etc::sourcelist": sources,
        "Dir::Etc::sourceparts": "-",
        "Dir::State::Lists": lists,
        "Dir::Cache": layout.downloads,
        "Acquire::Languages": "none",
        "Acquire::Retries": "3",
        # by default a failed update is only a warning
        "APT::Update::Error-Mode": "any",
        # apt's own user may not write to the cache folder
        "APT::Sandbox::User": "root",
    }
    apt: Command = [
        "apt-get",
        *(part for name, value in settings.items() for part in ("-o", f"{name}={value}")),
    ]
    failure = (
        f"Debian's package {PACKAGE} could not be downloaded from this machine's mirror (no network, no "
        f"{SUITE} there, or a keyring too old for its signature)"
    )
    run([*apt, "update"], log=log, failure=failure, environment=APT_ENVIRONMENT)
    _download_packages(apt, (PACKAGE,), layout, failure, log)
    try:
        _download_packages(apt, WEB_PACKAGES, layout, "Odoo's web pages will not work", log)
    except RealOdooError as error:
        say(f"{error}.")


def _download_packages(apt: Command, packages: Iterable[str], layout: Layout, failure: str, log: Path) -> None:
    # the suite's name overrides the pins in the machine's preferences
    command = [*apt, "download", *(f"{package}/{SUITE}" for package in packages)]
    run(command, log=log, failure=failure, environment=APT_ENVIRONMENT, cwd=layout.downloads)


@contextmanager
def _no_main_cluster() -> Iterator[None]:
    """Turn off PostgreSQL's default cluster during the block, and restore the setting."""
    before = CREATE_CLUSTER.read_text()
    CREATE_CLUSTER.write_text(before + "\ncreate_main_cluster = false\n")
    try:
        yield
    finally:
        CREATE_CLUSTER.write_text(before)


def _one_line_entries(text: str) -> Iterator[tuple[list[str], list[str], list[str]]]:
    """Read `deb [options] address suite component...` lines."""
    for line in text.splitlines():
        match = re.match(r"deb\s+(?:\[[^]]*]\s+)?(\S+)\s+(\S+)\s+([^#]+)", line.strip())
        if match:
            address, suite, components = match.groups()
            yield [address], [suite], components.split()


def _stanza_entries(text: str) -> Iterator[tuple[list[str], list[str], list[str]]]:
    """Read stanzas of `Field: values` lines; indented lines continue a value."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    for stanza in re.split(r"\n\s*\n", "\n".join(lines)):
        pairs = re.findall(r"^([\w-]+):(.*(?:\n[ \t].*)*)", stanza, re.MULTILINE)
        fields = {name.lower(): value.split() for name, value in pairs}
        if "deb" in fields.get("types", []) and fields.get("enabled", ["yes"]) != ["no"]:
            yield fields.get("uris", []), fields.get("suites", []), fields.get("components", [])


def _os_release() -> dict[str, str]:
    try:
        return platform.freedesktop_os_release()
    except OSError:
        return {}
