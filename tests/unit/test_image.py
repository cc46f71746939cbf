import json
import os
import re
import shutil
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import NamedTuple
from zipfile import ZipFile

import pytest

from sandbox.ports import free_port
from sandbox.processes import ROOT

PROCESSES = ("worker", "gateway")


class Instruction(NamedTuple):
    """A line of the Dockerfile, with the build stage that it belongs to."""

    stage: str
    name: str
    arguments: str


def instructions(*names: str, stages: set[str] | None = None) -> list[Instruction]:
    """Return the Dockerfile's instructions of these names, in `stages` or in all of them."""
    text = re.sub(r"(?m)^#.*\n", "", (ROOT / "Dockerfile").read_text()).replace("\\\n", "")
    found, stage = [], ""
    for line in filter(None, map(str.strip, text.splitlines())):
        name, arguments = line.split(maxsplit=1)
        if name == "FROM":
            stage = arguments.split()[-1]
        if name in names and (stages is None or stage in stages):
            found.append(Instruction(stage, name, arguments))
    return found


def parents() -> dict[str, str]:
    """Return each stage with the stage or the image that it is based on."""
    return {one.stage: one.arguments.split()[0] for one in instructions("FROM")}


def stages_of(target: str) -> set[str]:
    """Return the stages that a target's image consists of."""
    bases = parents()
    return {target} | (stages_of(bases[target]) if bases[target] in bases else set())


def copied(stages: set[str] | None = None) -> list[str]:
    """Return what these stages copy from the checkout."""
    found = [one.arguments for one in instructions("COPY", stages=stages)]
    return [source for text in found if "--from" not in text for source in text.split()[:-1]]


def output(*command: str) -> str:
    """Return what a command prints in the checkout."""
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def run_in_build(command: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the stage `build` with this Python and that stage's settings of pip, with a cache."""
    settings = " ".join(one.arguments for one in instructions("ENV", stages=stages_of("build")))
    variables = dict(re.findall(r"(PIP_(?!NO_CACHE_DIR)\w+)=(\S+)", settings))
    return subprocess.run(
        [sys.executable, *command.split()[1:]],
        cwd=ROOT,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
    )


@contextmanager
def process_that_answers(status: int) -> Iterator[int]:
    """Serve this status at `/healthz` and 404 elsewhere; yield the port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/healthz" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def health_check(process: str, port: int) -> int:
    """Run the health check of an image against this port; return its exit code."""
    [check] = instructions("HEALTHCHECK", stages=stages_of(process))
    command = json.loads(check.arguments[check.arguments.index("[") :])
    variables = os.environ | {"GATEWAY_PORT": str(port), "WORKER_METRICS_PORT": str(port)}
    return subprocess.run(
        [sys.executable, *command[1:]], env=variables, stderr=subprocess.DEVNULL, check=False
    ).returncode


@pytest.mark.slow
def test_pip_finds_each_locked_dependency_as_the_image_installs_it() -> None:
    runs = " ".join(one.arguments for one in instructions("RUN", stages={"build"}))
    [install] = re.findall(r"python -m pip --python=/venv (install [^&]*-r requirements\.lock)", runs)
    found = run_in_build(f"python -m pip {install} --quiet --dry-run --ignore-installed")
    assert found.returncode == 0, found.stderr


@pytest.mark.parametrize("process", PROCESSES)
def test_a_process_runs_unbuffered_and_not_as_root(process: str) -> None:
    stages = stages_of(process)
    assert [one.arguments for one in instructions("USER", stages=stages)] == ["10001"]
    assert any("PYTHONUNBUFFERED=1" in one.arguments for one in instructions("ENV", stages=stages))


def test_commands_are_lists_and_need_no_shell() -> None:
    for one in instructions("CMD", "ENTRYPOINT", "HEALTHCHECK"):
        assert json.loads(one.arguments[one.arguments.index("[") :])


def test_the_base_image_is_pinned_to_a_version() -> None:
    bases = set(parents().values()) - parents().keys()
    assert [base for base in bases if not re.fullmatch(r"[a-z/-]+:\d+\.\d[\w.-]*", base)] == []


def test_the_image_copies_only_files_that_exist_and_are_not_ignored() -> None:
    ignore = (ROOT / ".dockerignore").read_text().splitlines()
    sources = copied()
    assert [source for source in sources if not (ROOT / source).exists()] == []
    assert {f"!{source.rstrip('/')}" for source in sources} == {line for line in ignore if line.startswith("!")}


def test_the_image_is_built_from_the_whole_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    packages = {f"{pattern.removesuffix('*')}/" for pattern in project["packages"]["find"]["include"]}
    modules = {f"{name}.py" for name in project["py-modules"]}
    locks = {"requirements.lock", "requirements-dev.lock", "pyproject.toml"}
    assert set(copied({"build"})) == packages | modules | locks


@pytest.mark.slow
def test_the_wheel_has_every_file_of_its_packages(tmp_path: Path) -> None:
    sources = [ROOT / source for source in copied({"build"}) if not source.endswith(".lock")]
    for source in sources:
        if source.is_dir():
            shutil.copytree(source, tmp_path / source.name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, tmp_path)
    packages = [source.name for source in sources if source.is_dir()]
    files = {
        path.relative_to(tmp_path).as_posix()
        for package in packages
        for path in (tmp_path / package).rglob("*")
        if path.is_file()
    }
    [command] = re.findall(
        r"python -m (pip wheel .*? \.)(?: |$)",
        " ".join(one.arguments for one in instructions("RUN", stages={"build"})),
    )

    subprocess.run([sys.executable, "-m", *command.split()], cwd=tmp_path, check=True, capture_output=True)

    [wheel] = (tmp_path / "dist").glob("*.whl")
    assert files - set(ZipFile(wheel).namelist()) == set()


def test_the_image_holds_locked_dependencies_and_no_tools() -> None:
    commands = " ".join(one.arguments for one in instructions("RUN"))
    installs = re.findall(r"pip (--python=/venv )?install (--no-deps --require-hashes )?-r (\S+)", commands)
    assert installs == [
        ("--python=/venv ", "--no-deps --require-hashes ", "requirements.lock"),
        ("", "--no-deps --require-hashes ", "setuptools.lock"),
    ]
    for process in PROCESSES:
        assert [one.arguments for one in instructions("COPY", stages=stages_of(process))] == [
            "--from=build /venv /venv",
            "worker.py ./",
        ]


def test_the_lock_has_what_builds_the_image() -> None:
    pinned = r"(?m)^setuptools==\S+ \\\n(?: +--hash=\S+(?: \\)?\n)+ +# via"
    assert re.search(pinned, (ROOT / "requirements-dev.lock").read_text())


@pytest.mark.parametrize("process", PROCESSES)
@pytest.mark.parametrize(("status", "code"), [(200, 0), (404, 1), (503, 1)])
def test_a_container_is_healthy_if_its_process_says_so(process: str, status: int, code: int) -> None:
    with process_that_answers(status) as port:
        assert health_check(process, port) == code


@pytest.mark.parametrize("process", PROCESSES)
def test_a_container_is_not_healthy_if_nothing_answers(process: str) -> None:
    assert health_check(process, free_port()) != 0


def test_a_worker_in_a_container_serves_its_health() -> None:
    assert any(
        re.search(r"WORKER_METRICS_PORT=\d+", one.arguments)
        for one in instructions("ENV", stages=stages_of("worker"))
    )


@pytest.mark.parametrize("process", PROCESSES)
def test_an_image_says_what_it_was_built_from(process: str) -> None:
    [labels] = instructions("LABEL", stages=stages_of(process))
    named = dict(re.findall(r"org\.opencontainers\.image\.(\w+)=(\S+)", labels.arguments))
    assert named == {
        "title": "durable-quotations",
        "version": "$VERSION",
        "revision": "$REVISION",
        "created": "$CREATED",
        "source": "$SOURCE",
    }
    [arguments] = instructions("ARG", stages=stages_of(process))
    assert {one.partition("=")[0] for one in arguments.arguments.split()} == {
        "VERSION",
        "REVISION",
        "CREATED",
        "SOURCE",
    }


def test_the_labels_are_those_of_the_commit() -> None:
    printed = output("make", "--dry-run", "image", "REVISION=1")
    arguments = dict(re.findall(r"--build-arg (\w+)=(\S+)", printed))
    created = datetime.fromisoformat(arguments["CREATED"])
    assert arguments["VERSION"] == tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert created.utcoffset() == timedelta(0)
    assert created.timestamp() == int(output("git", "log", "-1", "--format=%ct"))
    assert "--build-arg SOURCE " in printed
