import asyncio
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from mcp.client.client import Client
from mcp.client.sse import sse_client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.shared.exceptions import MCPError
from mcp_types import CallToolResult
from temporalio.client import Client as Temporal

from quotation.identity import new_tracking_id
from quotation.request import QuotationRequest
from quotation.status import QuotationStatus, State
from sandbox.processes import ROOT
from tests.support.forms import ESTIMATED_TIME
from tests.support.schemas import parts
from tests.support.scripted_quotation import ScriptedQuotation

_KEYWORDS = {
    *("type", "description", "default", "properties", "required", "items", "maxItems"),
    *("minimum", "maximum", "minLength", "maxLength", "pattern"),
}
"""The keywords that every provider of models knows; some refuse a schema with any other."""

Tools = dict[str, Any]
Transport = Callable[[str, str], Any]

TRANSPORTS: dict[str, Transport] = {
    "streamable": lambda url, _: f"{url}/mcp",
    "streamable with a slash": lambda url, _: f"{url}/mcp/",
    "sse": lambda url, _: sse_client(f"{url}/mcp/sse"),
    "sse with a slash": lambda url, _: sse_client(f"{url}/mcp/sse/"),
    "stdio": lambda _, address: stdio_client(
        StdioServerParameters(
            command=sys.executable,
            args=["-m", "gateway.stdio"],
            cwd=ROOT,
            env={"TEMPORAL_ADDRESS": address, "ENVIRONMENTS": "dev,prod"},
        )
    ),
}


@pytest.fixture(params=TRANSPORTS)
def transport(request: pytest.FixtureRequest, gateway: str, temporal_address: str) -> Any:
    return TRANSPORTS[request.param](gateway, temporal_address)


@dataclass
class Mcp:
    """A client that connects for each call, as hosts of a stateless server may."""

    url: str

    async def call(self, tool: str, arguments: dict[str, Any]) -> CallToolResult:
        async with Client(self.url) as client:
            return await client.call_tool(tool, arguments)


@pytest.fixture
def mcp(gateway: str) -> Mcp:
    return Mcp(f"{gateway}/mcp")


@pytest.fixture
async def tools(gateway: str) -> Tools:
    async with Client(f"{gateway}/mcp") as client:
        return {tool.name: tool for tool in (await client.list_tools()).tools}


def text_of(result: CallToolResult) -> str:
    (content,) = result.content
    assert content.type == "text"
    return content.text


@pytest.mark.parametrize("mode", ["legacy", "auto"])
@pytest.mark.usefixtures("worker")
async def test_every_transport_starts_a_quotation_and_reads_its_status(
    temporal: Temporal, request_body: dict[str, Any], transport: Any, mode: str
) -> None:
    async with Client(transport, mode=mode) as client:
        created = await client.call_tool("dev_create_quotation", request_body)
        assert created.structured_content
        tracking_id = created.structured_content["tracking_id"]
        shown = QuotationStatus.queued(tracking_id, "development").model_copy(update={"status": State.PROCESSING})
        await temporal.get_workflow_handle(tracking_id).signal(ScriptedQuotation.show, shown)

        # the worker first takes what other tests have left in its queue
        async with asyncio.timeout(60):
            while True:
                status = await client.call_tool("dev_get_quotation_status", {"tracking_id": tracking_id})
                if status.is_error or (status.structured_content or {}).get("status") != "queued":
                    break

    assert not created.is_error
    assert created.structured_content == {
        "tracking_id": tracking_id,
        "status": "queued",
        "message": "Cotización en proceso...",
        "estimated_time": ESTIMATED_TIME,
        "environment": "development",
        "warnings": [],
        "check_status_with": f"dev_get_quotation_status(tracking_id='{tracking_id}')",
    }
    assert json.loads(text_of(created)) == created.structured_content
    assert not status.is_error
    assert status.structured_content
    assert status.structured_content["status"] == "processing"
    assert json.loads(text_of(status)) == status.structured_content


async def test_mcp_and_rest_give_the_same_status(
    mcp: Mcp, http: httpx2.AsyncClient, temporal: Temporal, request_body: dict[str, Any]
) -> None:
    started = (await http.post("/api/quotation/async", json=request_body)).json()
    await temporal.get_workflow_handle(started["tracking_id"]).terminate()

    status = await mcp.call("dev_get_quotation_status", {"tracking_id": started["tracking_id"]})

    assert not status.is_error
    assert status.structured_content
    read = (await http.get(started["status_url"])).json()
    shared = QuotationStatus.model_fields
    assert {name: status.structured_content[name] for name in shared} == {name: read[name] for name in shared}
    assert status.structured_content["status"] == "failed"


async def test_each_environment_has_its_tools(tools: Tools) -> None:
    assert list(tools) == [
        f"{environment}_{action}"
        for environment in ("dev", "prod", "taller")
        for action in (
            "create_quotation",
            "get_quotation_status",
            "cancel_quotation",
            "retry_quotation",
            "list_quotations",
            "retry_quotations",
            "search_products",
            "search_partners",
        )
    ]
    assert "PRODUCTION" in tools["prod_create_quotation"].description
    assert "PRODUCTION" not in tools["dev_create_quotation"].description
    assert "prod_get_quotation_status" in tools["prod_create_quotation"].description


async def test_a_production_tool_starts_a_production_quotation(
    mcp: Mcp, temporal: Temporal, request_body: dict[str, Any]
) -> None:
    created = await mcp.call("prod_create_quotation", request_body)

    assert created.structured_content
    description = await temporal.get_workflow_handle(created.structured_content["tracking_id"]).describe()
    assert created.structured_content["environment"] == "production"
    assert created.structured_content["check_status_with"].startswith("prod_get_quotation_status(")
    assert description.task_queue == "quotations-prod"


async def test_tools_say_what_they_do(tools: Tools) -> None:
    create, status = tools["dev_create_quotation"], tools["dev_get_quotation_status"]

    assert create.annotations.model_dump(exclude_none=True) == {
        "read_only_hint": False,
        "destructive_hint": False,
        "idempotent_hint": False,
        "open_world_hint": True,
    }
    assert status.annotations.model_dump(exclude_none=True) == {
        "read_only_hint": True,
        "destructive_hint": False,
        "idempotent_hint": True,
        "open_world_hint": False,
    }
    assert "Accepted does not mean finished" in create.description
    assert "dev_get_quotation_status" in create.description
    assert "stop" in status.description


async def test_the_server_tells_how_it_is_used(gateway: str) -> None:
    async with Client(f"{gateway}/mcp") as client:
        assert client.instructions
        assert "tracking_id" in client.instructions


async def test_input_schemas_are_closed_and_small(tools: Tools) -> None:
    for tool in tools.values():
        schema = json.dumps(tool.input_schema)
        Draft202012Validator.check_schema(tool.input_schema)
        assert not any(noise in schema for noise in ('"title"', "$ref", "$defs", "anyOf", "null"))
        used = {keyword for _, part in parts(tool.input_schema) for keyword in part}
        assert used <= _KEYWORDS
        # google-genai fails on the one, crewai-tools on the other
        assert not any(keyword in schema for keyword in ("additionalProperties", '"format"'))
    create = tools["dev_create_quotation"].input_schema
    assert create["required"] == ["partner_name", "email", "lead_name"]
    optional = {
        name: create["properties"][name] for name in create["properties"] if name not in create["required"]
    }
    nothing = {"string": "", "integer": 0, "array": []}
    for name, schema in optional.items():
        if schema["type"] in nothing:
            Draft202012Validator(schema).validate(nothing[schema["type"]])
            assert "enum" not in schema, name
    corrections = tools["dev_retry_quotation"].input_schema["properties"]["corrections"]
    assert set(corrections["properties"]) == set(QuotationRequest.model_fields)
    assert create["properties"]["product_qty"]["default"] == 1
    assert len(json.dumps(tools["dev_create_quotation"].input_schema)) < 3400


@pytest.mark.parametrize("environment", ["dev", "prod", "taller"])
async def test_the_definitions_of_an_environment_cost_a_model_little(tools: Tools, environment: str) -> None:
    definitions = [
        tool.model_dump(mode="json", by_alias=True, exclude_none=True)
        for name, tool in tools.items()
        if name.startswith(f"{environment}_")
    ]

    size = len(json.dumps(definitions, ensure_ascii=False, separators=(",", ":")).encode())

    assert len(definitions) == 8
    assert size <= 14 * 1024


@pytest.mark.usefixtures("worker")
async def test_output_schemas_tell_the_truth(mcp: Mcp, tools: Tools, request_body: dict[str, Any]) -> None:
    created = await mcp.call("dev_create_quotation", request_body)
    assert created.structured_content
    tracking_id = created.structured_content["tracking_id"]
    status = await mcp.call("dev_get_quotation_status", {"tracking_id": tracking_id})

    for tool, result in (("dev_create_quotation", created), ("dev_get_quotation_status", status)):
        schema = tools[tool].output_schema
        Draft202012Validator.check_schema(schema)
        Draft202012Validator(schema).validate(result.structured_content)
        assert set(schema["required"]) <= set(result.structured_content or {}) <= set(schema["properties"])
    assert set(tools["dev_get_quotation_status"].output_schema["required"]) == set(status.structured_content or {})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"email": "SECRET"}, "email: must be a bare e-mail address"),
        ({"idempotence": "SECRET"}, "idempotence: is not a known field; did you mean idempotency_key?"),
        (
            {"product_id": "SECRET"},
            "product_id: must be the product's numeric id in Odoo; for a code or a name, use product",
        ),
        (
            {"product_id": None, "lines": [{"product_id": 1, "qty": "SECRET"}]},
            "lines.0.qty: is not a known field; did you mean product_qty?",
        ),
        ({"product_id": None}, "product_id, product or lines is required"),
        ({"lead_name": None}, "lead_name: Field required"),
        ({"notes": "SECRET\u0000"}, "notes: must not contain the character U+0000"),
        ({"x" * 5000: "SECRET"}, "x: is not a known field"),
    ],
)
async def test_wrong_arguments_are_told_in_words_without_the_values(
    mcp: Mcp, request_body: dict[str, Any], change: dict[str, Any], words: str
) -> None:
    result = await mcp.call("dev_create_quotation", request_body | change)

    assert result.is_error
    assert words in text_of(result)
    assert "SECRET" not in text_of(result)
    assert len(text_of(result)) < 300


async def test_arguments_may_be_what_models_send(
    mcp: Mcp, temporal: Temporal, request_body: dict[str, Any]
) -> None:
    arguments = request_body | {
        "product_id": "26174",
        "product_qty": "2",
        "user_id": 0.0,
        "notes": None,
        "lines": None,
    }

    created = await mcp.call("dev_create_quotation", arguments)

    assert created.structured_content
    assert await temporal.get_workflow_handle(created.structured_content["tracking_id"]).describe()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"tracking_id": new_tracking_id()}, "There is no quotation with that tracking_id."),
        ({"tracking_id": "SECRET"}, "tracking_id must be 'quot_' followed by 12 lowercase hex digits"),
        ({"tracking_id": 12}, "tracking_id must be 'quot_' followed by 12 lowercase hex digits"),
        (
            {"tracking_id": new_tracking_id(), "wait": "SECRET"},
            "wait: is not a known field; did you mean wait_seconds?",
        ),
        ({}, "tracking_id: Field required"),
    ],
)
async def test_a_status_that_cannot_be_read_is_told_in_words(
    mcp: Mcp, arguments: dict[str, Any], words: str
) -> None:
    result = await mcp.call("dev_get_quotation_status", arguments)

    assert result.is_error
    assert words in text_of(result)
    assert "SECRET" not in text_of(result)


async def test_another_environment_s_quotation_is_not_found(mcp: Mcp, request_body: dict[str, Any]) -> None:
    created = await mcp.call("dev_create_quotation", request_body)
    assert created.structured_content

    result = await mcp.call(
        "prod_get_quotation_status", {"tracking_id": created.structured_content["tracking_id"]}
    )

    assert result.is_error
    assert text_of(result) == "There is no quotation with that tracking_id."


async def test_an_unknown_tool_is_a_protocol_error(gateway: str) -> None:
    async with Client(f"{gateway}/mcp") as client:
        with pytest.raises(MCPError, match="Unknown tool"):
            await client.call_tool("staging_create_quotation", {})


@pytest.mark.parametrize("path", ["/mcp", "/mcp/sse", "/mcp/messages"])
@pytest.mark.parametrize(
    ("header", "value", "status"), [("Host", "attacker.example", 421), ("Origin", "https://attacker.example", 403)]
)
async def test_a_web_page_elsewhere_cannot_reach_the_tools(
    http: httpx2.AsyncClient, path: str, header: str, value: str, status: int
) -> None:
    method = "GET" if path == "/mcp/sse" else "POST"

    response = await http.request(method, path, headers={header: value, "Content-Type": "application/json"})

    assert response.status_code == status


async def test_streamable_http_is_stateless(gateway: str) -> None:
    async with httpx2.AsyncClient(headers={"Accept": "application/json, text/event-stream"}) as http:
        message = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}

        response = await http.post(f"{gateway}/mcp", json=message)

    assert response.status_code == 200
    assert response.headers["content-type"].startswith("application/json")
    assert "mcp-session-id" not in response.headers
    assert len(response.json()["result"]["tools"]) == 24


async def test_broken_messages_do_not_stop_the_gateway(gateway: str, mcp: Mcp) -> None:
    headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    async with httpx2.AsyncClient(headers=headers) as http:
        for body in (b"", b"{", b"[]", b'{"jsonrpc": "2.0"}', b"\xff", b"[" * 10_000):
            response = await http.post(f"{gateway}/mcp", content=body)
            assert 400 <= response.status_code < 500

    assert (await mcp.call("dev_get_quotation_status", {})).is_error
