import json
from typing import Any

import httpx2
import pytest
from mcp.client.client import Client
from mcp.shared.exceptions import MCPError
from mcp_types import TextResourceContents
from temporalio.client import Client as Temporal

from tests.gateway.mcp.test_tasks import TRANSPORTS
from tests.support import callers
from tests.support.callers import ANA, BOB, bearer
from tests.support.quotations import NOBODYS_ID

Json = dict[str, Any]


async def read(client: Client, uri: str) -> Json:
    (content,) = (await client.read_resource(uri)).contents
    assert isinstance(content, TextResourceContents)
    assert (content.uri, content.mime_type) == (uri, "application/json")
    body: Json = json.loads(content.text)
    return body


@pytest.mark.parametrize("mode", ["legacy", "auto"])
@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_a_quotation_is_read_as_a_resource(
    gateway: str,
    temporal_address: str,
    temporal: Temporal,
    http: httpx2.AsyncClient,
    request_body: Json,
    transport: str,
    mode: str,
) -> None:
    started = (await http.post("/api/quotation/async", json=request_body)).json()
    # a final status does not change between two reads
    await temporal.get_workflow_handle(started["tracking_id"]).terminate()

    async with Client(TRANSPORTS[transport](gateway, temporal_address), mode=mode) as client:
        (template,) = (await client.list_resource_templates()).resource_templates
        listed = (await client.list_resources()).resources
        status = await read(client, template.uri_template.format(tracking_id=started["tracking_id"]))

    assert (template.uri_template, template.mime_type) == ("quotation://{tracking_id}", "application/json")
    assert listed == []
    spoken = {"spoken_status": "No fue posible hacer la cotización: alguien la detuvo."}
    # over stdio there is no address
    linked = {"page_url": status["page_url"]}
    assert status | spoken == (await http.get(started["status_url"])).json() | linked


@pytest.mark.parametrize(("mode", "code"), [("legacy", -32002), ("auto", -32602)])
@pytest.mark.parametrize(
    "uri", [f"quotation://{NOBODYS_ID}", "quotation://x", "quotation://", NOBODYS_ID, "file:///x"]
)
async def test_an_unknown_resource_is_told_by_the_code_of_the_protocol_s_version(
    gateway: str, uri: str, mode: Any, code: int
) -> None:
    async with Client(f"{gateway}/mcp", mode=mode) as client:
        with pytest.raises(MCPError) as refused:
            await client.read_resource(uri)

    assert (refused.value.code, refused.value.message) == (code, "Resource not found")
    assert refused.value.data == {"uri": uri}


async def test_another_caller_s_quotation_is_an_unknown_resource(keyed: str, request_body: Json) -> None:
    async with callers.rest(keyed, bearer(ANA)) as http:
        uri = f"quotation://{(await http.post('/api/quotation/async', json=request_body)).json()['tracking_id']}"

    async with callers.mcp(keyed, bearer(ANA)) as ana:
        assert (await read(ana, uri))["environment"] == "development"
    async with callers.mcp(keyed, bearer(BOB)) as bob:
        with pytest.raises(MCPError, match="Resource not found"):
            await bob.read_resource(uri)
