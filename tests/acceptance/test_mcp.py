"""A quotation over MCP, on each transport, into a real Odoo."""

import asyncio
import sys
from typing import Any

import pytest
from mcp import Client
from mcp.client.sse import sse_client
from mcp.client.stdio import StdioServerParameters, stdio_client

from sandbox.processes import ROOT
from sandbox.system import System
from tests.support.odoo_view import OdooView
from tests.support.quotations import FINAL
from tests.support.requests import unique_body


def transport_to(system: System, transport: str) -> Any:
    if transport == "streamable":
        return f"{system.gateway_url}/mcp"
    if transport == "sse":
        return sse_client(f"{system.gateway_url}/mcp/sse")
    env = {"TEMPORAL_ADDRESS": system.temporal}
    return stdio_client(
        StdioServerParameters(command=sys.executable, args=["-m", "gateway.stdio"], cwd=ROOT, env=env)
    )


@pytest.mark.parametrize("transport", ["streamable", "sse", "stdio"])
async def test_a_tool_call_becomes_a_sale_order(workers: System, view: OdooView, transport: str) -> None:
    request = unique_body()
    async with asyncio.timeout(60), Client(transport_to(workers, transport)) as client:
        accepted = (await client.call_tool("dev_create_quotation", request)).structured_content
        assert accepted is not None
        assert accepted["status"] == "queued"
        tracking_id = accepted["tracking_id"]
        assert accepted["check_status_with"] == f"dev_get_quotation_status(tracking_id='{tracking_id}')"
        status: dict[str, Any] = accepted
        while status["status"] not in FINAL:
            await asyncio.sleep(0.2)
            answer = await client.call_tool("dev_get_quotation_status", {"tracking_id": tracking_id})
            status = answer.structured_content or {}
    assert status["status"] == "completed"
    [order] = view.find("sale.order", ["origin", "=", request["lead_name"]], fields=("name",))
    assert status["result"]["sale_order_name"] == order["name"]
