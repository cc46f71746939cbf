"""An agent of OpenAI's Agents SDK with strict schemas, over the Responses API.

python openai_agents_client.py GATEWAY KEY MODEL
"""

import asyncio
import sys

from agents import Agent, OpenAIResponsesModel, Runner, set_tracing_disabled
from agents.mcp import MCPServerStreamableHttp
from openai import AsyncOpenAI


async def main(gateway: str, key: str, model: str) -> None:
    """Run the agent until the model calls no more tools."""
    set_tracing_disabled(disabled=True)
    headers = {"Authorization": f"Bearer {key}"}
    async with MCPServerStreamableHttp({"url": f"{gateway}/mcp", "headers": headers}) as server:
        agent = Agent(
            name="sales",
            model=OpenAIResponsesModel("gpt", AsyncOpenAI(base_url=model, api_key="none")),
            mcp_servers=[server],
            mcp_config={"convert_schemas_to_strict": True},
        )
        await Runner.run(agent, "Quote a robot.", max_turns=50)


asyncio.run(main(*sys.argv[1:]))
