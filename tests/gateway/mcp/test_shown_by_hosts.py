"""The parts of the server that MCP hosts show, and the length of a result that they can read."""

import asyncio
import base64
import json
from typing import Any

import httpx2
import pytest
from mcp.client.client import Client
from temporalio.client import Client as Temporal

from quotation import texts
from quotation.status import QuotationStatus, Result, ResultLine, State, Step
from tests.support import quotations
from tests.support.requests import unique_body
from tests.support.scripted_quotation import ScriptedQuotation

MOST_TOKENS = 20_000
CHARACTERS_A_TOKEN = 3


async def test_every_tool_has_a_title_of_its_own(gateway: str) -> None:
    async with Client(f"{gateway}/mcp") as client:
        tools = (await client.list_tools()).tools

    titles = [tool.title or "" for tool in tools]
    assert len(set(titles)) == len(tools)
    assert all(0 < len(title) <= 50 for title in titles)


async def test_generated_types_have_short_names(gateway: str) -> None:
    async with Client(f"{gateway}/mcp") as client:
        schemas = {tool.name: tool.output_schema or {} for tool in (await client.list_tools()).tools}

    titles = {name.removeprefix("dev_"): schema["title"] for name, schema in schemas.items() if name[:3] == "dev"}
    assert len(set(titles.values())) == len(titles)
    assert all(title.isidentifier() and len(title) <= 20 for title in titles.values())
    assert all('"title"' not in json.dumps(schema["properties"]) for schema in schemas.values())


@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_the_server_has_a_title_and_an_icon(gateway: str, mode: Any) -> None:
    async with Client(f"{gateway}/mcp", mode=mode) as client:
        info = client.server_info

    assert info
    assert info.title == "Cotizaciones en Odoo"
    [icon] = info.icons or []
    head, _, data = icon.src.partition(",")
    assert (head, icon.mime_type) == ("data:image/png;base64", "image/png")
    assert base64.b64decode(data, validate=True).startswith(b"\x89PNG")


def status_of_fifty_lines(tracking_id: str) -> QuotationStatus:
    name = texts.shortened("Robot de limpieza con descripción de ventas. " * 100)
    lines = [
        ResultLine(
            line_id=4_000_000 + number,
            product_id=2_000_000 + number,
            name=name,
            quantity=1000.25,
            price_unit=123456.78,
            subtotal=123487644.2,
            discount=12.5,
        )
        for number in range(50)
    ]
    story = "; ".join(texts.line_added(name, line.price_unit, line.line_id) for line in lines)
    result = Result(environment="development", lines=lines, steps={"product": story})
    return QuotationStatus(
        tracking_id=tracking_id, environment="development", status=State.PROCESSING, step=Step.LINE, result=result
    )


@pytest.mark.usefixtures("worker")
async def test_a_host_can_read_the_result_of_fifty_lines(
    gateway: str, http: httpx2.AsyncClient, temporal: Temporal
) -> None:
    tracking_id = (await http.post("/api/quotation/async", json=unique_body())).json()["tracking_id"]
    handle = temporal.get_workflow_handle(tracking_id)
    # also in the memo, for a worker that is too busy to answer in time
    for tell in (ScriptedQuotation.show, ScriptedQuotation.publish):
        await handle.signal(tell, status_of_fifty_lines(tracking_id))
    async with asyncio.timeout(30):
        while not (await quotations.status(http, tracking_id))["result"]["lines"]:
            await asyncio.sleep(0.1)
    async with Client(f"{gateway}/mcp") as client:
        read = await client.call_tool("dev_get_quotation_status", {"tracking_id": tracking_id})

    assert read.structured_content
    assert len(read.structured_content["result"]["lines"]) == 50
    # some hosts read both forms
    assert len(read.model_dump_json(by_alias=True)) <= MOST_TOKENS * CHARACTERS_A_TOKEN
