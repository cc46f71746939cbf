"""A program with version 1 of the MCP SDK; runs under the Python that has it, and prints what it got.

python mcp1_client.py sse|streamable URL KEY CREATE_TOOL STATUS_TOOL REQUEST
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import mcp.types
from mcp import ClientSession
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import McpError


@asynccontextmanager
async def _connect(transport: str, url: str, key: str) -> AsyncIterator[tuple[Any, Any]]:
    headers = {"Authorization": f"Bearer {key}"}
    if transport == "sse":
        async with sse_client(f"{url}/mcp/sse", headers) as streams:
            yield streams
        return
    async with (
        httpx.AsyncClient(headers=headers) as http,
        streamable_http_client(f"{url}/mcp", http_client=http) as (read, write, _),
    ):
        yield read, write


async def _call(session: ClientSession, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
    try:
        result = await session.call_tool(tool, arguments)
    except McpError as error:
        return {"error": error.error.code, "words": error.error.message}
    text = "".join(part.text for part in result.content if isinstance(part, mcp.types.TextContent))
    return {"is_error": result.isError, "words": text, "structured": result.structuredContent}


async def main(transport: str, url: str, key: str, create: str, status: str, request: str) -> None:
    """Call the tools as a host would, and print one JSON object."""
    arguments = json.loads(request)
    async with _connect(transport, url, key) as streams, ClientSession(*streams) as session:
        opened = await session.initialize()
        tools = await session.list_tools()
        created = await _call(session, create, arguments)
        said = {
            "protocol": opened.protocolVersion,
            "tools": [tool.name for tool in tools.tools],
            "created": created,
            "status": await _call(session, status, {"tracking_id": created["structured"]["tracking_id"]}),
            "unknown": await _call(session, "no_such_tool", {}),
            "wrong": await _call(session, create, arguments | {"email": "no address"}),
        }
    sys.stdout.write(json.dumps(said))


asyncio.run(main(*sys.argv[1:]))
