"""The tools that docs/voice-agents.md offers to paste must fit the gateway."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from gateway.rest.answers import AcceptedQuotation
from quotation.lookups import ProductQuery
from quotation.request import QuotationRequest

TEXT = (Path(__file__).parents[3] / "docs" / "voice-agents.md").read_text()
DEFINITIONS = [json.loads(text) for text in re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)]
WEBHOOKS = {tool["name"]: tool for tool in DEFINITIONS if tool["type"] == "webhook"}
TOOLS = {name: tool["api_schema"] for name, tool in WEBHOOKS.items()}
[VAPI] = [tool for tool in DEFINITIONS if tool["type"] == "apiRequest"]


def test_the_three_tools_are_there() -> None:
    assert set(TOOLS) == {"buscar_producto", "crear_cotizacion", "estado_cotizacion"}


def test_the_start_asks_for_what_a_request_needs() -> None:
    schema = TOOLS["crear_cotizacion"]["request_body_schema"]
    fields = QuotationRequest.model_fields
    assert set(schema["properties"]) <= set(fields)
    needed = {name for name, field in fields.items() if field.is_required()}
    assert needed | {"product_id"} == set(schema["required"])
    assert "Conversation-Id" in TOOLS["crear_cotizacion"]["request_headers"]


def test_the_search_asks_for_what_a_look_up_knows() -> None:
    assert set(TOOLS["buscar_producto"]["query_params_schema"]["properties"]) <= set(ProductQuery.model_fields)


@pytest.mark.parametrize(
    ("tool", "path", "parameters"),
    [
        ("buscar_producto", "/api/products", {"errors": ["body"]}),
        ("crear_cotizacion", "/api/quotation/async", {"errors": ["body"]}),
        ("estado_cotizacion", "/api/quotation/status/{tracking_id}", {"wait": ["15"], "errors": ["body"]}),
    ],
)
def test_the_addresses_are_those_of_the_gateway(tool: str, path: str, parameters: dict[str, Any]) -> None:
    url = urlsplit(TOOLS[tool]["url"])
    assert (url.path, parse_qs(url.query)) == (path, parameters)


def test_the_tracking_id_does_not_pass_through_the_model() -> None:
    [assignment] = WEBHOOKS["crear_cotizacion"]["assignments"]
    taken = TOOLS["estado_cotizacion"]["path_params_schema"]["tracking_id"]
    assert assignment["value_path"] in AcceptedQuotation.model_fields
    # ElevenLabs takes one source of a value: a description would be another
    assert taken == {"type": "string", "dynamic_variable": assignment["dynamic_variable"]}


def test_a_tool_of_vapi_asks_for_the_same() -> None:
    url = urlsplit(VAPI["url"])
    webhook = TOOLS["crear_cotizacion"]["request_body_schema"]
    assert (url.path, parse_qs(url.query)) == ("/api/quotation/async", {"wait": ["15"], "errors": ["body"]})
    assert VAPI["body"]["required"] == webhook["required"]
    assert VAPI["body"]["properties"].items() <= webhook["properties"].items()
    assert VAPI["headers"]["properties"].keys() == TOOLS["crear_cotizacion"]["request_headers"].keys()


def test_every_wait_ends_before_the_platform_gives_up() -> None:
    for tool in DEFINITIONS:
        seconds = tool.get("response_timeout_secs") or tool["timeoutSeconds"]
        url = tool.get("url") or tool["api_schema"]["url"]
        assert int(parse_qs(urlsplit(url).query).get("wait", ["0"])[0]) + 8 <= seconds
