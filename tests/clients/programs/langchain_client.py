"""An agent of LangChain with strict schemas, over OpenAI's chat completions.

python langchain_client.py GATEWAY KEY MODEL
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable

from langchain.agents import create_agent
from langchain.agents.middleware import ModelRequest, ModelResponse, wrap_model_call
from langchain_mcp_adapters.client import MultiServerMCPClient
from langchain_openai import ChatOpenAI


@wrap_model_call
async def strict(
    request: ModelRequest, handler: Callable[[ModelRequest], Awaitable[ModelResponse]]
) -> ModelResponse:
    """Ask for strict schemas."""
    return await handler(request.override(model_settings={"strict": True}))


async def main(gateway: str, key: str, model: str) -> None:
    """Run the agent until the model calls no more tools."""
    headers = {"Authorization": f"Bearer {key}"}
    server = {"transport": "streamable_http", "url": f"{gateway}/mcp", "headers": headers}
    tools = await MultiServerMCPClient({"quotations": server}).get_tools()
    agent = create_agent(ChatOpenAI(model="gpt-5", base_url=model, api_key="none"), tools, middleware=[strict])
    await agent.ainvoke({"messages": [("user", "Quote a robot.")]}, {"recursion_limit": 100})


asyncio.run(main(*sys.argv[1:]))
