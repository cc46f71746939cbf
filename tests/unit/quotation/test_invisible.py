"""Addresses, numbers and telephone numbers as they are copied and exported."""

from decimal import Decimal
from typing import Any

import pytest

from tests.support.requests import request
from tests.unit.quotation.test_request import INVISIBLE, refusal

UNSEEN = [
    *(character for character in INVISIBLE if character not in "\u115f\u3164\uffa0\u2800"),
    "\u202a",
    "\u2069",
]
"""Invisible characters, without the letters and symbols that are drawn as blanks."""


@pytest.mark.parametrize("character", UNSEEN)
@pytest.mark.parametrize(
    ("field", "text", "read"),
    [
        ("email", "compras@acme.mx", "compras@acme.mx"),
        ("phone", "+52 55 1234 5678", "+52 55 1234 5678"),
        ("product_qty", "2.50", Decimal("2.5")),
        ("product_price", "$15,950.00", Decimal(15950)),
        ("product_id", "26174", 26174),
        ("currency", "mxn", "MXN"),
    ],
)
def test_characters_that_nobody_sees_are_left_out(character: str, field: str, text: str, read: object) -> None:
    for sent in (f"{character}{text}{character}", f" {character} {text}", f"{text[:2]}{character}{text[2:]}"):
        assert getattr(request(**{field: sent}), field) == read


def test_a_name_keeps_them() -> None:
    assert request(partner_name="\u200bمی\u200cخواهم").partner_name == "\u200bمی\u200cخواهم"


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("tel:+525512345678", "+525512345678"),
        ("TEL:+52 55 1234 5678", "+52 55 1234 5678"),
        ("whatsapp:+5215512345678", "+5215512345678"),
        ("callto://5512345678", "5512345678"),
        ("tel: whatsapp: 55", "55"),
        ("525512345678.0", "525512345678"),
        ("5.25512345678E+11", "525512345678"),
        ("tel:5.25512345678e11", "525512345678"),
        ("5512345678", "5512345678"),
        ("telcel 55", "telcel 55"),
        ("55.12.34", "55.12.34"),
        ("ext. 12", "ext. 12"),
        ("", ""),
    ],
)
def test_a_telephone_number_is_read_as_links_and_spreadsheets_write_it(sent: str, read: str) -> None:
    assert request(phone=sent).phone == read
    assert request(phone=read).phone == read


@pytest.mark.parametrize("sent", ["5.2551E+11", "5E+11", "tel:5.2551e11", "5.25512345678E+12"])
def test_a_telephone_number_that_a_spreadsheet_has_cut_is_refused(sent: str) -> None:
    assert refusal(phone=sent) == [
        (("phone",), "Value error, must have all its digits; a spreadsheet has shortened it")
    ]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"user_id": "Valeria Ventas"}, "must be the user's numeric id in Odoo, or 0"),
        ({"product_id": "MT1"}, "must be the product's numeric id in Odoo"),
        ({"product_qty": "１"}, "in the digits 0 to 9"),
    ],
)
def test_a_wrong_number_is_refused_in_words_that_help(fields: dict[str, Any], words: str) -> None:
    [(_, message)] = refusal(**fields)
    assert words in message
