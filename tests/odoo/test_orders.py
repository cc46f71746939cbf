"""Prices, quantities, amounts and notes of a quotation."""

import html
from typing import Any

import pytest

from tests.odoo.client import Session, fault

PUDU, KETTY, ARCHIVED, NOT_FOR_SALE = 26174, 26175, 26178, 26179


def load_line(session: Session, order: int, word: str, **cells: str) -> dict[str, Any]:
    row = {"id": f"tests.s_{word}", "order_id/.id": str(order), "product_id/.id": str(PUDU)}
    (line,) = session.load_ids("sale.order.line", row | cells)
    return session.read(
        "sale.order.line",
        line,
        "price_unit",
        "discount",
        "product_uom_qty",
        "price_subtotal",
        "name",
        "currency_id",
    )


def test_without_a_price_column_odoo_computes_it(salesperson: Session, order: int, word: str) -> None:
    assert load_line(salesperson, order, word, product_uom_qty="2") == {
        "price_unit": 15950.0,
        "discount": 0.0,
        "product_uom_qty": 2.0,
        "price_subtotal": 31900.0,
        "name": "[MT1] Robot PUDU",
        "currency_id": [1, "USD"],
    }


def test_a_price_is_taken_as_it_is(salesperson: Session, order: int, word: str) -> None:
    line = load_line(salesperson, order, word, product_uom_qty="2", price_unit="13000.5", discount="0")
    assert (line["price_unit"], line["discount"], line["price_subtotal"]) == (13000.5, 0.0, 26001.0)


def test_a_blank_price_is_nothing(salesperson: Session, order: int, word: str) -> None:
    assert load_line(salesperson, order, word, price_unit="")["price_unit"] == 0.0


def test_a_price_of_nothing_is_kept(salesperson: Session, order: int, word: str) -> None:
    assert load_line(salesperson, order, word, price_unit="0.0")["price_unit"] == 0.0


def test_a_price_keeps_its_decimals(salesperson: Session, order: int, word: str) -> None:
    assert load_line(salesperson, order, word, price_unit="13000.125")["price_unit"] == 13000.125


def test_no_quantity_is_one_and_a_blank_one_is_none(salesperson: Session, order: int, word: str) -> None:
    assert load_line(salesperson, order, f"a{word}")["product_uom_qty"] == 1.0
    assert load_line(salesperson, order, f"b{word}", product_uom_qty="")["product_uom_qty"] == 0.0


@pytest.mark.parametrize(
    ("given", "kept"),
    [("0.004", 0.0), ("0.005", 0.01), ("2.345", 2.35), ("-3.335", -3.34), ("1000000", 1e6), ("1e3", 1000.0)],
)
def test_quantities_have_two_decimals(
    salesperson: Session, order: int, word: str, given: str, kept: float
) -> None:
    assert load_line(salesperson, order, word, product_uom_qty=given)["product_uom_qty"] == kept


def test_an_absurd_quantity_is_taken(salesperson: Session, order: int, word: str) -> None:
    line = load_line(salesperson, order, word, product_uom_qty="1e300")
    assert line["product_uom_qty"] == pytest.approx(1e300)


def amounts(session: Session, order: int) -> tuple[float, float, float]:
    row = session.read("sale.order", order, "amount_untaxed", "amount_tax", "amount_total")
    return row["amount_untaxed"], row["amount_tax"], row["amount_total"]


def test_amounts_have_taxes(salesperson: Session, order: int, word: str) -> None:
    assert amounts(salesperson, order) == (0.0, 0.0, 0.0)
    load_line(salesperson, order, word)
    assert amounts(salesperson, order) == (15950.0, 2392.5, 18342.5)
    assert salesperson.value("sale.order", order, "currency_id") == [1, "USD"]


def add(session: Session, order: int, price: float, quantity: float, discount: float = 0) -> int:
    return session.create(
        "sale.order.line",
        order_id=order,
        product_id=PUDU,
        price_unit=price,
        product_uom_qty=quantity,
        discount=discount,
    )


def test_sums_are_rounded_not_their_parts(salesperson: Session, order: int) -> None:
    for price, quantity, discount in ((510.138, 1, 12.5), (1577.0, 23.62, 12.5)):
        add(salesperson, order, price, quantity, discount)
    assert amounts(salesperson, order) == (33039.02, 4955.85, 37994.87)
    lines = salesperson.call(
        "sale.order.line", "search_read", [["order_id", "=", order]], ["price_subtotal", "price_tax"], order="id"
    )
    assert [(line["price_subtotal"], round(line["price_tax"], 2)) for line in lines] == [
        (446.37, 66.96),
        (32592.65, 4888.9),
    ]


def test_a_half_cent_goes_up(salesperson: Session, order: int) -> None:
    # the tax is 135.675, which as a float is a little less
    add(salesperson, order, 904.5, 1)
    assert amounts(salesperson, order) == (904.5, 135.68, 1040.18)


def test_a_changed_line_changes_the_amounts(salesperson: Session, order: int) -> None:
    line, _ = add(salesperson, order, 100, 1), add(salesperson, order, 50, 1)
    salesperson.call("sale.order.line", "write", [line], {"price_unit": 300, "discount": 50})
    assert amounts(salesperson, order) == (200.0, 30.0, 230.0)


def price_after_change(session: Session, line: int, **change: float) -> float:
    session.call("sale.order.line", "write", [line], change)
    price: float = session.value("sale.order.line", line, "price_unit")
    return price


@pytest.mark.real_only
def test_a_given_price_is_lost_with_the_next_change_of_quantity(salesperson: Session, order: int) -> None:
    line = add(salesperson, order, 100, 1)
    assert price_after_change(salesperson, line, discount=5) == 100.0
    assert price_after_change(salesperson, line, product_uom_qty=1) == 15950.0


def test_a_persons_price_stays(salesperson: Session, order: int) -> None:
    line = add(salesperson, order, 100, 1)
    assert price_after_change(salesperson, line, price_unit=90) == 90.0
    assert price_after_change(salesperson, line, product_uom_qty=3) == 90.0


@pytest.mark.real_only
@pytest.mark.parametrize(("price", "technical"), [("100", "0"), ("0", "1")])
def test_with_another_technical_price_a_given_one_stays_too(
    salesperson: Session, order: int, word: str, price: str, technical: str
) -> None:
    row = {"id": f"tests.s_{word}", "order_id/.id": str(order), "product_id/.id": str(PUDU), "discount": "0"}
    (line,) = salesperson.load_ids(
        "sale.order.line", row | {"price_unit": price, "technical_price_unit": technical}
    )
    assert salesperson.value("sale.order.line", line, "price_unit") == float(price)
    assert price_after_change(salesperson, line, product_uom_qty=3) == float(price)


@pytest.mark.real_only
def test_another_product_brings_its_description_and_price(salesperson: Session, order: int) -> None:
    line = salesperson.create("sale.order.line", order_id=order, product_id=PUDU)
    assert price_after_change(salesperson, line, product_id=KETTY) == 12900.0
    assert salesperson.value("sale.order.line", line, "name") == "[KT1] Robot KettyBot"


def test_the_currency_is_not_the_callers_choice(salesperson: Session, partner: int) -> None:
    order = salesperson.create("sale.order", partner_id=partner, currency_id=99, amount_total=5)
    assert salesperson.value("sale.order", order, "currency_id") == [1, "USD"]
    assert amounts(salesperson, order) == (0.0, 0.0, 0.0)


def test_a_new_order(salesperson: Session, partner: int, word: str) -> None:
    row = {"id": f"tests.o_{word}", "partner_id/.id": str(partner), "origin": f"Lead {word}"}
    (order,) = salesperson.load_ids("sale.order", row)
    found = salesperson.read("sale.order", order, "name", "state", "origin", "note", "opportunity_id", "user_id")
    name = found.pop("name")
    assert name.startswith("S")
    assert len(name) == 6
    assert name[1:].isdigit()
    assert found == {
        "state": "draft",
        "origin": f"Lead {word}",
        "note": False,
        "opportunity_id": False,
        "user_id": [salesperson.uid, "Valeria Ventas"],
    }


def test_every_order_has_a_name_of_its_own(salesperson: Session, partner: int) -> None:
    orders = [salesperson.create("sale.order", partner_id=partner) for _ in range(3)]
    assert len({salesperson.value("sale.order", order, "name") for order in orders}) == 3


@pytest.mark.real_only
def test_create_takes_lines_too(salesperson: Session, partner: int) -> None:
    lines = [[0, 0, {"product_id": PUDU}], [0, 0, {"product_id": KETTY, "price_unit": 1}]]
    order = salesperson.create("sale.order", partner_id=partner, order_line=lines)
    assert len(salesperson.value("sale.order", order, "order_line")) == 2
    assert amounts(salesperson, order)[0] == 15951.0


def test_archived_products_and_those_not_for_sale_are_accepted(salesperson: Session, order: int) -> None:
    for product, price in ((ARCHIVED, 9900.0), (NOT_FOR_SALE, 120.0)):
        line = salesperson.create("sale.order.line", order_id=order, product_id=product)
        assert salesperson.value("sale.order.line", line, "price_unit") == price


def test_a_product_that_does_not_exist(salesperson: Session, order: int) -> None:
    with fault(2, r"^Record does not exist or has been deleted\.\n\(Record: product\.product\(99999999,\), "):
        salesperson.create("sale.order.line", order_id=order, product_id=99999999)


def test_a_line_without_product_or_without_order(salesperson: Session, order: int) -> None:
    with fault(2, r"Missing required value for the field 'Description' \(name\)"):
        salesperson.create("sale.order.line", order_id=order)
    with fault(1, r"^ValueError: Expected singleton: sale\.order\(\)$"):
        salesperson.create("sale.order.line", product_id=PUDU)


@pytest.fixture(scope="module")
def customer(salesperson: Session) -> int:
    """A customer that several tests share."""
    return salesperson.create("res.partner", name="Cliente")


@pytest.mark.real_only
@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("uno<br>dos", "<span>uno<br>dos</span>"),
        ("uno\ndos", "<span>uno\ndos</span>"),
        (html.escape("<b>5 > 3</b> & 'x' \"y\""), "<span>&lt;b&gt;5 &gt; 3&lt;/b&gt; &amp; 'x' \"y\"</span>"),
        ("hola<script>alert(1)</script>", "<span>hola</span>"),
        ("<p>uno</p>", "<p>uno</p>"),
        ("<p onclick='x()'>uno</p>", "<p>uno</p>"),
        ("ñandú 😀\ttab", "<span>ñandú 😀\ttab</span>"),
        ("<br>uno<br><br>  dos", "<span><br>uno<br><br>  dos</span>"),
    ],
)
@pytest.mark.parametrize(("model", "field"), [("sale.order", "note"), ("crm.lead", "description")])
def test_notes_are_html(
    salesperson: Session, customer: int, word: str, model: str, field: str, given: str, kept: str
) -> None:
    row = {"id": f"tests.n_{word}", "partner_id/.id": str(customer), field: given}
    (record,) = salesperson.load_ids(model, row | ({"name": word} if model == "crm.lead" else {}))
    assert salesperson.value(model, record, field) == kept
