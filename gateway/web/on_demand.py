"""HTTP/1.1 that is read on demand: a body waits unparsed until the application asks for it.

Most requests of attackers are refused without their bodies, which then cost nothing.
"""

from functools import partial
from typing import Any

import httptools
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

_END_OF_HEAD = b"\r\n\r\n"


class HttpOnDemand(HttpToolsProtocol):
    """A client's connection, which is not read while a body waits."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.url = b""
        self._is_in_head = self._is_in_body = self._is_asked = False
        # the last bytes that were parsed of a header, and the body that waits
        self._tail = self._unread = b""
        self._upgrade: bytes | None = None

    # for subclasses

    def check_request(self) -> None:
        """Check the request whose header has just been parsed."""

    def count(self, size: int) -> None:
        """Count bytes of an unfinished header, or of a body."""

    # reading

    def read(self, data: bytes) -> None:
        """Parse the data, except a body that nobody has asked for."""
        while data and not self._is_in_body:
            data = self._read_head(data)
        if not data:
            return
        self.count(len(data))
        if self._is_asked:
            self._feed(data)
        else:
            self._unread += data
            self.flow.pause_reading()

    def read_body(self) -> None:
        """Parse what waits of the body, and what follows."""
        self._is_asked = True
        data, self._unread = self._unread, b""
        if data:
            self._feed(data)

    def is_answered_early(self, cycle: RequestResponseCycle) -> bool:
        """Return True if the body of a request has not arrived yet; one of unknown length counts as such."""
        if self._unread and cycle is self.cycle:
            length = next((int(value) for name, value in self.headers if name == b"content-length"), None)
            if length is not None and length <= len(self._unread):
                self.read_body()
        return cycle.more_body

    def _read_head(self, data: bytes) -> bytes:
        """Parse up to the end of the header, and return what follows it."""
        seen = self._tail + data
        # empty lines may come before a header
        begin = 0 if self._is_in_head else len(seen) - len(seen.lstrip(b"\r\n"))
        end = seen.find(_END_OF_HEAD, begin)
        if end < 0:
            self._tail = seen[1 - len(_END_OF_HEAD) :]
            self._feed(data)
            self.count(len(data))
            return b""
        size = end + len(_END_OF_HEAD) - len(self._tail)
        self._tail = b""
        self._feed(data[:size])
        return data[size:]

    def _feed(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            if self._upgrade is None:
                # CONNECT
                raise httptools.HttpParserError from None
            # the parser assumes that the offered protocol is accepted, and leaves the body out
            head, self._upgrade = self._upgrade, None
            self.parser = httptools.HttpRequestParser(self)
            self.parser.feed_data(head)
            self.read(data[upgrade.args[0] :])

    def _head_without_upgrade(self) -> bytes:
        fields = [(name, value) for name, value in self.headers if name not in (b"connection", b"upgrade")]
        lines = [b"%s %s HTTP/1.1" % (self.parser.get_method(), self.url), b"connection: close"]
        return b"\r\n".join([*lines, *(b"%s: %s" % field for field in fields), b"\r\n"])

    # from the transport and the parser

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget what waits."""
        self._unread = b""
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self._is_in_head = True

    def on_headers_complete(self) -> None:
        """Serve the request once the previous one has been answered."""
        if self._upgrade is None and self.parser.should_upgrade() and self.parser.get_method() != b"CONNECT":
            self._upgrade = self._head_without_upgrade()
            return
        self.check_request()
        self._is_in_head = self._is_asked = False
        self._is_in_body = True
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """End a request."""
        if self._upgrade is None:
            self._is_in_body = False
            super().on_message_complete()
            self.url = b""

    # to the application

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        super()._start_asgi_task(cycle, partial(self._serve, cycle, app))

    async def _serve(
        self, cycle: RequestResponseCycle, app: ASGIApp, scope: Scope, receive: Receive, send: Send
    ) -> None:
        async def receive_on_demand() -> Message:
            if cycle is self.cycle:
                self.read_body()
            return await receive()

        await app(scope, receive_on_demand, send)
