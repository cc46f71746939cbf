"""The OpenAPI document as a whole."""

from typing import Any

import pytest
from temporalio.client import Client

from gateway.app import create_app
from gateway.settings import GatewaySettings

Operations = dict[tuple[str, str], dict[str, Any]]


@pytest.fixture
def operations(nowhere: Client) -> Operations:
    paths = create_app(GatewaySettings(), nowhere).openapi()["paths"]
    return {(method, path): of for path, methods in paths.items() for method, of in methods.items()}


def parameters(operation: dict[str, Any]) -> set[str]:
    return {parameter["name"] for parameter in operation.get("parameters", [])}


def test_each_operation_has_an_id_of_its_own(operations: Operations) -> None:
    ids = [operation["operationId"] for operation in operations.values()]
    assert len(set(ids)) == len(ids)


def test_what_a_path_names_is_a_parameter(operations: Operations) -> None:
    for (_, path), operation in operations.items():
        for name in ("environment", "tracking_id"):
            assert (name in parameters(operation)) == (f"{{{name}}}" in path)


def test_every_path_under_api_takes_refusals_in_the_body(operations: Operations) -> None:
    taking = {path for (_, path), operation in operations.items() if "errors" in parameters(operation)}
    assert taking == {path for _, path in operations if path.startswith("/api/")}
