"""An agent of pydantic-ai with strict schemas, over OpenAI's chat completions.

python pydantic_ai_client.py GATEWAY KEY MODEL
"""

import asyncio
import sys
from dataclasses import replace

from pydantic_ai import Agent, RunContext, ToolDefinition
from pydantic_ai.mcp import MCPToolset
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider


async def strict(_: RunContext[None], tools: list[ToolDefinition]) -> list[ToolDefinition]:
    """Return the tools with strict schemas."""
    return [replace(tool, strict=True) for tool in tools]


async def main(gateway: str, key: str, model: str) -> None:
    """Run the agent until the model calls no more tools."""
    toolset = MCPToolset(f"{gateway}/mcp", headers={"Authorization": f"Bearer {key}"}, max_retries=5)
    provider = OpenAIProvider(base_url=model, api_key="none")
    agent = Agent(OpenAIChatModel("gpt-5", provider=provider), toolsets=[toolset.prepared(strict)])
    await agent.run("Quote a robot.")


asyncio.run(main(*sys.argv[1:]))
