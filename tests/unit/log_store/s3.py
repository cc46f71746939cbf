"""A front before the S3 stand-in: requests pass it one at a time, and a test may step in."""

import http.client
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import urlsplit

from tests.unit.log_store.policies import Answer, Policy, Request, amazon

Interlude = Callable[[], None]


class Front:
    """Passes requests on to `url`, one after the other, as S3 takes conditional writes of one object."""

    def __init__(self, url: str) -> None:
        self.requests: list[str] = []
        self.policy: Policy = amazon
        self.before_write: Interlude | None = None
        """Done once, between receiving an object and writing it."""
        self.after_read: Interlude | None = None
        """Done once, between reading an object and telling what was read."""
        self.instead: bytes | None = None
        """The answer that replaces S3's for every request: a whole HTTP response, or a part of one."""
        self._target = urlsplit(url).netloc
        self._server = HTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=[0.05])
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def count(self, method: str) -> int:
        return self.requests.count(method)

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        front = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                front.pass_on(self)
                self.close_connection = True

            do_PUT = do_GET

            def log_message(self, *_: object) -> None:
                pass

        return Handler

    def pass_on(self, request: BaseHTTPRequestHandler) -> None:
        self.requests.append(request.command)
        body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        if self.instead is not None:
            request.wfile.write(self.instead)
            return
        headers = {name.lower(): value for name, value in request.headers.items() if name.lower() != "expect"}
        answer = self.policy(Request(request.command, request.path, headers, body), self._forward)
        request.send_response(answer.status)
        for name, value in answer.headers:
            if name.lower() not in ("connection", "content-length", "transfer-encoding", "server", "date"):
                request.send_header(name, value)
        request.send_header("Content-Length", str(len(answer.content)))
        request.send_header("Connection", "close")
        request.end_headers()
        request.wfile.write(answer.content)

    def _forward(self, request: Request) -> Answer:
        if request.method == "PUT" and self.before_write is not None:
            interlude, self.before_write = self.before_write, None
            interlude()
        connection = http.client.HTTPConnection(self._target)
        connection.request(request.method, request.path, request.body, request.headers)
        response = connection.getresponse()
        answer = Answer(response.status, response.getheaders(), response.read())
        connection.close()
        if request.method == "GET" and self.after_read is not None:
            interlude, self.after_read = self.after_read, None
            interlude()
        return answer
