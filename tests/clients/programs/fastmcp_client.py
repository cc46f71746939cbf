"""A program with fastmcp's client, which makes types of the tools' output schemas; prints what it got as JSON.

python fastmcp_client.py GATEWAY KEY CREATE_TOOL STATUS_TOOL REQUEST
"""

import asyncio
import json
import sys
from typing import Any

from fastmcp import Client
from fastmcp.client.transports import StreamableHttpTransport
from fastmcp.exceptions import ToolError

Json = dict[str, Any]


async def _refusal(client: Client, tool: str, arguments: Json) -> str:
    try:
        await client.call_tool(tool, arguments)
    except ToolError as error:
        return str(error)
    return ""


async def main(gateway: str, key: str, create: str, status: str, request: str) -> None:
    """Call the tools as a program would, and print one JSON object."""
    transport = StreamableHttpTransport(f"{gateway}/mcp", headers={"Authorization": f"Bearer {key}"})
    arguments = json.loads(request)
    async with Client(transport) as client:
        tools = await client.list_tools()
        created = (await client.call_tool(create, arguments)).data
        final = (await client.call_tool(status, {"tracking_id": created.tracking_id, "wait_seconds": 20})).data
        blank = {"user_id": 0, "lines": [], "notes": "", "idempotency_key": "", "wait_seconds": None}
        said = {
            "tools": [tool.name for tool in tools],
            "created": [type(created).__name__, created.tracking_id, created.status],
            "final": [type(final).__name__, final.tracking_id, final.status, final.result.sale_order_name],
            "lines": [line.quantity for line in final.result.lines],
            "blank": (await client.call_tool(create, arguments | blank)).data.status,
            "wrong": await _refusal(client, create, arguments | {"email": "no address"}),
            "unknown": await _refusal(client, create, arguments | {"discount": 10}),
        }
    sys.stdout.write(json.dumps(said))


asyncio.run(main(*sys.argv[1:]))
