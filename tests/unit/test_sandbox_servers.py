"""The sandbox's servers on a port that another program has taken meanwhile."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from sandbox.processes import SandboxError
from sandbox.real_odoo import OdooAccess
from sandbox.servers import Server, s3_server, standin_odoo
from sandbox.system import System


class _Healthy(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = json.dumps({"status": "ready"}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def taken() -> Iterator[int]:
    """Return a port on which another program answers every GET."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Healthy) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("make", [s3_server, standin_odoo])
def test_a_server_whose_port_is_taken_is_not_ready(
    make: Callable[..., Server], tmp_path: Path, taken: int
) -> None:
    server = make(tmp_path, port=taken)
    with pytest.raises(SandboxError, match="ended at its start"):
        server.start()


def test_a_gateway_whose_port_is_taken_is_not_ready(tmp_path: Path, taken: int) -> None:
    system = System(
        tmp_path, "127.0.0.1:1", "http://127.0.0.1:1", OdooAccess("http://127.0.0.1:1", "none"), gateway_port=taken
    )
    try:
        with pytest.raises(SandboxError, match="ended at its start"):
            system.start_gateway()
    finally:
        system.kill()
