"""A server that speaks Odoo's protocols, answers as a test tells it, and counts what reaches it."""

import asyncio
import contextlib
import http.client
import json
import xmlrpc.client
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from activities.company.setup import MODELS
from odoo_client import Credentials

Reply = Callable[[asyncio.StreamWriter], Awaitable[None]]

UID = 7
VERSION = {"server_version": "19.0", "server_version_info": [19, 0, 0, "final", 0, ""], "protocol_version": 1}


@dataclass(frozen=True)
class Call:
    """A call as it arrived; the method of one over JSON-2 is `json2`, and of a page its path."""

    path: str
    method: str
    params: tuple[Any, ...]
    headers: dict[str, str] = field(default_factory=dict, compare=False)

    @property
    def names(self) -> tuple[str, str]:
        """The called method of a model, e.g. `crm.lead.load`, and the XML-RPC method, or `json2`."""
        if self.method == "json2":
            return ".".join(self.path.split("/")[-2:]), self.method
        is_on_model = self.method == "execute_kw"
        return (f"{self.params[3]}.{self.params[4]}" if is_on_model else self.method), self.method


# replies


def raw(content: bytes) -> Reply:
    """These bytes, HTTP's head included; then the connection ends."""

    async def reply(writer: asyncio.StreamWriter) -> None:
        writer.write(content)
        await writer.drain()
        writer.close()

    return reply


def page(status: int, content: bytes = b"", *headers: str) -> Reply:
    """A whole HTTP response."""

    async def reply(writer: asyncio.StreamWriter) -> None:
        writer.write(_response(status, content, *headers))
        await writer.drain()

    return reply


def answer(value: Any) -> Reply:
    return page(200, xmlrpc.client.dumps((value,), methodresponse=True, allow_none=True).encode())


def fault(code: int, text: str) -> Reply:
    return page(200, xmlrpc.client.dumps(xmlrpc.client.Fault(code, text), methodresponse=True).encode())


def json_answer(value: Any) -> Reply:
    return page(200, json.dumps(value).encode(), "Content-Type: application/json; charset=utf-8")


def json_error(status: int, name: str, message: str, debug: str = "") -> Reply:
    """An exception as JSON-2 tells it, with its traceback."""
    body = {"name": name, "message": message, "arguments": [message], "context": {}, "debug": debug}
    return page(status, json.dumps(body).encode(), "Content-Type: application/json; charset=utf-8")


def cut(share: float = 0) -> Reply:
    """The connection breaks after this share of a good reply."""
    whole = _response(200, xmlrpc.client.dumps(("x" * 5000,), methodresponse=True).encode())
    return raw(whole[: int(len(whole) * share)])


def reset() -> Reply:
    """The connection is reset (TCP RST)."""

    async def reply(writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    return reply


def late(seconds: float, reply: Reply) -> Reply:
    async def reply_late(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(seconds)
        await reply(writer)

    return reply_late


def when(event: asyncio.Event, reply: Reply) -> Reply:
    async def reply_then(writer: asyncio.StreamWriter) -> None:
        await event.wait()
        await reply(writer)

    return reply_then


def trickle(value: Any, seconds: float) -> Reply:
    """A good answer, one byte after the other, each after this time."""
    whole = _response(200, xmlrpc.client.dumps((value,), methodresponse=True).encode())

    async def reply(writer: asyncio.StreamWriter) -> None:
        for byte in whole:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(seconds)

    return reply


def _response(status: int, content: bytes, *headers: str) -> bytes:
    lines = [
        f"HTTP/1.1 {status} {http.client.responses.get(status, 'Unknown')}",
        f"Content-Length: {len(content)}",
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode() + content


def _call(target: str, body: bytes, headers: dict[str, str]) -> Call:
    path = target.partition("?")[0]
    if path.startswith("/json/2/"):
        return Call(target, "json2", (json.loads(body),), headers)
    if not body:
        return Call(target, path, (), headers)
    params, method = xmlrpc.client.loads(body)
    assert method is not None
    return Call(target, method, params, headers)


class ScriptedOdoo:
    """An Odoo whose answers are written down by a test."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.connections = 0
        self.open_connections = 0
        self.busiest = 0
        self.port = 0
        self._under_way = 0
        self._next: defaultdict[str, deque[Reply]] = defaultdict(deque)
        self._always = {
            "authenticate": answer(UID),
            "version": answer(VERSION),
            "execute_kw": answer(value=True),
            "json2": json_answer(value=True),
            "res.users.context_get": json_answer({"lang": "en_US", "tz": False, "uid": UID}),
            "/web/version": json_answer({"version": "19.0", "version_info": [19, 0, 0, "final", 0, ""]}),
            "/web/health": json_answer({"status": "pass", "db_server_status": True}),
            "res.users.read": answer([{"id": UID, "company_id": [1, "Acme"], "company_ids": [1]}]),
            "res.company.fields_get": answer({}),
            "res.company.search_read": answer([{"id": 1, "name": "Acme", "currency_id": [33, "MXN"]}]),
            **{
                f"{model}.fields_get": answer({})
                for model in ("product.product", "crm.lead2opportunity.partner", *MODELS)
            },
        }
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        await self.drop_connections()

    async def drop_connections(self) -> None:
        """Close all connections, as an Odoo that restarts does."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def credentials(self, password: str = "s3cret") -> Credentials:
        return Credentials(self.url, "acme", "robot", password)

    def then(self, method: str, *replies: Reply) -> None:
        """Answer the next calls of this XML-RPC method, or of this method of a model, so, one each."""
        self._next[method].extend(replies)

    def always(self, method: str, reply: Reply) -> None:
        """Answer every call of this XML-RPC method, or of this method of a model, so."""
        self._always[method] = reply

    def count(self, method: str) -> int:
        return sum(method in call.names for call in self.calls)

    def _reply_to(self, call: Call) -> Reply:
        for name in call.names:
            if self._next[name]:
                return self._next[name].popleft()
        return next(self._always[name] for name in call.names if name in self._always)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self.connections += 1
        self.open_connections += 1
        try:
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
                while not writer.is_closing():
                    await self._serve_one(reader, writer)
        finally:
            self.open_connections -= 1
            writer.close()

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request_line, *header_lines = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
        headers = {
            name.lower(): value.strip() for name, _, value in (line.partition(":") for line in header_lines)
        }
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        call = _call(request_line.split()[1], body, headers)
        self.calls.append(call)
        reply = self._reply_to(call)
        self._under_way += 1
        self.busiest = max(self.busiest, self._under_way)
        try:
            await reply(writer)
        finally:
            self._under_way -= 1
