"""Clients of the product, over REST and over MCP, and of the prototype, whose paths are the same.

A client gets its answer by waiting or by polling.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Protocol

import httpx2
from mcp import Client

from benchmarks.sides.requests import new_request
from sandbox.processes import SandboxError

Quote = Callable[[], Awaitable[None]]
"""Makes one quotation for a new customer, and returns when the client knows its result."""

_TIMEOUT_SECONDS = 90.0
_UNFINISHED = {"queued", "processing"}
# what the gateway's own descriptions recommend
_WAIT_SECONDS = 20


class Caller(Protocol):
    """The calls that a client makes; each returns the whole answer."""

    async def start(self, request: dict[str, Any], wait: int = 0) -> dict[str, Any]:
        """Start a quotation; with `wait`, wait so many seconds for its result."""

    async def status(self, tracking_id: str, wait: int = 0) -> dict[str, Any]:
        """Read a status; with `wait`, wait so many seconds for a final one."""


class Rest:
    """A REST client with connections that stay open."""

    def __init__(self, http: httpx2.AsyncClient, environment: str = "") -> None:
        self.http = http
        self._start = f"/api/{environment}/quotation/async" if environment else "/api/quotation/async"

    async def start(self, request: dict[str, Any], wait: int = 0) -> dict[str, Any]:
        """Start a quotation."""
        params = {"wait": wait} if wait else None
        return _body(await self.http.post(self._start, json=request, params=params))

    async def status(self, tracking_id: str, wait: int = 0) -> dict[str, Any]:
        """Read a status."""
        params = {"wait": wait} if wait else None
        return _body(await self.http.get(f"/api/quotation/status/{tracking_id}", params=params))

    async def events(self, tracking_id: str) -> None:
        """Follow a quotation's events until the stream ends."""
        path = f"/api/quotation/{tracking_id}/events"
        async with self.http.stream("GET", path, timeout=None) as stream:
            async for _ in stream.aiter_lines():
                pass


class Mcp:
    """An MCP client over Streamable HTTP."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def start(self, request: dict[str, Any], wait: int = 0) -> dict[str, Any]:
        """Start a quotation."""
        waiting = {"wait_seconds": wait} if wait else {}
        return await self._call("dev_create_quotation", request | waiting)

    async def status(self, tracking_id: str, wait: int = 0) -> dict[str, Any]:
        """Read a status."""
        waiting = {"wait_seconds": wait} if wait else {}
        return await self._call("dev_get_quotation_status", {"tracking_id": tracking_id} | waiting)

    async def _call(self, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
        answer = await self._client.call_tool(tool, arguments)
        if answer.is_error or not answer.structured_content:
            raise SandboxError(f"{tool} answered: {answer.content}")
        content: dict[str, Any] = answer.structured_content
        return content


@asynccontextmanager
async def rest(url: str, environment: str = "", *, key: str = "") -> AsyncIterator[Rest]:
    """Open a REST client; with `key`, it is the caller of that key."""
    headers = {"X-API-Key": key} if key else {}
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx2.AsyncClient(
        base_url=url, headers=headers, limits=limits, timeout=_TIMEOUT_SECONDS, trust_env=False
    ) as client:
        yield Rest(client, environment)


@asynccontextmanager
async def mcp(url: str) -> AsyncIterator[Mcp]:
    """Open an MCP client."""
    async with Client(f"{url}/mcp") as client:
        yield Mcp(client)


def waiting(caller: Caller) -> Quote:
    """Return a client that waits for the result in its calls."""

    async def quote() -> None:
        answer = await caller.start(new_request(), _WAIT_SECONDS)
        while answer["status"] in _UNFINISHED:
            answer = await caller.status(answer["tracking_id"], _WAIT_SECONDS)
        check(answer)

    return quote


def polling(caller: Caller, seconds: float) -> Quote:
    """Return a client that reads the status, sleeps so many seconds, and reads it again."""

    async def quote() -> None:
        answer = await caller.start(new_request())
        while answer["status"] in _UNFINISHED:
            await asyncio.sleep(seconds)
            answer = await caller.status(answer["tracking_id"])
        check(answer)

    return quote


def check(status: dict[str, Any]) -> None:
    """Raise `SandboxError` if a quotation has not completed."""
    if status["status"] != "completed":
        raise SandboxError(f"A quotation is {status['status']}: {status.get('error') or status.get('result')}")


def _body(answer: httpx2.Response) -> dict[str, Any]:
    body: dict[str, Any] = answer.raise_for_status().json()
    return body
