import subprocess
import sys
from functools import partial
from http import HTTPStatus
from pathlib import Path

import httpx2
import pytest

from sandbox.ports import free_port
from sandbox.processes import (
    BIN,
    ROOT,
    Process,
    environment,
    start_process,
    wait_until,
    wait_until_healthy,
)
from sandbox.servers import temporal_server

COMMANDS = {
    "worker": ["worker.py"],
    "gateway": ["-m", "gateway"],
}
SETTINGS = {
    "ODOO__DEV__URL": "http://127.0.0.1:9",
    "ODOO__DEV__DB": "acme",
    "ODOO__DEV__USERNAME": "robot",
    "ODOO__DEV__PASSWORD": "hunter2-the-secret",
    "AWS_DEFAULT_REGION": "us-east-1",
    "GATEWAY_PORT": "0",
    "TEMPORAL_NAMESPACE": "nowhere",
}
SENTENCE = "TEMPORAL_NAMESPACE is wrong: Temporal has no namespace with that name."


def start(name: str, tmp_path: Path, address: str) -> Process:
    settings = SETTINGS | {"TEMPORAL_ADDRESS": address}
    return start_process([sys.executable, *COMMANDS[name]], tmp_path / f"{name}.log", settings)


def says(process: Process, words: str) -> bool:
    return words in process.output


def is_not_ready(url: str) -> bool:
    answer = httpx2.get(url, trust_env=False)
    return answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE and SENTENCE in answer.text


@pytest.mark.parametrize("name", COMMANDS)
def test_a_namespace_that_does_not_exist_is_a_sentence_and_exit_code_2(
    tmp_path: Path, temporal_address: str, name: str
) -> None:
    process = start(name, tmp_path, temporal_address)

    assert process.wait(30) == 2
    assert process.output.splitlines()[-1] == SENTENCE
    assert "Traceback" not in process.output


def test_a_process_that_came_before_temporal_ends_as_soon_as_the_namespace_is_missed(tmp_path: Path) -> None:
    port = free_port()
    waiting = [start(name, tmp_path, f"127.0.0.1:{port}") for name in COMMANDS]
    for process in waiting:
        wait_until(partial(says, process, "Temporal does not answer yet"), process)
        assert "the server at TEMPORAL_ADDRESS refuses connections" in process.output

    with temporal_server(tmp_path, port=port):
        assert [process.wait(30) for process in waiting] == [2, 2]
    assert {process.output.splitlines()[-1] for process in waiting} == {SENTENCE}


def test_a_namespace_that_is_lost_later_is_named_while_temporal_answers(
    tmp_path: Path, temporal_address: str
) -> None:
    ports = {"gateway": free_port(), "worker": free_port()}
    settings = SETTINGS | {
        "TEMPORAL_ADDRESS": temporal_address,
        "TEMPORAL_NAMESPACE": "lost",
        "GATEWAY_PORT": str(ports["gateway"]),
        "WORKER_METRICS_PORT": str(ports["worker"]),
    }
    namespace = [str(BIN / "temporal"), "operator", "namespace"]
    of_it = ["--namespace", "lost", "--address", temporal_address]
    subprocess.run([*namespace, "create", *of_it, "--retention", "24h"], check=True)
    running = {
        name: start_process([sys.executable, *command], tmp_path / f"{name}.log", settings)
        for name, command in COMMANDS.items()
    }
    try:
        for name, process in running.items():
            wait_until_healthy(process, f"http://127.0.0.1:{ports[name]}/readyz")
        subprocess.run([*namespace, "delete", *of_it, "--yes"], check=True, stdout=subprocess.DEVNULL)
        for name, process in running.items():
            wait_until(partial(is_not_ready, f"http://127.0.0.1:{ports[name]}/readyz"), process)
    finally:
        for process in running.values():
            process.kill()


def test_over_stdio_it_is_told_too_though_stdin_is_open(temporal_address: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "gateway.stdio"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment(SETTINGS | {"TEMPORAL_ADDRESS": temporal_address}),
    ) as process:
        assert process.wait(30) == 2
        assert process.stdout
        assert process.stderr
        assert process.stdout.read() == ""
        assert process.stderr.read().splitlines()[-1] == SENTENCE


def test_over_stdio_it_is_told_when_temporal_comes_later(tmp_path: Path) -> None:
    port = free_port()
    with subprocess.Popen(
        [sys.executable, "-m", "gateway.stdio"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment(SETTINGS | {"TEMPORAL_ADDRESS": f"127.0.0.1:{port}"}),
    ) as process:
        assert process.stderr
        assert "Temporal does not answer yet" in process.stderr.readline()
        with temporal_server(tmp_path, port=port):
            assert process.wait(30) == 2
        assert process.stderr.read().splitlines()[-1] == SENTENCE
