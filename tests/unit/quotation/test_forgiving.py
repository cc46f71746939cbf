"""Habits of callers, in any mix: what is certain makes the same quotation, and what is not is refused."""

import json
import math
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gateway.field_errors import field_errors
from quotation.forgiving.names import is_host_addition, unknown_field
from quotation.identity import fingerprint
from quotation.request import LineRequest, QuotationRequest
from tests.unit.quotation.strategies import bodies

TEXTS = ["contact_name", "phone", "product", "currency", "notes"]
NUMBERS = ["product_qty", "product_price"]
IDS = ["product_id", "user_id"]
REQUIRED = ["partner_name", "email", "lead_name"]

nothings: st.SearchStrategy[Any] = st.sampled_from(
    [None, "", " ", "\t\n", [], {}, "null", "None", " NULL ", "undefined", "N/A", "n/a", "'null'", "{{phone}}"]
)
no_ids = nothings | st.sampled_from([0, "0", 0.0, "0.0", "00"])
blanks = st.sampled_from(["", " ", "\n", "\u00a0"])


@st.composite
def dressed(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a valid body, and the same request as somebody may send it."""
    plain = draw(bodies)
    worn = _fields(draw, plain, QuotationRequest, ["lines", *LineRequest.model_fields])
    if "lines" in plain:
        lines = [draw(_as_object(_fields(draw, line, LineRequest, []))) for line in plain["lines"]]
        worn["lines"] = draw(_as_text(lines))
        worn |= draw(_single_beside(plain["lines"]))
    else:
        worn |= _fields(
            draw, {name: plain[name] for name in LineRequest.model_fields if name in plain}, LineRequest, []
        )
        empty = st.sampled_from([{}, {"product_id": 0, "product": "", "product_qty": 1, "product_price": "-1"}])
        worn |= draw(
            st.fixed_dictionaries({}, optional={"lines": nothings | st.lists(empty, max_size=2).flatmap(_as_text)})
        )
    return plain, worn


def _fields(draw: st.DrawFn, plain: dict[str, Any], model: type[Any], left_out: list[str]) -> dict[str, Any]:
    worn: dict[str, Any] = {}
    for name in model.model_fields:
        if name in left_out:
            continue
        value = plain.get(name)
        if value not in (None, ""):
            worn[name] = draw(_habit(name, value))
        elif draw(st.booleans()):
            worn[name] = draw(no_ids if name in IDS else nothings)
    return worn


def _habit(name: str, value: Any) -> st.SearchStrategy[Any]:
    if name in IDS or name in NUMBERS:
        return _numeral(Decimal(str(value)), name)
    if name == "notes":
        return st.just(value)
    around = st.tuples(blanks, blanks).map(lambda ends: f"{ends[0]}{value}{ends[1]}")
    if value.isascii() and value.isdigit() and value[0] != "0":
        return around | st.just(int(value))
    return around


def _numeral(number: Decimal, name: str) -> st.SearchStrategy[Any]:
    forms: list[Any] = [float(number), f" {float(number)!r} "]
    if number == number.to_integral_value():
        whole = int(number)
        forms = [whole, float(whole), str(whole), f"{whole}.0", f" {whole} ", f"{whole}.00", f"{whole},0"]
        forms += [form for form in (f"{whole:,}.00", f"{whole:,}".replace(",", "'")) if whole > 999]
        forms += [f"{whole:,}"] * (whole > 999_999) + [f"${whole}"] * (name == "product_price" and whole >= 0)
    return st.sampled_from([form for form in forms if not _is_ambiguous(form)])


def _is_ambiguous(form: object) -> bool:
    return isinstance(form, str) and "." in form and len(form.strip().partition(".")[2]) == 3


def _as_object(line: dict[str, Any]) -> st.SearchStrategy[Any]:
    return st.sampled_from([line, json.dumps(line)])


def _as_text(lines: list[Any]) -> st.SearchStrategy[Any]:
    return st.sampled_from([lines, json.dumps(lines), json.dumps(json.dumps(lines))])


def _single_beside(lines: list[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    none = st.fixed_dictionaries(
        {}, optional={"product_id": no_ids, "product": nothings, "product_qty": nothings | st.just("1.0")}
    )
    return none if len(lines) > 1 else none | st.just(lines[0])


@given(dressed())
def test_a_request_in_any_mix_of_habits_is_the_same_quotation(pair: tuple[dict[str, Any], dict[str, Any]]) -> None:
    plain, worn = map(QuotationRequest.model_validate, pair)

    assert worn.order_lines == plain.order_lines
    assert fingerprint(worn) == fingerprint(plain)


@given(dressed())
def test_what_was_read_once_is_read_the_same_again(pair: tuple[dict[str, Any], dict[str, Any]]) -> None:
    worn = QuotationRequest.model_validate(pair[1])
    assert QuotationRequest.model_validate(worn.model_dump(mode="json")) == worn


_groups = st.tuples(st.integers(1, 9999), st.sampled_from(".,"), st.integers(0, 999))
two_readings = _groups.map(lambda parts: f"{parts[0]}{parts[1]}{parts[2]:03}")
no_numbers: st.SearchStrategy[Any] = (
    two_readings
    | st.sampled_from(
        [True, False, math.inf, "-inf", math.nan, "NaN", [1], "dos", "2 piezas", "15 USD", "1,5,0", "1-2"]
    )
    | st.tuples(st.integers(1, 99), st.sampled_from(["kg", " pz", "%", "x", " 5", ",50.00"])).map(
        lambda parts: f"{parts[0]}{parts[1]}"
    )
)
wrong = st.one_of(
    st.tuples(st.sampled_from(IDS + NUMBERS), no_numbers),
    st.tuples(st.sampled_from(REQUIRED), st.sampled_from(["null", "N/A", "", None, " undefined "])),
    st.tuples(st.sampled_from(REQUIRED + TEXTS), st.sampled_from([True, ["x"], {"x": 1}, 1.5])),
    st.tuples(st.sampled_from(["productQty", "cantidad", "correo", "sessionId", "note", "x"]), st.just("1")),
)


@given(dressed(), wrong)
def test_whatever_is_not_certain_is_refused_by_the_name_of_its_field(
    pair: tuple[dict[str, Any], dict[str, Any]], fault: tuple[str, Any]
) -> None:
    name, value = fault
    with pytest.raises(ValidationError) as raised:
        QuotationRequest.model_validate(pair[1] | {name: value})
    fields = [error.field for error in field_errors(raised.value.errors())]
    assert name in fields


@given(two_readings)
def test_both_readings_of_a_numeral_are_told(numeral: str) -> None:
    with pytest.raises(ValidationError) as raised:
        LineRequest.model_validate({"product_id": 1, "product_price": numeral})
    [error] = field_errors(raised.value.errors())
    whole, decimals = numeral.replace(",", ".").split(".")
    assert error.field == "product_price"
    for reading in (Decimal(whole + decimals), Decimal(f"{whole}.{decimals}").normalize()):
        assert f" as {reading:f}" in error.message


@pytest.mark.parametrize(
    "name", ["tool", "toolCallId", "sessionId", "action", "chatInput", "tool_call_id", "session-id", "metadata"]
)
def test_additions_of_hosts_are_known_in_any_spelling(name: str) -> None:
    assert is_host_addition(name)
    assert not is_host_addition(f"{name}_of_ours")


def test_no_field_of_ours_is_taken_for_an_addition_of_hosts() -> None:
    assert not [name for name in QuotationRequest.model_fields if is_host_addition(name)]


@pytest.mark.parametrize(
    ("name", "meant"),
    [("customer_email", "email"), ("phoneNumber", "phone"), ("precio_unitario", "product_price")],
)
def test_the_last_word_of_a_name_says_what_it_is(name: str, meant: str) -> None:
    assert unknown_field(name, QuotationRequest.model_fields) == f"is not a known field; did you mean {meant}?"


def test_no_more_than_ten_unknown_fields_are_looked_up() -> None:
    # a body of 256 KiB may have 30,000 of them, and looking for a name takes a quarter of a millisecond
    with pytest.raises(ValidationError) as raised:
        QuotationRequest.model_validate({f"field_{number}": 1 for number in range(1000)})
    unknown = [problem for problem in raised.value.errors() if problem["type"] == "unknown_field"]
    assert len(unknown) == 10
