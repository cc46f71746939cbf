"""An HTTP proxy that fails on purpose, in front of Odoo or S3: by rule and seed, so that a run can be repeated."""

import asyncio
import random
import re
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self, cast

from sandbox.ports import free_port

_LONGEST_HEAD = 64 * 1024
_LOOK_SECONDS = 0.05


class Fault(StrEnum):
    """The fates that one call can meet."""

    DELAY = "delayed"
    REFUSE = "refused"
    CUT_BEFORE = "cut before the request arrived"
    CUT_AFTER_COMMIT = "cut after the commit, before the reply"
    CUT_IN_REPLY = "cut in the middle of the reply"
    BAD_GATEWAY = "answered 502"
    UNAVAILABLE = "answered 503"
    FORBIDDEN = "answered 403"
    NOT_FOUND = "answered 404"
    GARBAGE = "answered with an HTML page"
    NOISE = "answered with no HTTP at all"
    HANG = "hung past the time-out"
    LATE = "arrived after the caller's time-out"


_CUTS = {Fault.REFUSE, Fault.CUT_BEFORE, Fault.CUT_AFTER_COMMIT, Fault.CUT_IN_REPLY, Fault.HANG, Fault.LATE}
_ANSWERS = {
    Fault.CUT_BEFORE: b"",
    Fault.HANG: b"",
    Fault.BAD_GATEWAY: b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n",
    Fault.UNAVAILABLE: b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n",
    Fault.FORBIDDEN: b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
    Fault.NOT_FOUND: b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
    Fault.GARBAGE: b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 17\r\n\r\n<html>oops</html>",
    Fault.NOISE: b"\x00\xffoops\r\n\r\n",
}
_EXPECT = re.compile(rb"\r\nexpect:[^\r]*(?=\r\n)", re.IGNORECASE)
_BODYLESS = re.compile(rb"HTTP/1\.[01] (204|304) ")


@dataclass
class Rules:
    """How often a call is faulted, and how. They may be changed while the proxy runs; times are seconds."""

    rate: float = 0.0
    """The share of calls that meet a fault, 0..1."""
    faults: Sequence[Fault] = tuple(Fault)
    delay: float = 0.5
    refuse: float = 0.5
    """How long the port is closed after a call has met `REFUSE`."""
    hang: float = 8.0
    """How long a caller is kept waiting; longer than the time-out that it has."""


@dataclass
class FaultProxy:
    """Listens on a loopback port and passes HTTP/1.1 requests on to `upstream_port`, or fails them.

    The seed decides what the first, second ... call meets, whoever makes it.
    """

    upstream_port: int
    seed: int
    rules: Rules = field(default_factory=Rules)
    met: Counter[Fault] = field(default_factory=Counter)
    """How many calls met which fault."""
    passed: int = 0
    """How many met none."""
    # the port stays reserved while it is closed: outgoing connections never take it
    port: int = field(default_factory=free_port)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311  # repeatable, not secret
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._calls = 0

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def url(self) -> str:
        """The address that stands for the upstream's."""
        return f"http://127.0.0.1:{self.port}"

    async def open(self) -> None:
        """Listen, on the same port each time."""
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, limit=_LONGEST_HEAD)

    async def close(self) -> None:
        """Refuse connections from now on, and cut those that are open."""
        self._stop_listening()
        cut = self._tasks - {asyncio.current_task()}
        for task in cut:
            task.cancel()
        await asyncio.gather(*cut, return_exceptions=True)

    @asynccontextmanager
    async def away(self) -> AsyncIterator[None]:
        """Refuse all connections within the `async with` block."""
        await self.close()
        try:
            yield
        finally:
            await self.open()

    async def idle(self) -> None:
        """Return when no call is under way, not even one that its caller gave up."""
        while self._calls:  # noqa: ASYNC110  # each call that ends would have to tell
            await asyncio.sleep(_LOOK_SECONDS)

    def _stop_listening(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection, request after request, until either side or a fault ends it."""
        task = cast("asyncio.Task[None]", asyncio.current_task())
        self._tasks.add(task)
        try:
            while await self._exchange(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            # asyncio's streams would report a cancelled connection as an error
            pass
        finally:
            # a reset, not an orderly end: that is how a crash looks
            with suppress(OSError):
                writer.transport.abort()
            self._tasks.discard(task)

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Serve one request. Return False if the connection must be cut."""
        request = await _read_request(reader, writer)
        fault = self._draw()
        self._calls += 1
        try:
            if fault is Fault.REFUSE:
                await self._refuse(writer)
            else:
                writer.write(await self._answer(request, fault))
                await writer.drain()
        finally:
            self._calls -= 1
        return fault not in _CUTS

    async def _answer(self, request: bytes, fault: Fault | None) -> bytes:
        """Return the answer for the caller."""
        if fault is Fault.DELAY:
            await asyncio.sleep(self.rules.delay)
        if fault in (Fault.HANG, Fault.LATE):
            await asyncio.sleep(self.rules.hang)
        if fault in _ANSWERS:
            return _ANSWERS[fault]
        reply = await self._forward(request)
        if fault is Fault.CUT_IN_REPLY:
            return reply[: len(reply) // 2]
        return b"" if fault in _CUTS else reply

    def _draw(self) -> Fault | None:
        # both are drawn in any case, so that a change of the rate shifts nothing
        is_met, fault = self._random.random() < self.rules.rate, self._random.choice(self.rules.faults)
        if not is_met:
            self.passed += 1
            return None
        self.met[fault] += 1
        return fault

    async def _refuse(self, writer: asyncio.StreamWriter) -> None:
        was_listening = self._server is not None
        self._stop_listening()
        # only now: a caller that was cut and tries again at once is refused
        writer.transport.abort()
        await asyncio.sleep(self.rules.refuse)
        if was_listening:
            await self.open()

    async def _forward(self, request: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.upstream_port, limit=_LONGEST_HEAD)
        try:
            writer.write(request)
            await writer.drain()
            return await _read_reply(reader, is_head=request.startswith(b"HEAD "))
        finally:
            writer.close()


async def _read_request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    """Read a request whole. Raises `asyncio.IncompleteReadError` if the caller ends first.

    A caller may wait for leave to send its body (`Expect: 100-continue`, as S3 clients do) is given it.
    """
    head = await reader.readuntil(b"\r\n\r\n")
    if _EXPECT.search(head):
        head = _EXPECT.sub(b"", head)
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    return head + (await _read_body(reader, head) or b"")


async def _read_reply(reader: asyncio.StreamReader, *, is_head: bool) -> bytes:
    """Read a reply whole. Raises `asyncio.IncompleteReadError` if the upstream ends first."""
    head = await reader.readuntil(b"\r\n\r\n")
    if is_head or _BODYLESS.match(head):
        return head
    body = await _read_body(reader, head)
    if body is None:
        # the end of the connection is the end of such a reply (RFC 9112, section 6.3), and ours stays open
        body = await reader.read()
        head = head.removesuffix(b"\r\n") + b"Content-Length: %d\r\n\r\n" % len(body)
    return head + body


async def _read_body(reader: asyncio.StreamReader, head: bytes) -> bytes | None:
    """Read the body that the head announces. Return None if it announces none."""
    fields = head.lower()
    if b"transfer-encoding: chunked" in fields:
        return await _read_chunks(reader)
    _, has_length, rest = fields.partition(b"\r\ncontent-length:")
    return await reader.readexactly(int(rest.partition(b"\r\n")[0])) if has_length else None


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while True:
        line = await reader.readuntil(b"\n")
        size = int(line.partition(b";")[0], 16)
        body += line + await reader.readexactly(size + 2)
        if size == 0:
            return body
