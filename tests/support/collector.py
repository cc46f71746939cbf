"""A collector of OpenTelemetry's traces: it takes OTLP over HTTP and keeps every span."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span


@dataclass(frozen=True)
class Received:
    """A span, and the service that sent it."""

    service: str
    span: Span

    @property
    def name(self) -> str:
        return self.span.name

    @property
    def attributes(self) -> dict[str, str | int]:
        return {
            one.key: one.value.string_value if one.value.HasField("string_value") else one.value.int_value
            for one in self.span.attributes
        }


class Collector:
    """A collector on 127.0.0.1 in a `with` block."""

    def __init__(self) -> None:
        collector = self
        self.status = 200
        self.hangs = False
        self._released = threading.Event()
        self.spans: list[Received] = []
        self.bodies: list[bytes] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if collector.status == 200 and self.path == "/v1/traces":
                    collector.take(body)
                if collector.hangs:
                    collector.wait()
                self.send_response(collector.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=[0.05])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def wait(self) -> None:
        self._released.wait(60)

    def release(self) -> None:
        """Answer all that hangs."""
        self._released.set()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._server.server_port}"

    def take(self, body: bytes) -> None:
        self.bodies.append(body)
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            of_process = {one.key: one.value.string_value for one in resource.resource.attributes}
            for scope in resource.scope_spans:
                self.spans += [Received(of_process["service.name"], span) for span in scope.spans]

    def trace(self, trace_id: str) -> list[Received]:
        return [one for one in self.spans if one.span.trace_id.hex() == trace_id]

    async def until(self, trace_id: str, is_whole: Callable[[list[Received]], bool]) -> list[Received]:
        async with asyncio.timeout(30):
            while not is_whole(self.trace(trace_id)):
                await asyncio.sleep(0.05)
        return self.trace(trace_id)
