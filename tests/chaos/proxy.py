"""An HTTP proxy that fails on purpose, in front of Odoo or S3: by rule and seed, so that a run can be repeated."""

import asyncio
import contextlib
import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

HANG_SECONDS = 8.0
"""How long a hanging call keeps its caller waiting; longer than the time-out that the suite gives its workers."""

_DELAY_SECONDS = 0.5
_LONGEST_HEAD = 64 * 1024


class Fault(StrEnum):
    """What can happen to one call."""

    DELAY = "delay"
    REFUSE = "refuse"
    CUT_BEFORE = "cut before the request arrives"
    CUT_AFTER_COMMIT = "cut after the commit, before the reply"
    CUT_IN_REPLY = "cut in the middle of the reply"
    BAD_GATEWAY = "502"
    UNAVAILABLE = "503"
    GARBAGE = "garbage"
    HANG = "hang past the time-out"


_STATUS = {Fault.BAD_GATEWAY: b"502 Bad Gateway", Fault.UNAVAILABLE: b"503 Service Unavailable"}
_EXPECT = re.compile(rb"\r\nexpect:[^\r]*\r\n", re.IGNORECASE)
_GARBAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 17\r\n\r\n<html>oops</html>"


@dataclass
class Rules:
    """How often a call is faulted, and how. Changed while the proxy runs."""

    rate: float = 0.0
    """The share of calls that meet a fault, 0..1."""
    faults: Sequence[Fault] = tuple(Fault)
    is_away: bool = False
    """True while nobody answers at all."""


@dataclass
class FaultProxy:
    """Listens on a loopback port and passes HTTP/1.1 requests on to `upstream_port`, or fails them."""

    upstream_port: int
    seed: int
    rules: Rules = field(default_factory=Rules)
    met: Counter[str] = field(default_factory=Counter)
    """How many calls met which fault; `passed` counts the others."""
    port: int = 0

    async def __aenter__(self) -> Self:
        self._random = random.Random(self.seed)  # noqa: S311  # repeatable, not secret
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=_LONGEST_HEAD)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    @property
    def url(self) -> str:
        """The address that stands for the upstream's."""
        return f"http://127.0.0.1:{self.port}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection, request after request, until either side or a fault ends it."""
        try:
            while await self._exchange(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            # a reset, not an orderly end: that is how a crash looks
            with contextlib.suppress(OSError):
                writer.transport.abort()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Serve one request; False where the connection is to be cut."""
        if self.rules.is_away:
            return False
        request = await _read_message(reader, writer)
        fault = self._draw()
        self.met[fault or "passed"] += 1
        match fault:
            case Fault.REFUSE | Fault.CUT_BEFORE:
                return False
            case Fault.HANG:
                await asyncio.sleep(HANG_SECONDS)
                return False
            case Fault.BAD_GATEWAY | Fault.UNAVAILABLE:
                writer.write(b"HTTP/1.1 " + _STATUS[fault] + b"\r\nContent-Length: 0\r\n\r\n")
            case Fault.GARBAGE:
                writer.write(_GARBAGE)
            case Fault.CUT_AFTER_COMMIT:
                await self._forward(request)
                return False
            case Fault.CUT_IN_REPLY:
                reply = await self._forward(request)
                writer.write(reply[: len(reply) // 2])
                await writer.drain()
                return False
            case _:
                if fault is Fault.DELAY:
                    await asyncio.sleep(_DELAY_SECONDS)
                writer.write(await self._forward(request))
        await writer.drain()
        return True

    def _draw(self) -> Fault | None:
        if self._random.random() >= self.rules.rate:
            return None
        return self._random.choice(self.rules.faults)

    async def _forward(self, request: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.upstream_port, limit=_LONGEST_HEAD)
        try:
            writer.write(request)
            await writer.drain()
            return await _read_message(reader)
        finally:
            writer.close()


async def _read_message(reader: asyncio.StreamReader, asker: asyncio.StreamWriter | None = None) -> bytes:
    """Read a request or reply whole. Raises `asyncio.IncompleteReadError` where the peer ends first.

    An `asker` that waits for leave to send its body (`Expect: 100-continue`, as S3 clients do) is given it.
    """
    head = await reader.readuntil(b"\r\n\r\n")
    if asker is not None and b"100-continue" in head.lower():
        head = _EXPECT.sub(b"\r\n", head)
        asker.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    fields = head.lower()
    if b"transfer-encoding: chunked" in fields:
        return head + await _read_chunks(reader)
    _, has_length, rest = fields.partition(b"\r\ncontent-length:")
    length = int(rest.partition(b"\r\n")[0]) if has_length else 0
    return head + await reader.readexactly(length)


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while True:
        line = await reader.readline()
        size = int(line.partition(b";")[0], 16)
        body += line + await reader.readexactly(size + 2)
        if size == 0:
            return body
