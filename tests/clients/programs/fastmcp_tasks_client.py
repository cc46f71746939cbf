"""A program with fastmcp's client and its tasks extension; prints what became of its tasks as JSON.

python fastmcp_tasks_client.py GATEWAY KEY CREATE_TOOL REQUEST
"""

import asyncio
import json
import sys

from fastmcp import Client
from fastmcp.client.transports import StreamableHttpTransport
from fastmcp.exceptions import ToolError
from fastmcp_tasks import call_tool_task


async def _words(calling: object) -> str:
    try:
        await calling
    except ToolError as error:
        return str(error)
    return ""


async def main(gateway: str, key: str, create: str, request: str) -> None:
    """Start quotations that complete, fail and wait, in this order, and cancel the last one."""
    transport = StreamableHttpTransport(f"{gateway}/mcp", headers={"Authorization": f"Bearer {key}"})
    arguments = json.loads(request)
    async with Client(transport) as client:
        followed = await call_tool_task(client, create, arguments)
        seed = followed.create_result.status
        result = (await followed.result()).structured_content
        failed = await _words(client.call_tool(create, arguments))
        waiting = await call_tool_task(client, create, arguments)
        working = (await waiting.status()).status
        await waiting.cancel()
        cancelled = await waiting.wait(timeout=30)
        said = {
            "followed": [followed.task_id, seed, result],
            "failed": failed,
            "cancelled": [working, cancelled.status],
            "wrong": await _words(call_tool_task(client, create, arguments | {"email": "no address"})),
            "refused": await _words(client.call_tool(create, arguments | {"email": "no address"})),
        }
    sys.stdout.write(json.dumps(said))


asyncio.run(main(*sys.argv[1:]))
