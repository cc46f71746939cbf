"""Clients without a key that hold as much of a gateway as they can; each attack runs in a process of its own.

A flood of complete requests is not among them: it costs CPU time, and a proxy limits it. For the same reason
clients do not come again all at once.
"""

import asyncio
import contextlib
import os
import random
import resource
from collections.abc import Awaitable, Callable, Coroutine, MutableSequence
from dataclasses import dataclass
from typing import Any

_HEAD = b"POST /api/quotation/async HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
_CHUNKED = _HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
_CONNECTIONS = 2500
_FLOODS = 4
_PAUSE_SECONDS = 0.02
_HOLD_SECONDS = 60
_AWAY_SECONDS = 5
_NICENESS = 10

Counts = MutableSequence[int]
"""Connections that have been opened, and bytes that have been sent, by all clients of an attack."""

Write = Callable[[bytes], Awaitable[None]]
Client = Callable[[Write], Coroutine[Any, Any, None]]


async def _send_half_a_header(write: Write) -> None:
    await write(_HEAD)
    await asyncio.sleep(_HOLD_SECONDS)


async def _send_half_a_body(write: Write) -> None:
    await write(_HEAD + b"Content-Length: 60000\r\n\r\n" + b" " * 50_000)
    await asyncio.sleep(_HOLD_SECONDS)


async def _ask_nothing(_: Write) -> None:
    await asyncio.sleep(_HOLD_SECONDS)


async def _send_a_header_slowly(write: Write) -> None:
    for byte in _HEAD * 10:
        await write(bytes([byte]))
        await asyncio.sleep(1)


async def _send_chunks_of_one_byte(write: Write) -> None:
    await write(_CHUNKED)
    while True:
        await write(b"1\r\na\r\n" * 2000)
        await asyncio.sleep(_PAUSE_SECONDS)


async def _send_header_fields_for_ever(write: Write) -> None:
    await write(_HEAD)
    while True:
        await write(b"X: x\r\n" * 2000)
        await asyncio.sleep(_PAUSE_SECONDS)


async def _send_requests_ahead(write: Write) -> None:
    while True:
        await write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" * 400)
        await asyncio.sleep(_PAUSE_SECONDS)


async def _come_and_go(write: Write) -> None:
    await write(_HEAD)
    await asyncio.sleep(_PAUSE_SECONDS)


@dataclass(frozen=True)
class Attack:
    """The behaviour of each client."""

    client: Client
    number: int
    """How many do it at once."""
    away_seconds: float
    """A client whose connection has ended comes again after this time, give or take a half."""


ATTACKS = {
    # how far two measurements without an attack differ
    "none": Attack(_ask_nothing, 0, _AWAY_SECONDS),
    "half headers": Attack(_send_half_a_header, _CONNECTIONS, _AWAY_SECONDS),
    "half bodies": Attack(_send_half_a_body, _CONNECTIONS, _AWAY_SECONDS),
    "slow headers": Attack(_send_a_header_slowly, _CONNECTIONS, _AWAY_SECONDS),
    "silent connections": Attack(_ask_nothing, _CONNECTIONS, _AWAY_SECONDS),
    "chunks of one byte": Attack(_send_chunks_of_one_byte, _FLOODS, _PAUSE_SECONDS),
    "endless header": Attack(_send_header_fields_for_ever, _FLOODS, _PAUSE_SECONDS),
    "requests sent ahead": Attack(_send_requests_ahead, _FLOODS, _PAUSE_SECONDS),
    "short connections": Attack(_come_and_go, _FLOODS, _PAUSE_SECONDS),
}
"""The attacks by their names."""


def attack(name: str, port: int, counts: Counts) -> None:
    """Attack the gateway on this loopback port until the process is ended."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 2 * _CONNECTIONS), hard))
    # the gateway must not lose the processor to it
    os.nice(_NICENESS)
    asyncio.run(_attack(ATTACKS[name], port, counts))


async def _attack(attack: Attack, port: int, counts: Counts) -> None:
    async with asyncio.TaskGroup() as clients:
        for count in range(attack.number):
            clients.create_task(_come_again(attack, port, counts))
            if count % 50 == 0:
                await asyncio.sleep(_PAUSE_SECONDS)


async def _come_again(attack: Attack, port: int, counts: Counts) -> None:
    while True:
        with contextlib.suppress(OSError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            counts[0] += 1
            reading = asyncio.create_task(_read(reader))
            working = asyncio.create_task(attack.client(_writing(writer, counts)))
            await asyncio.wait([reading, working], return_when=asyncio.FIRST_COMPLETED)
            await asyncio.gather(_cancelled(reading), _cancelled(working))
            writer.close()
        await asyncio.sleep(attack.away_seconds * random.uniform(0.5, 1.5))  # noqa: S311


def _writing(writer: asyncio.StreamWriter, counts: Counts) -> Write:
    async def write(data: bytes) -> None:
        writer.write(data)
        counts[1] += len(data)
        await writer.drain()

    return write


async def _read(reader: asyncio.StreamReader) -> None:
    """Return when the gateway ends the connection."""
    while await reader.read(65536):
        pass


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError, OSError):
        await task
