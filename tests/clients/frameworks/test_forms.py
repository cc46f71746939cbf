"""The checks of providers' forms find what they are for."""

from typing import Any

import pytest

from tests.clients.frameworks.forms import lost, strict_faults

INNER: dict[str, Any] = {
    "type": "object",
    "properties": {"id": {"type": "integer"}},
    "required": ["id"],
    "additionalProperties": False,
}
STRICT: dict[str, Any] = {
    "type": "object",
    "properties": {"lines": {"type": "array", "items": INNER}},
    "required": ["lines"],
    "additionalProperties": False,
}


def with_lines(**change: Any) -> dict[str, Any]:
    return STRICT | {"properties": {"lines": {"type": "array", "items": INNER | change}}}


@pytest.mark.parametrize(
    ("schema", "faults"),
    [
        (STRICT, []),
        (STRICT | {"required": []}, [": required must name every property"]),
        (with_lines(required=[]), [".lines[]: required must name every property"]),
        (with_lines(additionalProperties={}), [".lines[]: additionalProperties must be false"]),
        (with_lines(properties={"id": {"type": "integer", "ge": 0}}), [".lines[].id: ge is not permitted"]),
        (STRICT | {"properties": {"lines": {"type": "array"}}}, [".lines: items must have a type"]),
    ],
)
def test_faults_of_a_strict_schema_are_found(schema: dict[str, Any], faults: list[str]) -> None:
    assert strict_faults(schema) == faults


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        ({}, []),
        ({"required": []}, [".lines[]: required"]),
        ({"properties": {}}, [".lines[].id is gone"]),
        ({"properties": {"id": {"type": "string"}}}, [".lines[].id: type"]),
    ],
)
def test_losses_are_found(change: dict[str, Any], faults: list[str]) -> None:
    assert lost(STRICT, with_lines(**change), "type", "required") == faults


def test_a_description_may_be_framed_and_not_lost() -> None:
    ours = STRICT | {"description": "What it is."}
    assert lost(ours, STRICT | {"description": "<<What it is.>>"}) == []
    assert lost(ours, STRICT) == [": description"]
