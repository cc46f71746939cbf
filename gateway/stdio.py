"""Serves the MCP tools over stdin and stdout: `python -m gateway.stdio`."""

import asyncio
import sys
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from io import TextIOWrapper
from typing import Any

import anyio
from anyio.streams.memory import MemoryObjectSendStream
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.shared.message import SessionMessage
from mcp_types import JSONRPCError, JSONRPCRequest, JSONRPCResponse

from gateway.access.api_keys import caller_by_setting
from gateway.mcp.messages import error_of
from gateway.mcp.server import create_server
from gateway.service.quotations import QuotationService
from gateway.service.temporal.connection import connect
from gateway.settings import GatewaySettings
from runtime import process
from runtime.tracing import switch

_GRACE_SECONDS = 10
"""How long to wait for the last answers after stdin ends."""


async def main(stop: process.Stop) -> None:
    """Serve until stdin ends or `stop` is set. Raises `SettingsError`."""
    settings = GatewaySettings.load()
    caller = caller_by_setting(settings)
    switch.begin("gateway-stdio")
    client = await connect(settings, stop)
    service = QuotationService(client, settings)
    server = create_server(service, lambda _: caller, with_tasks=settings.gateway_mcp_tasks)
    serving = asyncio.create_task(_serve(server))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([serving, stopping], return_when=asyncio.FIRST_COMPLETED)
    # otherwise a thread still reads stdin, and nothing can interrupt it
    if serving.done():
        await serving


class _WellFormedLines(anyio.AsyncFile[str]):
    """The lines of stdin that are JSON-RPC messages; the others are answered with an error."""

    def __init__(self, answers: MemoryObjectSendStream[SessionMessage]) -> None:
        super().__init__(TextIOWrapper(sys.stdin.buffer, encoding="utf-8", errors="replace"))
        self._answers = answers

    async def __aiter__(self) -> AsyncIterator[str]:
        async with self._answers:
            async for line in super().__aiter__():
                error = error_of(line)
                if error is None:
                    yield line
                elif line.strip():
                    await self._answers.send(SessionMessage(error))


class _Unanswered:
    """The ids of the requests that have no answer yet."""

    def __init__(self) -> None:
        self._ids: set[str | int] = set()
        self._none_left = asyncio.Event()
        self._none_left.set()

    def asked(self, item: SessionMessage | Exception) -> None:
        if isinstance(item, SessionMessage) and isinstance(item.message, JSONRPCRequest):
            self._ids.add(item.message.id)
            self._none_left.clear()

    def answered(self, item: SessionMessage) -> None:
        if isinstance(item.message, JSONRPCResponse | JSONRPCError) and item.message.id is not None:
            self._ids.discard(item.message.id)
        if not self._ids:
            self._none_left.set()

    async def wait_for_none(self) -> None:
        await self._none_left.wait()


async def _serve(server: Server[Any]) -> None:
    unanswered = _Unanswered()
    to_server, from_client = anyio.create_memory_object_stream[SessionMessage | Exception]()
    to_client, from_server = anyio.create_memory_object_stream[SessionMessage]()

    async def read(stdin: AsyncIterable[SessionMessage | Exception]) -> None:
        async with to_server:
            async for item in stdin:
                unanswered.asked(item)
                await to_server.send(item)
            # when its input ends, the SDK drops unfinished requests; a client that pipes them in wants answers
            with anyio.move_on_after(_GRACE_SECONDS):
                await unanswered.wait_for_none()

    async def write(send: Callable[[SessionMessage], Awaitable[None]]) -> None:
        async for item in from_server:
            await send(item)
            unanswered.answered(item)

    lines = _WellFormedLines(to_client.clone())
    async with stdio_server(lines) as (stdin, stdout), stdout, anyio.create_task_group() as group:
        group.start_soon(read, stdin)
        group.start_soon(write, stdout.send)
        await server.run(from_client, to_client, server.create_initialization_options())


if __name__ == "__main__":
    process.run(main)
