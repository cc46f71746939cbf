"""An agent of Google's Agent Development Kit, over Gemini's API.

python google_adk_client.py GATEWAY KEY MODEL
"""

import asyncio
import sys

from google.adk.agents import LlmAgent
from google.adk.models.google_llm import Gemini
from google.adk.runners import InMemoryRunner
from google.adk.tools.mcp_tool import McpToolset, StreamableHTTPConnectionParams


async def main(gateway: str, key: str, model: str) -> None:
    """Run the agent until the model calls no more tools."""
    headers = {"Authorization": f"Bearer {key}"}
    toolset = McpToolset(connection_params=StreamableHTTPConnectionParams(url=f"{gateway}/mcp", headers=headers))
    agent = LlmAgent(name="sales", model=Gemini(model="gemini-3", base_url=model), tools=[toolset])
    runner = InMemoryRunner(agent)
    await runner.run_debug("Quote a robot.", quiet=True)
    await runner.close()


asyncio.run(main(*sys.argv[1:]))
