"""A page in place of Temporal's UI: it says whether Temporal can be reached from here."""

import os
import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Page(BaseHTTPRequestHandler):
    """Answers every GET with `200` if Temporal's port is open, otherwise with `503`."""

    def do_GET(self) -> None:
        """Answer."""
        host, port = os.environ["TEMPORAL_ADDRESS"].split(":")
        try:
            socket.create_connection((host, int(port)), timeout=3).close()
        except OSError:
            self.send_response(503)
        else:
            self.send_response(200)
        self.end_headers()


ThreadingHTTPServer(("", 8080), Page).serve_forever()
