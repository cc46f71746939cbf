"""The resources that clients without a key can hold of a gateway with its own limits (`gateway.web.capacity`)."""

import asyncio
import contextlib
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.ports import free_port
from sandbox.processes import Process, start_module, wait_until_healthy
from tests.support import callers

HALF_HEAD = b"POST /api/quotation/async HTTP/1.1\r\nHost: 127.0.0.1\r\n"
HALF_BODY = HALF_HEAD + b"Content-Type: application/json\r\nContent-Length: 100001\r\n\r\n" + b" " * 100_000
CHUNKED = HALF_HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
PROBE = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
CLIENTS = 2400
HELD_SECONDS = 30
HELD_KIB = 80 * 1024

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def process(port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    settings = {**callers.SETTINGS, "TEMPORAL_ADDRESS": "127.0.0.1:9", "GATEWAY_PORT": str(port)}
    process = start_module("gateway", tmp_path_factory.mktemp("gateway") / "gateway.log", settings)
    wait_until_healthy(process, f"http://127.0.0.1:{port}/healthz")
    yield process
    assert process.stop() == 0
    process.kill()


@pytest.fixture
def many_files() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(CLIENTS + 500, before[1]), before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def memory(process: Process) -> int:
    """The KiB that a process holds."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


async def connect(port: int, data: bytes) -> Streams:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(data)
    return reader, writer


async def ended(streams: Streams) -> bytes:
    """Return what the gateway said until it ended the connection."""
    reader, writer = streams
    said = b""
    with contextlib.suppress(ConnectionError):
        while part := await reader.read(65536):
            said += part
    writer.close()
    return said


async def flood(streams: Streams, data: bytes) -> None:
    """Send until the gateway ends the connection."""
    _, writer = streams
    while not writer.transport.is_closing():
        writer.write(data)
        try:
            await writer.drain()
            await asyncio.sleep(0)
        except ConnectionError:
            return


async def test_endless_chunks_without_a_key_end_the_connection(process: Process, port: int) -> None:
    streams = await connect(port, CHUNKED)
    async with asyncio.timeout(HELD_SECONDS):
        # the refusal needs no body, so it is there before the flood
        head = (await streams[0].readuntil(b"\r\n\r\n")).lower()
        await asyncio.gather(ended(streams), flood(streams, b"1\r\na\r\n" * 4000))

    assert head.startswith(b"http/1.1 401")
    assert b"connection: close" in head.splitlines()
    assert process.is_running


async def test_a_probe_is_answered_before_its_body_ends(port: int) -> None:
    streams = await connect(port, CHUNKED.replace(b"POST /api/quotation/async", b"GET /healthz") + b"1\r\na\r\n")
    async with asyncio.timeout(HELD_SECONDS / 2):
        answer = await ended(streams)

    assert answer.startswith(b"HTTP/1.1 200")
    assert b"connection: close" in answer.lower()


async def test_content_length_beside_transfer_encoding_ends_the_connection(process: Process, port: int) -> None:
    streams = await connect(port, CHUNKED[:-2] + b"Content-Length: 5\r\n\r\n0\r\n\r\n")
    async with asyncio.timeout(HELD_SECONDS):
        answer = await ended(streams)

    assert answer.startswith(b"HTTP/1.1 400")
    assert b"application/problem+json" in answer
    assert process.is_running


@pytest.mark.usefixtures("many_files")
async def test_thousands_of_slow_clients_hold_little_and_not_for_long(process: Process, port: int) -> None:
    before = memory(process)
    kept = await connect(port, PROBE)
    assert (await kept[0].readuntil(b"}")).startswith(b"HTTP/1.1 200")
    with_key = await connect(
        port, HALF_BODY.replace(b"\r\n", b"\r\nX-API-Key: " + callers.ANA.encode() + b"\r\n", 1)
    )
    held: list[Streams] = []
    for _ in range(CLIENTS // 200):
        held += await asyncio.gather(*[connect(port, half) for half in (HALF_HEAD, HALF_BODY) for _ in range(100)])
    probe = await connect(port, PROBE[:-2] + b"Connection: close\r\n\r\n")
    async with asyncio.timeout(HELD_SECONDS):
        assert (await ended(probe)).startswith(b"HTTP/1.1 200")
        most = memory(process)
        answers = await asyncio.gather(*map(ended, held))
        assert (await ended(with_key)).startswith(b"HTTP/1.1 408")
    kept[1].write(PROBE)

    assert (await kept[0].readuntil(b"}")).startswith(b"HTTP/1.1 200")
    kept[1].close()
    assert len(answers) == CLIENTS
    assert most - before < HELD_KIB
