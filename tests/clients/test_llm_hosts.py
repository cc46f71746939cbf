"""The ways to connect Claude Desktop, as it runs them: the page's configurations, and the Desktop Extension."""

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from sandbox.processes import ROOT
from tests.clients.extension import installed_extension
from tests.clients.installed import PROGRAMS, Node
from tests.clients.settings import AUTHORIZATION, CREATE, ENVIRONMENT, KEY, STATUS
from tests.support.requests import REQUEST

_PAGE = (ROOT / "docs" / "llm-hosts.md").read_text()
_CONFIGURATIONS = [
    block["mcpServers"]["quotations"]
    for block in map(json.loads, re.findall(r"```json\n(.*?)```", _PAGE, re.DOTALL))
    if "mcpServers" in block
]
_URL = "https://quotations.example"


def documented(command: str) -> Any:
    (configuration,) = (one for one in _CONFIGURATIONS if one["command"].endswith(command))
    return configuration


@pytest.fixture
def by_stdio(temporal_address: str) -> StdioServerParameters:
    configuration = documented("python")
    assert configuration["env"] == {"TEMPORAL_ADDRESS": "localhost:7233"}
    settings = {"TEMPORAL_ADDRESS": temporal_address, "ENVIRONMENTS": ENVIRONMENT}
    return StdioServerParameters(command=sys.executable, args=configuration["args"], env=settings, cwd=ROOT)


@pytest.fixture
def by_mcp_remote(node: Node, gateway: str, home: dict[str, str]) -> StdioServerParameters:
    configuration = documented("npx")
    assert configuration["args"][:2] == ["-y", "mcp-remote"]
    arguments = [argument.replace(_URL, gateway) for argument in configuration["args"][2:]]
    binary, *script = node.command("mcp-remote/dist/proxy.js", *arguments)
    assert configuration["env"] == {"AUTHORIZATION": "Bearer KEY"}
    return StdioServerParameters(command=binary, args=script, env=home | {"AUTHORIZATION": AUTHORIZATION})


@pytest.fixture
def by_extension(node: Node, gateway: str, home: dict[str, str], tmp_path: Path) -> StdioServerParameters:
    return installed_extension(node, tmp_path, home, url=gateway, api_key=KEY)


@pytest.mark.parametrize("way", ["by_stdio", "by_mcp_remote", "by_extension"])
@pytest.mark.usefixtures("replicas")
async def test_claude_desktop_s_configuration_works(request: pytest.FixtureRequest, way: str) -> None:
    parameters = request.getfixturevalue(way)

    async with Client(stdio_client(parameters)) as client:
        tools = await client.list_tools()
        created = await client.call_tool(CREATE, REQUEST)
        assert created.structured_content
        tracking_id = created.structured_content["tracking_id"]
        status = await client.call_tool(STATUS, {"tracking_id": tracking_id})
        wrong = await client.call_tool(CREATE, REQUEST | {"email": "no address"})

    assert {CREATE, STATUS} <= {tool.name for tool in tools.tools}
    assert created.structured_content["status"] == "queued"
    assert status.structured_content
    assert status.structured_content["tracking_id"] == tracking_id
    assert wrong.is_error


def test_each_way_in_the_table_of_frameworks_is_in_a_program() -> None:
    programs = "".join(program.read_text() for program in PROGRAMS.glob("*.py"))
    table = _PAGE.partition("## Python frameworks\n")[2].partition("\n## ")[0]
    names = set(re.findall(r"\b([A-Z]\w+)\(", table))
    assert "MCPToolset" in names
    assert [name for name in names if f"{name}(" not in programs] == []


def test_no_other_page_has_another_configuration() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    blocks = [block for page in pages for block in re.findall(r"```json\n.*?```", page.read_text(), re.DOTALL)]
    configurations = [block for block in blocks if "mcpServers" in block]

    assert configurations
    assert all(block in _PAGE for block in configurations)
