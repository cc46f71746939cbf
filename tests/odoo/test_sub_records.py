"""One2many fields in `load`: a company with its contact, an order with its lines, in one call."""

from typing import Any

import pytest

from tests.odoo.client import Session, at_once


def company(word: str, contact: str = "Juan") -> dict[str, str]:
    return {
        "id": f"tests.p_{word}",
        "name": f"Acme {word}",
        "is_company": "1",
        "email": f"{word}@example.com",
        "child_ids/id": f"tests.c_{word}",
        "child_ids/name": contact,
    }


def test_company_and_contact_in_one_call(salesperson: Session, word: str) -> None:
    (partner,) = salesperson.load_ids("res.partner", company(word))
    (contact,) = salesperson.value("res.partner", partner, "child_ids")
    found = salesperson.read("res.partner", contact, "name", "parent_id", "email", "is_company", "display_name")
    assert found == {
        "name": "Juan",
        "parent_id": [partner, f"Acme {word}"],
        "email": False,
        "is_company": False,
        "display_name": f"Acme {word}, Juan",
    }
    named = salesperson.call("ir.model.data", "check_object_reference", "tests", f"c_{word}")
    assert named == ["res.partner", contact]


def test_contact_is_not_made_again_nor_written(salesperson: Session, word: str) -> None:
    (partner,) = salesperson.load_ids("res.partner", company(word))
    (contact,) = salesperson.value("res.partner", partner, "child_ids")
    salesperson.call("res.partner", "write", [contact], {"name": "Juana"})
    assert salesperson.load_ids("res.partner", company(word)) == [partner]
    assert salesperson.value("res.partner", partner, "child_ids") == [contact]
    assert salesperson.value("res.partner", contact, "name") == "Juana"


def test_contact_takes_its_companys_language(salesperson: Session, word: str) -> None:
    (partner,) = salesperson.load_ids("res.partner", company(word) | {"lang": "es_MX"})
    (contact,) = salesperson.value("res.partner", partner, "child_ids")
    assert salesperson.value("res.partner", contact, "lang") == "es_MX"


@pytest.mark.real_only
@pytest.mark.usefixtures("overlapping")
def test_contact_for_an_existing_partner_is_made_once(salesperson: Session, partner: int, word: str) -> None:
    row = {".id": str(partner), "child_ids/id": f"tests.c_{word}", "child_ids/name": "Juan"}
    at_once(8, lambda _: salesperson.load("res.partner", row))
    assert salesperson.load_ids("res.partner", row) == [partner]
    assert len(salesperson.value("res.partner", partner, "child_ids")) == 1


@pytest.mark.real_only
def test_contact_for_an_existing_partner_is_written_again(salesperson: Session, partner: int, word: str) -> None:
    # the partner is named by its database id, which nothing protects: a person's edit of the contact is lost
    row = {".id": str(partner), "child_ids/id": f"tests.c_{word}", "child_ids/name": "Juan"}
    salesperson.load_ids("res.partner", row)
    (contact,) = salesperson.value("res.partner", partner, "child_ids")
    salesperson.call("res.partner", "write", [contact], {"name": "Juana"})
    salesperson.load_ids("res.partner", row)
    assert salesperson.value("res.partner", contact, "name") == "Juan"


@pytest.mark.real_only
def test_parent_id_is_refused_in_load_but_not_in_create(salesperson: Session, partner: int, word: str) -> None:
    row = {"id": f"tests.c_{word}", "name": "Juan", "parent_id/.id": str(partner)}
    (problem,) = salesperson.problems("res.partner", row)
    assert "credit_limit" in problem
    assert salesperson.create("res.partner", name="Juan", parent_id=partner)


def order_rows(word: str, partner: int) -> list[dict[str, str]]:
    head = {"id": f"tests.o_{word}", "partner_id/.id": str(partner), "origin": word}
    line = {"order_line/id": f"tests.s1_{word}", "order_line/product_id/.id": "26174"}
    other = {"order_line/id": f"tests.s2_{word}", "order_line/product_id/.id": "26175"}
    return [
        head | line | {"order_line/product_uom_qty": "1"},
        dict.fromkeys(head, "") | other | {"order_line/product_uom_qty": "2.5"},
    ]


def test_order_and_two_lines_in_one_call(salesperson: Session, partner: int, word: str) -> None:
    (order,) = salesperson.load_ids("sale.order", *order_rows(word, partner))
    lines = salesperson.call(
        "sale.order.line",
        "search_read",
        [["order_id", "=", order]],
        ["product_id", "product_uom_qty", "price_unit"],
        order="id",
    )
    assert [(line["product_id"][0], line["product_uom_qty"], line["price_unit"]) for line in lines] == [
        (26174, 1.0, 15950.0),
        (26175, 2.5, 12900.0),
    ]
    assert salesperson.value("sale.order", order, "origin") == word


def test_order_and_lines_are_not_made_again_nor_written(salesperson: Session, partner: int, word: str) -> None:
    (order,) = salesperson.load_ids("sale.order", *order_rows(word, partner))
    lines = salesperson.value("sale.order", order, "order_line")
    salesperson.call("sale.order.line", "write", [lines[0]], {"product_uom_qty": 7})
    assert salesperson.load_ids("sale.order", *order_rows(word, partner)) == [order]
    assert salesperson.value("sale.order", order, "order_line") == lines
    assert salesperson.value("sale.order.line", lines[0], "product_uom_qty") == 7.0


@pytest.mark.real_only
def test_a_line_that_a_person_deleted_stays_so_if_its_order_is_loaded_again(
    salesperson: Session, partner: int, word: str
) -> None:
    (order,) = salesperson.load_ids("sale.order", *order_rows(word, partner))
    first, second = salesperson.value("sale.order", order, "order_line")
    salesperson.call("sale.order.line", "unlink", [first])
    assert salesperson.load_ids("sale.order", *order_rows(word, partner)) == [order]
    assert salesperson.value("sale.order", order, "order_line") == [second]


def test_lines_made_with_their_order_are_protected_like_others(
    salesperson: Session, partner: int, word: str
) -> None:
    (order,) = salesperson.load_ids("sale.order", *order_rows(word, partner))
    first, second = salesperson.value("sale.order", order, "order_line")
    salesperson.call("sale.order.line", "write", [second], {"product_uom_qty": 7})
    named = salesperson.call("ir.model.data", "check_object_reference", "tests", f"s2_{word}")
    assert named == ["sale.order.line", second]
    rows = [line_row(word, order, number) for number in (1, 2)]
    assert salesperson.load_ids("sale.order.line", *rows) == [first, second]
    assert salesperson.value("sale.order.line", second, "product_uom_qty") == 7.0


@pytest.mark.parametrize(
    ("column", "text", "problem"),
    [
        (
            "product_id/.id",
            "999999",
            "No matching record found for database id '999999' in field 'Order Lines/Product'",
        ),
        ("product_uom_qty", "x", "'x' does not seem to be a number for field 'Order Lines/Quantity'"),
    ],
)
def test_an_order_with_a_wrong_line_is_not_made(
    salesperson: Session, partner: int, word: str, column: str, text: str, problem: str
) -> None:
    first, second = order_rows(word, partner)
    answer = salesperson.load("sale.order", first, second | {f"order_line/{column}": text})
    [message] = answer["messages"]
    told = {name: message[name] for name in ("rows", "record", "field", "message")}
    assert told == {"rows": {"from": 0, "to": 1}, "record": 0, "field": "order_line", "message": problem}
    assert salesperson.call("sale.order", "search", [["origin", "=", word]]) == []


def test_a_blank_price_among_prices_is_nothing(salesperson: Session, partner: int, word: str) -> None:
    first, second = order_rows(word, partner)
    rows = [first | {"order_line/price_unit": "5"}, second | {"order_line/price_unit": ""}]
    (order,) = salesperson.load_ids("sale.order", *rows)
    lines = salesperson.call("sale.order.line", "search_read", [["order_id", "=", order]], ["price_unit"])
    assert [line["price_unit"] for line in lines] == [5.0, 0.0]


def test_an_order_and_its_lines_are_read_in_one_call(salesperson: Session, partner: int, word: str) -> None:
    (order,) = salesperson.load_ids("sale.order", *order_rows(word, partner))
    tree: dict[str, Any] = {
        "amount_untaxed": {},
        "currency_id": {"fields": {"display_name": {}}},
        "order_line": {"fields": {"product_id": {}, "price_subtotal": {}}},
    }
    first, second = salesperson.value("sale.order", order, "order_line")
    assert salesperson.call("sale.order", "web_read", [order], tree) == [
        {
            "id": order,
            "amount_untaxed": 48200.0,
            "currency_id": {"id": 1, "display_name": "USD"},
            "order_line": [
                {"id": first, "product_id": 26174, "price_subtotal": 15950.0},
                {"id": second, "product_id": 26175, "price_subtotal": 32250.0},
            ],
        }
    ]
    assert salesperson.call("sale.order", "web_read", [99999999], tree) == []


def line_row(word: str, order: int, number: int = 1, **more: str) -> dict[str, str]:
    return {
        "id": f"tests.s{number}_{word}",
        "order_id/.id": str(order),
        "product_id/.id": "26174",
        "product_uom_qty": "2",
    } | more


def test_lines_for_an_order_that_exists(salesperson: Session, order: int, word: str) -> None:
    rows = [line_row(word, order, 1, sequence="10"), line_row(word, order, 2, sequence="20")]
    lines = salesperson.load_ids("sale.order.line", *rows)
    assert salesperson.load_ids("sale.order.line", *rows) == lines
    assert salesperson.value("sale.order", order, "order_line") == lines
    assert salesperson.value("sale.order", order, "amount_untaxed") == 4 * 15950.0


@pytest.mark.real_only
def test_a_line_that_a_person_deleted_is_made_anew(salesperson: Session, order: int, word: str) -> None:
    (line,) = salesperson.load_ids("sale.order.line", line_row(word, order))
    salesperson.call("sale.order.line", "unlink", [line])
    assert salesperson.value("sale.order", order, "amount_untaxed") == 0.0
    assert salesperson.load_ids("sale.order.line", line_row(word, order)) != [line]


def test_an_existing_orders_load_adds_no_line(salesperson: Session, partner: int, word: str) -> None:
    first, second = order_rows(word, partner)
    (order,) = salesperson.load_ids("sale.order", first)
    salesperson.load_ids("sale.order", first, second)
    assert len(salesperson.value("sale.order", order, "order_line")) == 1


def test_numbers_may_be_numbers_but_a_boolean_must_be_text(salesperson: Session, order: int, word: str) -> None:
    row: dict[str, object] = dict(line_row(word, order))
    (line,) = salesperson.load_ids("sale.order.line", row | {"product_uom_qty": 1.5})
    assert salesperson.value("sale.order.line", line, "product_uom_qty") == 1.5
