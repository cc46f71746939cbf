"""A relay in front of an Odoo that answers as another version or a proxy in trouble does, and counts all calls.

JSON-2 is counted and forwarded; `answers` may only delay it.
"""

import contextlib
import json
import threading
import time
import urllib.error
import urllib.request
import xmlrpc.client
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from odoo_client import Credentials
from sandbox.real_odoo import OdooAccess

Answer = Callable[[list[Any], dict[str, Any]], Any]
"""Returns the answer to a call with these arguments, raises a `Fault`, or returns `FORWARD`."""

Reply = tuple[int, bytes]
"""HTTP status and body."""

FORWARD = object()

_PASSED = ("Content-Type", "Authorization", "X-Odoo-Database")
_PAGE = b"<html>Back soon</html>"
_REDIRECTS = (301, 302, 303, 307, 308)


class OdooRelay:
    """Forwards calls to an Odoo, except those of the methods in `answers`, e.g. `res.users.has_group`."""

    def __init__(self, odoo: OdooAccess, url: str) -> None:
        self.odoo = odoo
        self.url = url
        self.answers: dict[str, Answer] = {}
        self.missing: set[str] = set()
        """Models that this Odoo does not have."""
        self.ahead = 0.0
        """Seconds by which its clock is ahead."""
        self.counted: Counter[str] = Counter()
        self.status: int | None = None
        """The HTTP status of a proxy that answers in Odoo's place."""
        self.replaced: set[int] = set()
        """The statuses of Odoo's answers that a proxy replaces by its own page."""

    @property
    def credentials(self) -> Credentials:
        return Credentials(self.url, self.odoo.db, self.odoo.username, self.odoo.password)

    def reply(self, path: str, body: bytes, headers: Message) -> Reply:
        if path.startswith("/json/2/"):
            name = ".".join(path.split("/")[-2:])
            self.counted[name] += 1
            if name in self.answers and self.answers[name]([], json.loads(body)) is not FORWARD:
                raise NotImplementedError("The relay makes no answers of JSON-2")
            return self.forward(path, body, headers)
        loaded: Any = xmlrpc.client.loads(body)
        params, name = loaded
        args: list[Any] = list(params)
        kwargs: dict[str, Any] = {}
        if name == "execute_kw":
            name = f"{params[3]}.{params[4]}"
            if params[3] in self.missing:
                fault = xmlrpc.client.Fault(2, f"Object {params[3]} doesn't exist")
                return 200, xmlrpc.client.dumps(fault, methodresponse=True).encode()
            args, kwargs = [*params[5:], {}][:2]
        self.counted[name] += 1
        try:
            answer: Any = self.answers[name](args, kwargs) if name in self.answers else FORWARD
        except xmlrpc.client.Fault as fault:
            return 200, xmlrpc.client.dumps(fault, methodresponse=True).encode()
        if answer is not FORWARD:
            return 200, xmlrpc.client.dumps((answer,), methodresponse=True, allow_none=True).encode()
        return self.forward(path, body, headers)

    def forward(self, path: str, body: bytes | None, headers: Message) -> Reply:
        passed = {name: headers[name] for name in _PASSED if headers.get(name)}
        request = urllib.request.Request(self.odoo.url + path, data=body, headers=passed)  # noqa: S310
        try:
            with urllib.request.urlopen(request) as response:  # noqa: S310
                return response.status, response.read()
        except urllib.error.HTTPError as error:
            return error.code, _PAGE if error.code in self.replaced else error.read()


def unknown_method(text: str) -> Answer:
    """Answer with a traceback that ends in this exception."""

    def answer(_args: list[Any], _kwargs: dict[str, Any]) -> Any:
        raise xmlrpc.client.Fault(1, f'Traceback (most recent call last):\n  File "x.py", line 1, in x\n{text}\n')

    return answer


@contextmanager
def relay_to(odoo: OdooAccess) -> Iterator[OdooRelay]:
    """Serve a relay on a free port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer(lambda: relay.forward(self.path, None, self.headers))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self._answer(lambda: relay.reply(self.path, body, self.headers))

        def _answer(self, reply: Callable[[], Reply]) -> None:
            status, content = (relay.status, _PAGE) if relay.status else reply()
            self.send_response(status)
            self.send_header("Content-Type", "text/html" if content == _PAGE else "text/xml")
            if status in _REDIRECTS:
                self.send_header("Location", "https://login.example/")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            with contextlib.suppress(ConnectionError):
                # the client has given up the call
                self.wfile.write(content)

        def date_time_string(self, timestamp: float | None = None) -> str:
            return super().date_time_string((timestamp or time.time()) + relay.ahead)

        def log_message(self, *_: object) -> None:
            """Write nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    relay = OdooRelay(odoo, f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield relay
    finally:
        server.shutdown()
        server.server_close()
