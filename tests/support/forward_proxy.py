"""A small HTTP proxy on this machine that leads every host name to one port, and counts what passes."""

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit


class ForwardProxy:
    """Forwards absolute addresses and tunnels (CONNECT) to `target`, a port of this machine."""

    def __init__(self, target: int, login: str | None = None) -> None:
        self.requests: list[str] = []
        """The method and the host of each request."""
        self.port = 0
        self._target = target
        self._login = login and base64.b64encode(login.encode()).decode()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            method, address, _ = head.split(" ", 2)
            host = address if method == "CONNECT" else urlsplit(address).netloc
            self.requests.append(f"{method} {host}")
            if self._login and f"Basic {self._login}" not in head:
                writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            else:
                await self._pass_on(method, address, head, reader, writer)
        writer.close()

    async def _pass_on(
        self,
        method: str,
        address: str,
        head: str,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._target)
        if method == "CONNECT":
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            back.write(head.replace(address, urlsplit(address).path, 1).encode())
        await asyncio.gather(_pump(reader, back), _pump(there, writer))


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while content := await reader.read(65536):
            writer.write(content)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def forward_proxy(target: int, login: str | None = None) -> AsyncIterator[ForwardProxy]:
    """Serve a proxy. With a `login` (`name:password`) it refuses requests without it."""
    proxy = ForwardProxy(target, login)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    async with server:
        yield proxy
