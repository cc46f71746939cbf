"""The tools that docs/voice-agents.md offers to paste must fit the gateway."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from quotation.lookups import ProductQuery
from quotation.request import QuotationRequest

TEXT = (Path(__file__).parents[3] / "docs" / "voice-agents.md").read_text()
TOOLS = {
    tool["name"]: tool["api_schema"] for tool in map(json.loads, re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL))
}


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
        ("buscar_producto", "/api/products", {}),
        ("crear_cotizacion", "/api/quotation/async", {"errors": ["body"]}),
        ("estado_cotizacion", "/api/quotation/status/{tracking_id}", {"wait": ["15"], "errors": ["body"]}),
    ],
)
def test_the_addresses_are_those_of_the_gateway(tool: str, path: str, parameters: dict[str, Any]) -> None:
    url = urlsplit(TOOLS[tool]["url"])
    assert (url.path, parse_qs(url.query)) == (path, parameters)
