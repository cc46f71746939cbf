"""Google's SDK with its own support of MCP, over Gemini's API.

python google_genai_client.py GATEWAY KEY MODEL
"""

import asyncio
import sys

import httpx
from google import genai
from google.genai.types import HttpOptions
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client


async def main(gateway: str, key: str, model: str) -> None:
    """Run the SDK's loop until the model calls no more tools."""
    client = genai.Client(api_key="none", http_options=HttpOptions(base_url=model))
    async with (
        httpx.AsyncClient(headers={"Authorization": f"Bearer {key}"}) as http,
        streamable_http_client(f"{gateway}/mcp", http_client=http) as (read, write, _),
        ClientSession(read, write) as session,
    ):
        await session.initialize()
        # a dict: version 3.6 makes a deep copy of a model, and no session can be copied
        config = {"tools": [session], "automatic_function_calling": {"maximum_remote_calls": 50}}
        await client.aio.models.generate_content(model="gemini-3", contents="Quote a robot.", config=config)


asyncio.run(main(*sys.argv[1:]))
