"""HTTP/1.1 on the gateway's port: uvicorn's protocol with limits on the resources that a client can hold.

A proxy in front has such limits too, but the gateway does not depend on it.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from typing import Any

import httptools
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from gateway.web import port_refusals
from gateway.web.capacity import PROBES, Capacity
from gateway.web.on_demand import HttpOnDemand


class _RefusedError(Exception):
    """The client broke a rule. It is raised through the parser, which then stops."""


class BoundedHttp(HttpOnDemand):
    """A client's connection.

    A request that is refused before its whole body has arrived is answered with `Connection: close`. Anything that
    the client still sends is dropped unread, and the connection is cut after 2 seconds (RFC 9112, section 9.6).
    """

    def __init__(self, capacity: Capacity, **options: Any) -> None:
        super().__init__(**options)
        self._capacity = capacity
        self._limits = capacity.limits
        self.timeout_keep_alive = capacity.limits.idle_seconds  # type: ignore[assignment]  # the event loop takes it
        self._running: RequestResponseCycle | None = None
        self._head_timer: asyncio.TimerHandle | None = None
        self._linger_timer: asyncio.TimerHandle | None = None
        self._status = HTTPStatus.BAD_REQUEST
        self._is_deaf = self._closes = False
        # of the current header or body, and of what is dropped
        self._part_bytes = 0
        self._head_bytes = self._fields = self._chunks = self._held = 0

    # the connection

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin the connection if the server has capacity."""
        super().connection_made(transport)
        if self._capacity.admit(self):
            self._capacity.wait(self, is_silent=True)
            self._start_head_timer()
        else:
            self.cut()

    def connection_lost(self, exc: Exception | None) -> None:
        """Release what the connection held."""
        self._stop_timers()
        self._release()
        self._capacity.forget(self)
        super().connection_lost(exc)

    def cut(self) -> None:
        """Close the connection at once."""
        self._is_deaf = True
        self.transport.abort()

    def shutdown(self) -> None:
        """Close the connection because the server is stopping: at once, or after the current response."""
        if self._linger_timer is not None:
            self.cut()
        else:
            super().shutdown()

    # from the client

    def data_received(self, data: bytes) -> None:
        """Parse the data, unless the client has been refused."""
        if self._is_deaf:
            self._drop(data)
            return
        self._unset_keepalive_if_required()
        if self._running is None and not self._is_in_head:
            self._start_head_timer()
        with self._refusing():
            self.read(data)

    def read_body(self) -> None:
        """Parse what waits of the body, unless the client is refused."""
        with self._refusing():
            super().read_body()

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        try:
            yield
        except (httptools.HttpParserError, _RefusedError):
            self._refuse(self._status)

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self._start_head_timer()
        self._part_bytes = self._head_bytes = self._fields = self._chunks = 0

    def on_url(self, url: bytes) -> None:
        """Add a part of the request's URL."""
        self._count_head(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Add a header field. A trailer field is dropped, because the request is already being served."""
        self._fields += 1
        self._check(self._fields <= self._limits.fields, HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        self._count_head(len(name) + len(value))
        if self._is_in_head:
            # RFC 9110 §5.5; httptools keeps trailing whitespace
            super().on_header(name, value.strip(b" \t"))

    def check_request(self) -> None:
        """Refuse a request that is ambiguous, or one of too many."""
        self._stop_timers()
        self._check_framing()
        self._check(len(self.pipeline) < self._limits.pipelined, HTTPStatus.BAD_REQUEST)
        self._part_bytes = 0
        self._capacity.work(self)

    def on_chunk_header(self) -> None:
        """Count the chunks, because even the smallest one costs work."""
        self._chunks += 1
        self._check(self._chunks <= self._limits.chunks, HTTPStatus.BAD_REQUEST)

    def on_message_complete(self) -> None:
        """End a request."""
        self._part_bytes = 0
        super().on_message_complete()

    def count(self, size: int) -> None:
        """Refuse a header or body that has grown too large."""
        # the parser keeps an unfinished field of any length
        self._part_bytes += size
        if not self._is_in_body:
            self._check(self._part_bytes <= self._limits.head_bytes, HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
            return
        self._held += size
        self._check(self._capacity.take(size), HTTPStatus.SERVICE_UNAVAILABLE)
        self._check(self._part_bytes <= self._limits.message_bytes, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)

    # to the client

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._running = cycle
        if self._capacity.is_full and cycle.scope["path"] not in PROBES:
            app = port_refusals.NO_ROOM
        super()._start_asgi_task(cycle, partial(self._close_early, cycle, app))

    async def _close_early(
        self, cycle: RequestResponseCycle, app: ASGIApp, scope: Scope, receive: Receive, send: Send
    ) -> None:
        async def closing(message: Message) -> None:
            is_early = message["type"] == "http.response.start" and self.is_answered_early(cycle)
            if is_early:
                self._closes = True
                message = {**message, "headers": [*message.get("headers", ()), (b"connection", b"close")]}
            await send(message)
            if is_early:
                # the connection would close before the client reads the response; `on_response_complete` ends it
                cycle.keep_alive = True

        await app(scope, receive, closing)

    def on_response_complete(self) -> None:
        """Continue with the next request, or close the connection."""
        if not self.pipeline:
            self._release()
        if self._closes and not self.transport.is_closing():
            self._hang_up()
            return
        self._running = None
        super().on_response_complete()
        if self._running is None:
            self._capacity.wait(self, is_silent=False)

    # rules

    def _check(self, holds: bool, status: HTTPStatus) -> None:  # noqa: FBT001  # reads as an assertion
        if not holds:
            self._status = status
            raise _RefusedError

    def _check_framing(self) -> None:
        """Refuse a request that a proxy may parse differently. The parser has already refused most of these."""
        version = self.parser.get_http_version()
        hosts = sum(name == b"host" for name, _ in self.headers)
        self._check(version in ("1.0", "1.1"), HTTPStatus.HTTP_VERSION_NOT_SUPPORTED)
        self._check(hosts == 1 or (hosts == 0 and version == "1.0"), HTTPStatus.BAD_REQUEST)
        codings = {value.lower() for name, value in self.headers if name == b"transfer-encoding"}
        self._check(codings <= {b"chunked"}, HTTPStatus.NOT_IMPLEMENTED)

    def _count_head(self, size: int) -> None:
        self._head_bytes += size
        self._check(self._head_bytes <= self._limits.head_bytes, HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    # ends

    def _refuse(self, status: HTTPStatus) -> None:
        """Refuse the request that is being read, and stop reading."""
        cycle = self._running
        self._is_deaf = True
        self.pipeline.clear()
        is_its_own = cycle is not None and cycle is self.cycle and cycle.more_body
        if cycle is not None and (cycle.response_started or not is_its_own):
            # a refusal cannot be sent inside another response
            self._closes = True
            return
        if cycle is not None:
            cycle.disconnected = True
            cycle.message_event.set()
        self._stop_timers()
        self._write(port_refusals.response_to(self.url, status))
        self._hang_up()

    def _write(self, refusal: Response) -> None:
        fields = [*self.server_state.default_headers, *refusal.raw_headers, (b"connection", b"close")]
        head = b"".join(b"%s: %s\r\n" % field for field in fields)
        self.transport.write(b"".join([STATUS_LINE[refusal.status_code], head, b"\r\n", bytes(refusal.body)]))

    def _hang_up(self) -> None:
        """Send no more, and drop incoming data: a client that is cut off while sending loses its response."""
        self._is_deaf = True
        self._part_bytes = 0
        self._unread = b""
        self._release()
        if self.cycle is not None:
            self.cycle.body = bytearray()
        self._capacity.wait(self, is_silent=True)
        try:
            self.transport.write_eof()
        except OSError:
            # the client has reset the connection
            self.cut()
            return
        self.flow.resume_reading()
        self._linger_timer = self.loop.call_later(self._limits.linger_seconds, self.cut)

    def _drop(self, data: bytes) -> None:
        self._part_bytes += len(data)
        if self._part_bytes > self._limits.linger_bytes:
            self.cut()

    def _start_head_timer(self) -> None:
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(self._limits.head_seconds, self._end_head)

    def _end_head(self) -> None:
        self._head_timer = None
        if self._is_in_head:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)
        else:
            self.cut()

    def _stop_timers(self) -> None:
        for timer in (self._head_timer, self._linger_timer):
            if timer is not None:
                timer.cancel()
        self._head_timer = self._linger_timer = None

    def _release(self) -> None:
        self._capacity.give_back(self._held)
        self._held = 0
