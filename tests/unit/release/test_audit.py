"""The findings of pip-audit, with a server in place of the one that knows vulnerabilities."""

import json
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from release.audit import audit, report
from sandbox.ports import free_port

KNOWN = {
    "id": "PYSEC-2026-1",
    "details": "It can be made to crash.",
    "published": "2026-11-01T00:00:00Z",
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "aaa-tested"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.2"}]}],
        }
    ],
}


@pytest.fixture
def vulnerable() -> set[str]:
    return set()


@pytest.fixture
def service(vulnerable: set[str]) -> Iterator[list[str]]:
    """The options with which pip-audit asks a server that knows vulnerabilities of these packages."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            name = asked["package"]["name"]
            body = json.dumps({"vulns": [KNOWN]} if name in vulnerable else {}).encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield asking(server.server_port)
        server.shutdown()
        thread.join()


def asking(port: int) -> list[str]:
    return ["--vulnerability-service=osv", f"--osv-url=http://127.0.0.1:{port}"]


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    path = tmp_path / "requirements.lock"
    path.write_text("".join(f"{name}==1.1 --hash=sha256:{'a' * 64}\n" for name in ("aaa-tested", "bbb-tested")))
    return path


@pytest.mark.slow
def test_nothing_known_is_success(service: list[str], lock: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert audit([lock], service) == 0
    assert capsys.readouterr().out == "None of 2 packages has a known vulnerability.\n"


@pytest.mark.slow
def test_a_vulnerability_is_named_and_fails(
    service: list[str], vulnerable: set[str], lock: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    vulnerable.add("aaa-tested")
    assert audit([lock], service) == 1
    assert capsys.readouterr().out == "aaa-tested 1.1: PYSEC-2026-1, fixed in 1.2\n"


@pytest.mark.slow
def test_a_machine_without_the_service_says_so_with_an_exit_code_of_its_own(
    lock: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit([lock], asking(free_port())) == os.EX_TEMPFAIL
    assert capsys.readouterr().out == (
        "Not audited: this machine cannot reach the service that knows vulnerabilities.\n"
    )


def test_a_service_that_does_not_know_a_package_has_not_audited_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert report([{"name": "a", "version": "1", "vulns": []}, {"name": "b", "skip_reason": "not found"}]) == 75
    assert capsys.readouterr().out == (
        "Not audited, since the service that this machine reaches does not know them: 1 of 2 packages: b.\n"
    )


def test_a_wrong_option_is_not_taken_for_a_machine_without_the_service(
    lock: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit([lock], ["--no-such-option"]) == 1
    assert "--no-such-option" in capsys.readouterr().out
