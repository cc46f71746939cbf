import json
import math
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gateway.field_errors import field_errors
from quotation.lookups import PartnerQuery
from quotation.request import LineRequest, QuotationRequest
from tests.support.requests import ABSENT, REQUEST, body, request
from tests.unit.quotation.strategies import bodies, requests

TEXTS = {"partner_name": 200, "contact_name": 200, "phone": 64, "lead_name": 200}
"""The one-line texts besides the address, with the most characters each may have."""

INTEGERS = ["product_id", "user_id"]
DECIMALS = ["product_qty", "product_price"]
REQUIRED = ["partner_name", "email", "lead_name"]
OPTIONAL = ["contact_name", "phone", "product_qty", "product_price", "user_id", "lines", "notes"]
LINE = {"product_id": 7}

CONTROLS = [chr(code) for code in [*range(0x20), *range(0x7F, 0xA0)]]
NOT_IN_XML = ["\ufffe", "\uffff", "\ud800", "\udbff", "\udc00", "\udfff"]
BLANKS = [*"\u00a0\u1680\u2000\u2003\u2007\u200a\u2028\u2029\u202f\u205f\u3000"]
"""Blanks (Unicode Z) of typesetters."""
INVISIBLE = [
    *"\u00ad\u034f\u061c\u180e\u200b\u200d\u200e\u2060\u2063\ufeff\ufe0f\u115f\u3164\uffa0\u2800",
    "\U000e0041",
]
"""Characters that show nothing: format characters, fillers, variation selectors, tags."""


def refusal(**fields: Any) -> list[tuple[tuple[int | str, ...], str]]:
    """Return the errors of the request, as pairs of path and message."""
    with pytest.raises(ValidationError) as raised:
        request(**fields)
    return [(problem["loc"], problem["msg"]) for problem in raised.value.errors()]


def refused_field(**fields: Any) -> tuple[int | str, ...]:
    """Return the path of the request's only error."""
    ((path, _),) = refusal(**fields)
    return path


def is_taken(**fields: Any) -> bool:
    try:
        request(**fields)
    except ValidationError:
        return False
    return True


# texts


@pytest.mark.parametrize("field", REQUIRED)
@pytest.mark.parametrize("value", [ABSENT, None, "", " ", "\t\n", "\u00a0\u3000"])
def test_a_required_text_must_be_there_and_not_blank(field: str, value: object) -> None:
    assert refused_field(**{field: value}) == (field,)


@pytest.mark.parametrize("field", ["partner_name", "lead_name"])
def test_a_required_text_of_typographic_blanks_is_blank(field: str) -> None:
    assert [blank for blank in BLANKS if is_taken(**{field: blank * 2})] == []


@pytest.mark.parametrize("field", ["partner_name", "lead_name"])
def test_a_required_text_that_shows_nothing_is_blank(field: str) -> None:
    texts = [*INVISIBLE, "".join(INVISIBLE), " \u200b ", "\u00a0\ufeff\u2003"]
    assert [text for text in texts if is_taken(**{field: text})] == []
    assert refusal(**{field: "\u200b"}) == [((field,), "Value error, must not be blank")]


@pytest.mark.parametrize("name", ["x", "7", "&", "株式会社", "🤖", "\u200bAcme\u200b", "می\u200cخواهم", "\ue000"])
def test_a_text_that_shows_something_is_kept_as_it_is(name: str) -> None:
    assert request(partner_name=name).partner_name == name


@pytest.mark.parametrize(("field", "longest"), TEXTS.items())
def test_a_text_may_be_as_long_as_the_reference_says(field: str, longest: int) -> None:
    text = "ñ" * longest
    assert getattr(request(**{field: text}), field) == text
    assert refused_field(**{field: text + "ñ"}) == (field,)


@pytest.mark.parametrize(("field", "longest"), TEXTS.items())
def test_a_text_is_measured_after_stripping(field: str, longest: int) -> None:
    assert getattr(request(**{field: f" \t\r\n{'x' * longest}\u00a0\u3000\n"}), field) == "x" * longest


def test_a_character_outside_the_basic_plane_is_one_character() -> None:
    assert request(partner_name="🤖" * 200).partner_name == "🤖" * 200


def test_notes_may_have_4000_characters_and_stay_as_typed() -> None:
    notes = " \tprimera línea\r\n\n  segunda <b>&\u2003 "
    assert request(notes=notes).notes == notes
    assert len(request(notes="x" * 4000).notes) == 4000
    assert refused_field(notes="x" * 4001) == ("notes",)


@pytest.mark.parametrize("field", [*TEXTS, "email", "notes"])
@pytest.mark.parametrize("value", [-5, 1.5, 1e300, True, ["x"], {"x": "y"}])
def test_a_text_is_a_string(field: str, value: object) -> None:
    assert refused_field(**{field: value}) == (field,)


@pytest.mark.parametrize("field", TEXTS)
def test_a_text_holds_nothing_that_xml_cannot_carry(field: str) -> None:
    refused = CONTROLS + NOT_IN_XML
    assert [character for character in refused if is_taken(**{field: f"Ac{character}me"})] == []


def test_a_control_character_at_the_edge_is_no_blank_to_strip() -> None:
    texts = [text for control in set(CONTROLS) - {*"\n\r\t"} for text in (f"{control}Acme", f"Acme{control}")]
    assert [text for text in texts if is_taken(partner_name=text)] == []


def test_notes_hold_line_breaks_and_tabs_and_no_other_control_character() -> None:
    assert [control for control in CONTROLS if is_taken(notes=f"uno{control}dos")] == ["\t", "\n", "\r"]
    assert [character for character in NOT_IN_XML if is_taken(notes=f"uno{character}dos")] == []


def test_an_address_holds_nothing_that_xml_cannot_carry() -> None:
    addresses = [text.format(it) for it in CONTROLS + NOT_IN_XML for text in ("a{}b@corp.mx", "ab@co{}rp.mx")]
    assert [address for address in addresses if is_taken(email=address)] == []


@pytest.mark.parametrize("character", ["\U0001f916", "\U0001fffe", "\u0301", "\u200f", "\ufffd"])
def test_every_other_character_is_taken(character: str) -> None:
    taken = request(partner_name=f"Ac{character}me", notes=character)
    assert (taken.partner_name, taken.notes) == (f"Ac{character}me", character)


# the address


@pytest.mark.parametrize(
    "address",
    [
        "acme@corp.com",
        "ACME@Corp.COM",
        "a@b.mx",
        "compras.mx+robots@sub.acme-corp.com.mx",
        "o'higgins%x_y@acme.mx",
        "acme@corp.test",
        "acme@corp.local",
        "acme@corp.invalid",
        "acme@corp.example",
        "acme@example.com",
        "acme@mail.localhost",
        "ñandú@acme.mx",
        "acme@ñandú.mx",
        "acme@xn--and-6ma2c.mx",
    ],
)
def test_a_bare_address_is_taken_as_it_was_typed(address: str) -> None:
    assert request(email=address).email == address
    assert request(email=f" {address}\n").email == address


@pytest.mark.parametrize(
    "address",
    [
        "acme",
        "acme@",
        "@corp.com",
        "acme@corp",
        "acme@localhost",
        "acme corp@corp.com",
        "acme@corp .com",
        "acme@@corp.com",
        "acme..x@corp.com",
        ".acme@corp.com",
        "acme.@corp.com",
        "acme@.corp.com",
        "acme@corp..com",
        "acme@-corp.com",
        "acme@corp.com.",
        "acme@corp_x.com",
        "acme@[127.0.0.1]",
        "acme@127.0.0.1",
        '"acme corp"@corp.com',
        "<acme@corp.com>",
        "Acme <acme@corp.com>",
        "Acme acme@corp.com",
        "acme@corp.com (Acme)",
        "mailto:acme@corp.com",
        "acme@corp.com, otra@corp.com",
        "acme@corp.com;otra@corp.com",
        "acme arroba corp punto com",
        "a" * 250 + "@corp.com",
    ],
)
def test_anything_else_is_no_address(address: str) -> None:
    assert refused_field(email=address) == ("email",)


def test_the_address_is_compared_in_lower_case() -> None:
    assert request(email="ACME.Compras@Corp.COM").normalized_email == "acme.compras@corp.com"


# numbers


@pytest.mark.parametrize("field", INTEGERS)
@pytest.mark.parametrize(
    ("value", "number"),
    [
        (1, 1),
        (2.0, 2),
        ("2", 2),
        (" 2 ", 2),
        ("+2", 2),
        ("2.0", 2),
        ("1e3", 1000),
        (2**31 - 1, 2**31 - 1),
        ("2147483647.00", 2**31 - 1),
    ],
)
def test_an_integer_may_come_as_a_whole_number_or_numeral(field: str, value: object, number: int) -> None:
    taken = getattr(request(**{field: value}), field)
    assert (taken, type(taken)) == (number, int)


@pytest.mark.parametrize("field", INTEGERS)
@pytest.mark.parametrize("value", [-1, "-1", 1.5, "1.5", 2**31, "2147483648", 2**63, 10**30, 10**400, 1e300])
def test_an_integer_must_be_whole_and_in_range(field: str, value: object) -> None:
    assert refused_field(**{field: value}) == (field,)


def test_a_product_id_starts_at_1_and_a_user_id_at_0() -> None:
    assert refusal(product_id=0) == refusal(product_id=ABSENT)
    assert request(user_id=0).user_id == 0
    assert request(user_id="0").user_id == 0


@pytest.mark.parametrize("field", INTEGERS + DECIMALS)
@pytest.mark.parametrize("value", [True, False])
def test_a_boolean_is_no_number(field: str, *, value: bool) -> None:
    assert refused_field(**{field: value}) == (field,)


@pytest.mark.parametrize("field", INTEGERS + DECIMALS)
@pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan])
def test_a_number_is_finite(field: str, number: float) -> None:
    for value in (number, str(number), Decimal(number), json.loads(json.dumps(number))):
        assert refused_field(**{field: value}) == (field,)


@pytest.mark.parametrize("field", INTEGERS + DECIMALS)
@pytest.mark.parametrize(
    "value",
    [
        "x",
        "dos",
        "1_000",
        "1 00",
        "1 2",
        "1,50.00",
        "1,500,00",
        "12,34,567",
        "1.500.00",
        "1,",
        ",5",
        "1'500,000",
        "2 piezas",
        "2pz",
        "x2",
        "1/2",
        "50%",
        "MX$1",
        "1 USD",
        "€1",
        "(1)",
        "0x10",
        "1e",
        "e5",
        ".",
        "--1",
        "$$1",
        "１",
        "٣",
        "1e1000",
        "Infinity",
        "NaN",
        "9" * 65,
        "true",
        [1],
        {"value": 1},
    ],
)
def test_what_is_no_numeral_is_no_number(field: str, value: object) -> None:
    assert refused_field(**{field: value}) == (field,)


@pytest.mark.parametrize(
    ("value", "quantity"),
    [
        (0.01, "0.01"),
        ("0.01", "0.01"),
        (1, "1"),
        (2.5, "2.5"),
        (2.25, "2.25"),
        (0.07, "0.07"),
        ("2.50", "2.5"),
        ("0.500", "0.5"),
        ("2,5", "2.5"),
        ("0,25", "0.25"),
        ("1,500.00", "1500"),
        ("1.500,50", "1500.5"),
        ("1,500.000", "1500"),
        ("123,456.7", "123456.7"),
        ("1 500", "1500"),
        ("1\u00a0500,5", "1500.5"),
        ("1'500", "1500"),
        ("1e2", "100"),
        (".5", "0.5"),
        (1_000_000, "1000000"),
        ("1000000.00", "1000000"),
        (999_999.99, "999999.99"),
    ],
)
def test_a_quantity_has_at_most_two_decimals(value: object, quantity: str) -> None:
    assert request(product_qty=value).product_qty == Decimal(quantity)


@pytest.mark.parametrize(
    "value",
    [
        0,
        0.0,
        "0",
        -1,
        0.1 + 0.2,
        0.001,
        0.009,
        "0.005",
        2.345,
        "2.001",
        "1.00000000000000000001",
        1_000_000.01,
        1e300,
        10**400,
    ],
)
def test_any_other_quantity_is_refused(value: object) -> None:
    assert refused_field(product_qty=value) == ("product_qty",)


@pytest.mark.parametrize(
    ("value", "price"),
    [
        (-1, "-1"),
        ("-1", "-1"),
        (-1.0, "-1"),
        (0, "0"),
        (-0.0, "0"),
        (0.001, "0.001"),
        (15950, "15950"),
        ("15950.00", "15950"),
        (15950.123, "15950.123"),
        (10**12, "1000000000000"),
        ("1e12", "1000000000000"),
    ],
)
def test_a_price_is_0_or_more_or_the_one_that_odoo_computes(value: object, price: str) -> None:
    assert request(product_price=value).product_price == Decimal(price)


@pytest.mark.parametrize("value", [-0.5, "-0.01", -1.5, -2, "-1.01", 1e12 + 1, "1000000000000.01", 1e300, 10**400])
def test_any_other_price_is_refused(value: object) -> None:
    assert refused_field(product_price=value) == ("product_price",)


# lines


def test_one_product_is_one_line_with_the_defaults() -> None:
    assert request().order_lines == [LineRequest(product_id=26174)]
    (line,) = request().order_lines
    assert line.model_dump() == {"product_id": 26174, "product": "", "product_qty": 1, "product_price": -1}
    (line,) = request(product_qty=3, product_price="13000.50").order_lines
    expected = {"product_id": 26174, "product": "", "product_qty": 3, "product_price": Decimal("13000.5")}
    assert line.model_dump() == expected


def test_lines_have_the_same_defaults_and_keep_their_order() -> None:
    lines = [{"product_id": 9}, {"product_id": "8", "product_qty": "2.0", "product_price": 5}, {"product_id": 9}]
    taken = [list(line.model_dump().values()) for line in request(product_id=ABSENT, lines=lines).order_lines]
    assert taken == [[9, "", 1, -1], [8, "", 2, 5], [9, "", 1, -1]]


@pytest.mark.parametrize("count", [1, 2, 50])
def test_there_may_be_1_to_50_lines(count: int) -> None:
    assert len(request(product_id=ABSENT, lines=[LINE] * count).order_lines) == count


@pytest.mark.parametrize("lines", [[LINE] * 51, "7", 7, True, LINE, '{"product_id": 7}', "[7", "NaN", "x" * 9999])
def test_any_other_lines_are_refused(lines: object) -> None:
    assert refused_field(product_id=ABSENT, lines=lines)[0] == "lines"


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ({"product_id": 2**31}, "product_id"),
        ({"product_id": True}, "product_id"),
        (LINE | {"product_qty": 0}, "product_qty"),
        (LINE | {"product_qty": 2.345}, "product_qty"),
        (LINE | {"product_qty": 1_000_001}, "product_qty"),
        (LINE | {"product_price": -2}, "product_price"),
        (LINE | {"product_price": 2e12}, "product_price"),
        (LINE | {"product_price": "nan"}, "product_price"),
        (LINE | {"name": "Robot"}, "name"),
        (LINE | {"lines": [LINE]}, "lines"),
    ],
)
def test_a_line_has_the_rules_of_the_single_product(line: object, path: str) -> None:
    assert refused_field(product_id=ABSENT, lines=[LINE, line]) == ("lines", 1, path)


@pytest.mark.parametrize(
    "line", [{}, {"product_id": None}, {"product_id": 0}, {"product": " "}, {"product_qty": 2}]
)
def test_a_line_names_a_product(line: object) -> None:
    with pytest.raises(ValidationError) as raised:
        request(product_id=ABSENT, lines=[LINE, line])
    [error] = field_errors(raised.value.errors())
    assert (error.field, error.message) == ("lines.1.product_id", "product_id or product is required")


@pytest.mark.parametrize("line", [7, "7", [7], "[]x", True])
def test_a_line_is_an_object(line: object) -> None:
    assert refused_field(product_id=ABSENT, lines=[line]) == ("lines", 0)


@pytest.mark.parametrize(
    "fields",
    [
        {"product_id": 8},
        {"product_id": 7, "lines": [LINE, LINE]},
        {"product": "MT1"},
        {"product_qty": 2},
        {"product_qty": "1.01"},
        {"product_price": 0},
        {"product_id": 7, "product_qty": 2, "lines": [LINE | {"product_qty": 3}]},
    ],
)
def test_lines_exclude_the_single_product(fields: dict[str, Any]) -> None:
    ((path, message),) = refusal(**({"product_id": ABSENT, "lines": [LINE]} | fields))
    assert path == ()
    assert "lines" in message
    assert "product_id" in message


@pytest.mark.parametrize(
    "fields",
    [
        {"product_id": None},
        {"product_id": None, "product_qty": 1, "product_price": -1},
        {"product_id": None, "product_qty": "1.0", "product_price": "-1.00"},
        {"product_id": None, "product_qty": None, "product_price": None},
    ],
)
def test_lines_bear_the_default_values_of_the_single_product(fields: dict[str, Any]) -> None:
    assert request(**fields, lines=[LINE]).order_lines == [LineRequest(product_id=7)]


@pytest.mark.parametrize("fields", [{}, {"product_id": None}, {"lines": None}, {"product_qty": 2}])
def test_a_product_is_required_unless_there_are_lines(fields: dict[str, Any]) -> None:
    ((path, message),) = refusal(**({"product_id": ABSENT} | fields))
    assert path == ()
    assert "product_id" in message


# products by name, and the currency


@pytest.mark.parametrize("text", ["MT1", "7501031311309", "robot pudu"])
def test_a_product_may_be_named_instead_of_numbered(text: str) -> None:
    single, of_lines = (
        request(product_id=ABSENT, product=text),
        request(product_id=ABSENT, lines=[{"product": text}]),
    )
    assert single.order_lines == of_lines.order_lines == [LineRequest(product=text)]
    assert single.order_lines[0].product_id == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"product": "MT1"},
        {"product_id": ABSENT, "product": "MT1", "lines": [LINE]},
        {"product_id": ABSENT, "lines": [LINE | {"product": "MT1"}]},
        {"product_id": ABSENT, "product": "x" * 201},
        {"product_id": ABSENT, "product": "a\x00"},
    ],
)
def test_a_product_is_named_in_one_way(fields: dict[str, Any]) -> None:
    assert not is_taken(**fields)


@pytest.mark.parametrize(("text", "code"), [("MXN", "MXN"), ("usd", "USD"), (" Eur ", "EUR"), ("", "")])
def test_a_currency_is_a_code(text: str, code: str) -> None:
    assert request(currency=text).currency == code


@pytest.mark.parametrize("text", ["$", "pesos", "US", "MX$", "M N", "484", "ＵＳＤ"])
def test_any_other_currency_is_refused(text: str) -> None:
    assert refused_field(currency=text) == ("currency",)


# what is certain (docs/reference.md, Request); combinations are in test_habits.py


NUMBER_FIELDS = INTEGERS + DECIMALS


@pytest.mark.parametrize("field", OPTIONAL)
@pytest.mark.parametrize(
    "nothing", ["", " \t", [], {}, "null", "None", "UNDEFINED", "n/a", " N/A ", "<null>", "{{x}}"]
)
def test_what_stands_for_nothing_is_absent(field: str, nothing: object) -> None:
    assert request(**{field: nothing}) == request(**{field: ABSENT})


@pytest.mark.parametrize("field", REQUIRED)
@pytest.mark.parametrize("nothing", ["null", "None", "undefined", "N/A", "{{customer}}"])
def test_a_placeholder_in_a_required_text_is_refused(field: str, nothing: str) -> None:
    assert refused_field(**{field: nothing}) == (field,)


@pytest.mark.parametrize("text", ["Nulo S.A.", "None Such Ltd", "Ann/a", "nullable", "n/a-1", "Nadia", "0"])
def test_a_text_with_such_a_word_in_it_is_kept(text: str) -> None:
    taken = request(partner_name=text, contact_name=text, notes=text)
    assert (taken.partner_name, taken.contact_name, taken.notes) == (text, text, text)


@pytest.mark.parametrize("field", TEXTS)
@pytest.mark.parametrize("value", [525512345678, 525512345678.0])
def test_an_integer_for_a_text_is_its_digits(field: str, value: float) -> None:
    assert getattr(request(**{field: value}), field) == "525512345678"


@pytest.mark.parametrize("field", NUMBER_FIELDS)
@pytest.mark.parametrize(
    ("numeral", "readings"),
    [
        ("1,500", ("1500", "1.5")),
        ("1.500", ("1500", "1.5")),
        (" 15.950 ", ("15950", "15.95")),
        ("+2,000", ("2000", "2")),
        ("1234.567", ("1234567", "1234.567")),
    ],
)
def test_a_numeral_with_two_readings_is_refused_with_both(
    field: str, numeral: str, readings: tuple[str, str]
) -> None:
    ((path, message),) = refusal(**{field: numeral})
    assert path == (field,)
    assert message.startswith(f"Value error, can be read as {readings[0]} or as {readings[1]}:")


def test_a_price_may_have_the_sign_that_says_no_more_than_the_number() -> None:
    assert request(product_price="$ 15,950.50").product_price == Decimal("15950.5")
    assert refused_field(product_price="$15,950") == ("product_price",)
    assert refused_field(product_qty="$2") == ("product_qty",)


@pytest.mark.parametrize(
    "lines",
    [
        json.dumps([LINE]),
        json.dumps(json.dumps([LINE])),
        [json.dumps(LINE)],
        json.dumps([LINE | {"product_qty": "1", "product": None}]),
    ],
)
def test_lines_may_come_as_their_json_text(lines: object) -> None:
    assert request(product_id=ABSENT, lines=lines).order_lines == [LineRequest(product_id=7)]


@pytest.mark.parametrize(
    "lines",
    [
        [],
        "[]",
        [{}],
        [None],
        [{"product_id": 0, "product": "", "product_qty": 1}],
        [{"product_id": 0, "product": "", "product_qty": 0, "product_price": "0.0"}],
        "null",
    ],
)
def test_lines_that_are_not_filled_in_are_absent(lines: object) -> None:
    assert request(lines=lines) == request()


@pytest.mark.parametrize(
    "single",
    [
        {"product_id": 7},
        {"product_id": "7", "product_qty": 2, "product_price": "5.0"},
        {"product_id": 0, "product": "null", "product_qty": "", "product_price": -1},
        {"product_id": 0, "product": "", "product_qty": 0, "product_price": "0"},
    ],
)
def test_the_single_fields_may_say_the_same_as_the_only_line(single: dict[str, Any]) -> None:
    line = LINE | {"product_qty": 2, "product_price": 5}
    both = request(**({"product_id": ABSENT} | single), lines=[line])
    assert both.order_lines == request(product_id=ABSENT, lines=[line]).order_lines


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("partnerName", "partner_name"),
        ("cantidad", "product_qty"),
        ("quantity", "product_qty"),
        ("lead_nme", "lead_name"),
        ("productId", "product_id"),
        ("teléfono", "phone"),
        ("sorpresa", None),
    ],
)
def test_a_misspelt_field_is_refused_with_the_one_that_was_meant(name: str, meant: str | None) -> None:
    ((path, message),) = refusal(**{name: "x"})
    assert path == (name,)
    assert message == "is not a known field" + (f"; did you mean {meant}?" if meant else "")


# the request as a whole


@pytest.mark.parametrize("field", OPTIONAL)
def test_null_is_the_same_as_absent(field: str) -> None:
    assert request(**{field: None}) == request(**{field: ABSENT})


def test_absent_fields_have_the_documented_defaults() -> None:
    few = QuotationRequest.model_validate(
        {"partner_name": "A", "email": "a@b.mx", "lead_name": "L", "product_id": 1}
    )
    assert few.model_dump(exclude={"partner_name", "email", "lead_name", "product_id"}) == {
        "contact_name": "",
        "phone": "",
        "product": "",
        "product_qty": 1,
        "product_price": -1,
        "currency": "",
        "user_id": 0,
        "lines": None,
        "notes": "",
    }


@pytest.mark.parametrize("name", ["name", "Partner_Name", "partner_name ", "line", "tracking_id", "", "__class__"])
def test_an_unknown_field_is_an_error(name: str) -> None:
    assert refused_field(**{name: "x"}) == (name,)


def test_an_unknown_field_is_an_error_also_with_null() -> None:
    assert refused_field(sorpresa=None) == ("sorpresa",)
    assert refused_field(product_id=ABSENT, lines=[LINE | {"sorpresa": None}]) == ("lines", 0, "sorpresa")


@pytest.mark.parametrize("value", [None, [], [REQUEST], "x", 5, True, json.dumps([REQUEST])])
def test_what_is_no_object_is_no_request(value: object) -> None:
    with pytest.raises(ValidationError):
        QuotationRequest.model_validate(value)


def test_everything_that_is_wrong_is_told_at_once() -> None:
    paths = [path for path, _ in refusal(partner_name="", email="x", product_qty=0, sorpresa=1)]
    assert sorted(paths) == [("email",), ("partner_name",), ("product_qty",), ("sorpresa",)]


def test_a_request_does_not_change() -> None:
    with pytest.raises(ValidationError):
        request().partner_name = "Otra"  # type: ignore[misc]  # that it is refused is what is shown


MARKER = st.text("ghjkqvwxyz", min_size=8, max_size=20).map(lambda text: f"qz{text}zq")

WRONG: list[Callable[[str], dict[str, Any]]] = [
    lambda marker: {"partner_name": marker * 100},
    lambda marker: {"partner_name": f"{marker}\x00"},
    lambda marker: {"partner_name": f"{marker}\ud800"},
    lambda marker: {"partner_name": {marker: marker}},
    lambda marker: {"contact_name": [marker]},
    lambda marker: {"email": marker},
    lambda marker: {"email": f"{marker} <{marker}@corp.com>"},
    lambda marker: {"email": f"{marker}@{marker}"},
    lambda marker: {"email": f"{marker}@corp.com, {marker}"},
    lambda marker: {"email": f"{marker}@{marker}..com"},
    lambda marker: {"phone": marker * 10},
    lambda marker: {"lead_name": f"{marker}\n{marker}"},
    lambda marker: {"product_id": marker},
    lambda marker: {"product_qty": marker},
    lambda marker: {"product_price": {"price": marker}},
    lambda marker: {"user_id": [marker]},
    lambda marker: {"lines": marker},
    lambda marker: {"product_id": None, "lines": [marker]},
    lambda marker: {"product_id": None, "lines": [{"product_id": marker}]},
    lambda marker: {"product_id": None, "lines": [{"product_id": 1, "nota": marker}]},
    lambda marker: {"notes": f"{marker}\x07"},
    lambda marker: {"notes": marker * 1000},
    lambda marker: {"sorpresa": marker},
    lambda marker: {"partner_name": marker, "email": f"{marker}@corp.com", "product_id": None},
    lambda marker: {"partner_name": marker, "lines": [LINE]},
]


@given(marker=MARKER, number=st.integers(0, len(WRONG) - 1))
def test_an_error_never_repeats_what_was_sent(marker: str, number: int) -> None:
    sent = body(**WRONG[number](marker))
    with pytest.raises(ValidationError) as raised:
        QuotationRequest.model_validate(sent)
    assert marker not in str(raised.value)
    assert all(marker not in problem["msg"] for problem in raised.value.errors())


@given(number=st.integers(10**9, 10**15) | st.floats(1e13, 1e200) | st.floats(-1e9, -1.01))
def test_an_error_never_repeats_a_number(number: float) -> None:
    with pytest.raises(ValidationError) as raised:
        request(product_qty=number)
    assert str(number) not in str(raised.value)


@given(bodies)
def test_every_valid_request_is_taken(valid: dict[str, Any]) -> None:
    assert QuotationRequest.model_validate(valid).order_lines


@given(requests)
def test_a_request_survives_json(original: QuotationRequest) -> None:
    assert QuotationRequest.model_validate_json(original.model_dump_json()) == original
    assert QuotationRequest.model_validate(json.loads(original.model_dump_json())) == original


@given(requests)
def test_json_has_numbers_and_no_numerals(original: QuotationRequest) -> None:
    dumped = original.model_dump(mode="json")
    for line in [dumped, *(dumped["lines"] or [])]:
        assert isinstance(line["product_qty"], int | float)
        assert isinstance(line["product_price"], int | float)


# the schema


def _nodes(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
        schema = list(schema.values())
    if isinstance(schema, list):
        for part in schema:
            yield from _nodes(part)


@pytest.mark.parametrize("mode", ["validation", "serialization"])
def test_the_schema_closes_every_object(mode: Any) -> None:
    schema = QuotationRequest.model_json_schema(mode=mode)
    closed = [node["additionalProperties"] for node in _nodes(schema) if node.get("type") == "object"]
    assert closed == [False, False]


def test_the_schemas_defaults_are_of_their_fields_type() -> None:
    kinds: dict[str, type | tuple[type, ...]] = {"number": (int, float), "integer": int, "string": str}
    properties = QuotationRequest.model_json_schema()["properties"]
    properties |= {f"line_{name}": node for name, node in LineRequest.model_json_schema()["properties"].items()}
    defaults = {name: node["default"] for name, node in properties.items() if "default" in node}
    assert defaults == {
        "contact_name": "",
        "phone": "",
        "product": "",
        "product_qty": 1,
        "product_price": -1,
        "currency": "",
        "user_id": 0,
        "notes": "",
        "line_product": "",
        "line_product_qty": 1,
        "line_product_price": -1,
    }
    assert all(isinstance(default, kinds[properties[name]["type"]]) for name, default in defaults.items())


def test_the_schema_tells_the_documented_bounds() -> None:
    properties = QuotationRequest.model_json_schema()["properties"]
    assert {name: properties[name]["maxLength"] for name in [*TEXTS, "notes"]} == TEXTS | {"notes": 4000}
    assert (properties["product_qty"]["minimum"], properties["product_qty"]["maximum"]) == (0.01, 1_000_000)
    assert (properties["user_id"]["minimum"], properties["user_id"]["maximum"]) == (0, 2**31 - 1)
    assert properties["product_price"]["maximum"] == 10**12
    lines = next(choice for choice in properties["lines"]["anyOf"] if choice["type"] == "array")
    assert lines["maxItems"] == 50


def test_the_schema_requires_what_the_reference_requires() -> None:
    schema = QuotationRequest.model_json_schema()
    assert sorted(schema["required"]) == sorted(REQUIRED)
    assert all(node["description"] for node in schema["properties"].values())


@pytest.mark.parametrize("query", ["\u200b\u200b", "\u3164\u3164", "\u2060\ufeff\u00ad"])
def test_customers_are_not_searched_for_nothing(query: str) -> None:
    with pytest.raises(ValidationError, match="must not be blank"):
        PartnerQuery(query=query)
