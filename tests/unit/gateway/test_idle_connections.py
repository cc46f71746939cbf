"""How long the gateway keeps a connection on which nothing is asked."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI

from gateway.__main__ import create_server
from runtime.serving.listener import listen

GET = b"GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n"


class Clock:
    """The event loop's clock, which a test can put forward."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._time = loop.time
        self._skipped = 0.0

    def time(self) -> float:
        return self._time() + self._skipped

    async def skip(self, seconds: float) -> None:
        self._skipped += seconds
        # the loop runs what is due by now
        await asyncio.sleep(0.01)


@pytest.fixture
async def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    loop = asyncio.get_running_loop()
    clock = Clock(loop)
    monkeypatch.setattr(loop, "time", clock.time)
    return clock


@pytest.fixture
async def streams() -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    listener = listen("127.0.0.1", 0)
    server = create_server(FastAPI(), "a test")
    serving = asyncio.create_task(server.serve([listener]))
    while not server.started:
        await asyncio.sleep(0.01)
    reader, writer = await asyncio.open_connection(*listener.getsockname())
    yield reader, writer
    writer.close()
    server.should_exit = True
    await serving


async def test_an_idle_connection_is_kept_for_longer_than_balancers_reuse_it(
    clock: Clock, streams: tuple[asyncio.StreamReader, asyncio.StreamWriter]
) -> None:
    reader, writer = streams
    for _ in range(2):
        writer.write(GET)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 ")
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        await reader.readexactly(int(length))
        await clock.skip(70)
    await clock.skip(10)
    assert await reader.read() == b""
