"""The wheel, built from the source archive and installed: its commands run without the checkout."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from pathlib import Path
from zipfile import ZipFile

import httpx2
import pytest

from sandbox.ports import free_port
from sandbox.processes import ROOT, environment, start_process, wait_until_healthy

PACKAGES = ("activities", "gateway", "log_store", "odoo_client", "operate", "quotation", "runtime", "workflows")
BROWSER = {"Accept": "text/html"}
NOWHERE = {"TEMPORAL_ADDRESS": "127.0.0.1:9", "PYTHONPATH": ""}


def checkout(folder: Path) -> Path:
    """Copy the checkout's files, and nothing else that lies about in it."""
    for name in output("git", "ls-files", "--cached", "--others", "--exclude-standard").splitlines():
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    return folder


def output(*command: str | Path, cwd: Path = ROOT, variables: Mapping[str, str] = NOWHERE) -> str:
    done = subprocess.run(
        command, cwd=cwd, env=environment(variables), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
    return done.stdout


def build(source: Path, *forms: str) -> Path:
    """Return the wheel that `make dist` would build from this folder."""
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "build",
        "--no-isolation",
        *forms,
        f"--outdir={source / 'dist'}",
        source,
    ]
    output(*command, variables=NOWHERE | {"SOURCE_DATE_EPOCH": "1780000000"})
    [wheel] = (source / "dist").glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(checkout(tmp_path_factory.mktemp("source")))


@pytest.fixture(scope="module")
def commands(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel, which sees the locked dependencies but not the checkout."""
    folder = tmp_path_factory.mktemp("installed")
    uv = [sys.executable, "-m", "uv", "--quiet"]
    output(*uv, "venv", "--python", sys.executable, folder / "venv")
    output(*uv, "pip", "install", "--offline", "--no-deps", "--python", folder / "venv" / "bin" / "python", wheel)
    [packages] = (folder / "venv" / "lib").glob("python*/site-packages")
    # Python follows no *.pth file of a folder that another one names, so the checkout's stays out
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    return folder / "venv" / "bin"


def test_the_wheel_has_the_whole_product_and_nothing_else(wheel: Path) -> None:
    product = {*output("git", "ls-files", "--", *PACKAGES, "worker.py").splitlines()}
    names = {name for name in ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert names == product


def test_the_same_files_make_the_same_wheel_even_without_the_source_archive(wheel: Path, tmp_path: Path) -> None:
    source = checkout(tmp_path)
    os.utime(source / "worker.py", (1, 1))
    again = build(source, "--wheel")
    assert again.name == wheel.name
    assert again.read_bytes() == wheel.read_bytes()


def test_the_worker_runs_from_another_folder(commands: Path, tmp_path: Path) -> None:
    check = start_process(
        [commands / "durable-quotations-worker", "--check"], tmp_path / "check.log", NOWHERE, code=tmp_path
    )
    assert check.wait() == 1
    assert check.output.startswith("problem  ODOO__DEV__")


def test_the_operator_s_command_runs_from_another_folder(commands: Path, tmp_path: Path) -> None:
    assert "retry" in output(commands / "durable-quotations-operate", "--help", cwd=tmp_path)


@pytest.fixture(scope="module")
def gateway(commands: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("gateway")
    port = free_port()
    command = [commands / "durable-quotations-gateway"]
    process = start_process(command, folder / "log", NOWHERE | {"GATEWAY_PORT": str(port)}, code=folder)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until_healthy(process, f"{url}/healthz")
        yield url
        assert process.stop() == 0, process.output
    finally:
        process.kill()


def test_the_gateway_runs_from_another_folder_with_its_pages(gateway: str) -> None:
    assert httpx2.get(f"{gateway}/healthz").json() == {"status": "ok"}
    page = httpx2.get(gateway, headers=BROWSER)
    assert page.status_code == 200
    [style] = re.findall(r'href="[./]*([^"]+[.]css[^"]*)"', page.text)
    assert httpx2.get(f"{gateway}/{style}").status_code == 200
