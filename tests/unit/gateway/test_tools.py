"""How the arguments of an MCP tool are shared among its models."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from mcp_types import Tool as Definition
from pydantic import BaseModel
from temporalio.client import Client

from gateway.mcp.tools.arguments import StartOptions
from gateway.mcp.tools.tool import Tool, WrongArgumentsError
from gateway.mcp.tools.toolbox import Toolbox
from gateway.service.callers import LOCAL
from gateway.service.quotations import QuotationService
from gateway.settings import GatewaySettings
from quotation.request import QuotationRequest

REQUEST: dict[str, Any] = {
    "partner_name": "Acme Corp",
    "email": "acme@corp.test",
    "lead_name": "Robot",
    "product_id": 26174,
}


HOST_ADDITIONS = ["tool", "toolCallId", "sessionId", "action", "chatInput", "security_context", "metadata"]

DEFINITION = Definition(name="dev_create_quotation", input_schema={"type": "object"})


async def _call(*_: object) -> BaseModel:
    raise NotImplementedError


@pytest.fixture
def tools(nowhere: Client) -> list[Tool]:
    return Toolbox(QuotationService(nowhere, GatewaySettings())).usable_by(LOCAL)


@pytest.fixture
def create(tools: list[Tool]) -> Tool:
    """The tool that starts a quotation."""
    return tools[0]


def test_request_and_options_come_in_one_object(create: Tool) -> None:
    request, options = create.parse(REQUEST | {"dry_run": True, "idempotency_key": "key", "notes": None})

    assert request == QuotationRequest.model_validate(REQUEST)
    assert options == StartOptions(dry_run=True, idempotency_key="key")


def test_the_wrong_arguments_of_all_models_are_named_at_once(create: Tool) -> None:
    wrong = {"email": "SECRET", "idempotency_key": "ñ", "dry_run": "SECRET", "discount": "SECRET"}

    with pytest.raises(WrongArgumentsError) as refused:
        create.parse(REQUEST | wrong)

    assert str(refused.value).startswith("Wrong arguments: ")
    assert all(f"{name}: " in str(refused.value) for name in wrong)
    assert "SECRET" not in str(refused.value)


@given(additions=st.dictionaries(st.sampled_from(HOST_ADDITIONS), st.text() | st.none() | st.integers()))
def test_what_hosts_add_is_ignored(additions: dict[str, Any]) -> None:
    tool = Tool(DEFINITION, (QuotationRequest, StartOptions), _call)
    assert tool.parse(REQUEST | additions) == tool.parse(REQUEST)


def test_an_unknown_argument_is_told_with_the_one_that_was_meant(create: Tool) -> None:
    unknown = {"idempotencyKey": "SECRET", "cantidad": 2, "lines": [{"product_id": 1, "qty": 2}]}
    with pytest.raises(WrongArgumentsError) as refused:
        create.parse(REQUEST | unknown)
    for name, meant in (
        ("idempotencyKey", "idempotency_key"),
        ("cantidad", "product_qty"),
        ("qty", "product_qty"),
    ):
        assert f"{name}: is not a known field; did you mean {meant}?" in str(refused.value)
    assert "SECRET" not in str(refused.value)


def test_a_client_that_must_fill_in_every_argument_can(tools: list[Tool]) -> None:
    nothing: dict[str, Any] = {"string": "", "integer": 0, "array": []}
    for tool in tools:
        schema = tool.definition.input_schema
        required = schema.get("required", [])
        given = REQUEST | ({"tracking_id": "quot_abc123def456"} if "tracking_id" in required else {})
        given |= {"query": "acme"} if "query" in required else {}
        filled: dict[str, Any] = {}
        for name, part in schema["properties"].items():
            if name == "corrections":
                filled[name] = {field: nothing[of["type"]] for field, of in part["properties"].items()}
            else:
                filled[name] = given.get(name, part.get("default", nothing.get(part["type"])))
        Draft202012Validator(schema).validate(filled)
        needed = {name: filled[name] for name in [*required, *(REQUEST.keys() & filled.keys())]}
        parsed, plain = tool.parse(filled), tool.parse(needed)
        if "corrections" in filled:
            assert QuotationRequest.filled_in(filled["corrections"]) == {}
        else:
            assert parsed == plain, tool.definition.name


def test_no_argument_belongs_to_two_models() -> None:
    assert not QuotationRequest.model_fields.keys() & StartOptions.model_fields.keys()


def test_the_schema_names_each_argument(create: Tool) -> None:
    models: list[type[BaseModel]] = [QuotationRequest, StartOptions]
    assert list(create.definition.input_schema["properties"]) == [
        name for model in models for name in model.model_fields
    ]
