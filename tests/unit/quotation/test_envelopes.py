"""Calls in the envelopes of platforms and frameworks, and fields that platforms put beside the arguments."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from quotation.forgiving.envelopes import opened
from quotation.forgiving.names import is_host_addition
from quotation.request import QuotationRequest
from tests.support.requests import REQUEST
from tests.unit.quotation.strategies import bodies

FIELDS = list(QuotationRequest.model_fields)

NAMES = [
    *("args", "arguments", "body", "data", "input", "inputs", "json", "kwargs"),
    *("params", "parameters", "payload", "request", "tool_input", "toolInput"),
]
CALL = {"call_id": "c1", "transcript": "", "args": {"email": "otro@acme.mx"}}
AROUND: list[dict[str, Any]] = [
    {},
    {"args": []},
    {"arguments": None, "kwargs": ""},
    {"name": "crear_cotizacion", "call": CALL},
    {"call": CALL, "execution_message": "Un momento."},
    {"toolCallId": "call_1", "sessionId": "s", "metadata": {"x": 1}},
]
"""Further members of an envelope, beside the one with the fields."""

RETELL_FLAT = {"call": CALL, "execution_message": "Un momento."}


@given(body=bodies, name=st.sampled_from(NAMES), around=st.sampled_from(AROUND), as_text=st.booleans())
def test_an_envelope_is_opened(body: dict[str, Any], name: str, around: dict[str, Any], *, as_text: bool) -> None:
    plain = json.loads(json.dumps(body, default=float))
    content = json.dumps(plain) if as_text else plain

    assert opened({**around, name: content}, FIELDS) == plain
    assert QuotationRequest.model_validate({**around, name: content}) == QuotationRequest.model_validate(plain)


def test_what_retell_puts_beside_the_fields_is_left_out() -> None:
    assert opened(REQUEST | RETELL_FLAT, FIELDS) == REQUEST


@pytest.mark.parametrize(
    "uncertain",
    [
        # a field of ours beside it, two of them, nothing of ours inside, no object, or too deep
        {"email": "a@acme.mx", "data": REQUEST},
        {"input": REQUEST, "args": REQUEST},
        {"input": REQUEST, "args": {"x": 1}},
        {"input": REQUEST, "cliente": "Acme"},
        {"data": {"x": 1}},
        {"input": [REQUEST]},
        {"input": "robot"},
        {"message": {"toolCallList": [{"arguments": REQUEST}]}},
        {"input": {"input": REQUEST}},
        {"call": "c1", "input": REQUEST},
        {"input": REQUEST, **{f"arguments{number}": None for number in range(20)}},
    ],
)
def test_anything_else_is_left_as_it_is_and_refused(uncertain: dict[str, Any]) -> None:
    assert opened(uncertain, FIELDS) == uncertain
    with pytest.raises(ValidationError):
        QuotationRequest.model_validate(uncertain)


@pytest.mark.parametrize("encoded", [json.dumps(REQUEST), json.dumps(json.dumps(REQUEST))])
def test_a_request_may_come_as_its_json_text(encoded: str) -> None:
    assert QuotationRequest.model_validate(encoded) == QuotationRequest.model_validate(REQUEST)


@pytest.mark.parametrize("name", ["task_progress", "taskProgress", "execution_message"])
def test_what_further_hosts_add_is_known(name: str) -> None:
    assert is_host_addition(name)
