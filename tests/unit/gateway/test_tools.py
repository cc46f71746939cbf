"""How the arguments of an MCP tool are shared among its models."""

from typing import Any

import pytest
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


@pytest.fixture
def create(nowhere: Client) -> Tool:
    """The tool that starts a quotation."""
    return Toolbox(QuotationService(nowhere, GatewaySettings())).usable_by(LOCAL)[0]


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


def test_no_argument_belongs_to_two_models() -> None:
    assert not QuotationRequest.model_fields.keys() & StartOptions.model_fields.keys()


def test_the_schema_names_each_argument(create: Tool) -> None:
    models: list[type[BaseModel]] = [QuotationRequest, StartOptions]
    assert list(create.definition.input_schema["properties"]) == [
        name for model in models for name in model.model_fields
    ]
