"""The steps `order` and `line` on each Odoo: which lines are made when, and what people did to them meanwhile."""

from collections.abc import AsyncIterator, Iterator, Sequence
from decimal import Decimal
from typing import Any

import pytest

from activities.order import OrderActivities
from odoo_client import OdooRejectedError, XmlRpcOdoo
from quotation.messages import CreatedOrder, NewLine, NewLines, NewOrder, OrderTotals, by_pricing
from quotation.stored.request import StoredLine
from sandbox.real_odoo import OdooAccess
from tests.odoo.client import Session
from tests.odoo.test_versions import without_trees
from tests.support.odoo_relay import OdooRelay, relay_to

PUDU, KETTY, BASE = 26174, 26175, 26176


@pytest.fixture
def relay(odoo: OdooAccess) -> Iterator[OdooRelay]:
    with relay_to(odoo) as relay:
        yield relay


@pytest.fixture
async def orders(relay: OdooRelay) -> AsyncIterator[OrderActivities]:
    client = XmlRpcOdoo(relay.credentials)
    yield OrderActivities(client, "https://odoo.test")
    await client.close()


class Making:
    """One order of a customer, made and made again as the workflow does."""

    def __init__(self, orders: OrderActivities, session: Session, partner: int, word: str) -> None:
        self.session = session
        self._orders = orders
        self._partner = partner
        self._word = word

    def lines(self, *asked: tuple[int, float]) -> list[NewLine]:
        """Return lines of one piece, by product and price; -1 lets Odoo compute it."""
        return [
            NewLine(
                external_id=f"tests.{self._word}.line_{number}",
                number=number,
                requested=StoredLine(product_id=product, product_price=Decimal(str(price))),
            )
            for number, (product, price) in enumerate(asked, start=1)
        ]

    async def order(self, lines: Sequence[NewLine]) -> CreatedOrder:
        new = NewOrder(
            external_id=f"tests.{self._word}.order",
            partner_id=self._partner,
            opportunity_id=0,
            origin=self._word,
            user_id=None,
            notes="",
            lines=list(lines),
        )
        return await self._orders.create_sale_order(new)

    async def add(self, order: CreatedOrder, lines: Sequence[NewLine]) -> OrderTotals:
        """Return the order after the calls for all lines; the others are taken as they were."""
        for group in by_pricing(lines):
            totals = await self._orders.add_product_lines(
                NewLines(order_id=order.id, lines=group, partner_id=self._partner, totals=order.totals)
            )
        return totals

    def rows(self, order: CreatedOrder) -> list[dict[str, Any]]:
        fields = ["product_id", "product_uom_qty", "price_unit", "sequence"]
        rows = self.session.call("sale.order.line", "search_read", [["order_id", "=", order.id]], fields)
        return sorted(rows, key=lambda row: (row["sequence"], row["id"]))

    def products(self, order: CreatedOrder) -> list[int]:
        return [row["product_id"][0] for row in self.rows(order)]


@pytest.fixture
def making(orders: OrderActivities, salesperson: Session, partner: int, word: str) -> Making:
    return Making(orders, salesperson, partner, word)


def products(totals: OrderTotals | None) -> dict[int, int]:
    assert totals
    return {number: line.product_id for number, line in totals.lines.items()}


async def test_an_order_is_made_with_its_lines_and_read_at_once(making: Making, relay: OdooRelay) -> None:
    lines = making.lines((PUDU, -1), (KETTY, -1), (PUDU, -1))
    order = await making.order(lines)

    assert order.name == making.session.value("sale.order", order.id, "name")
    assert products(order.totals) == {1: PUDU, 2: KETTY, 3: PUDU}
    assert order.totals
    assert order.totals.amount_untaxed == 2 * 15950.0 + 12900.0
    assert [row["sequence"] for row in making.rows(order)] == [10, 20, 30]
    relay.counted.clear()
    assert await making.add(order, lines) == order.totals
    assert not relay.counted


async def test_a_line_that_odoo_refuses_leaves_no_order(making: Making, word: str) -> None:
    with pytest.raises(OdooRejectedError, match="'999999' in field 'Order Lines/Product'"):
        await making.order(making.lines((PUDU, -1), (999999, -1)))
    assert making.session.call("sale.order", "search", [["origin", "=", word]]) == []


async def test_lines_with_and_without_a_price_are_each_made_once(making: Making) -> None:
    lines = making.lines((PUDU, 5), (KETTY, -1), (BASE, 7))
    order = await making.order(lines)
    assert products(order.totals) == {1: PUDU, 3: BASE}
    for _ in range(2):
        await making.add(order, lines)
        assert [row["price_unit"] for row in making.rows(order)] == [5.0, 12900.0, 7.0]
    again = await making.order(lines)
    assert again.id == order.id
    assert products(again.totals) == {1: PUDU, 2: KETTY, 3: BASE}


async def test_what_a_person_changed_stays_and_is_told(making: Making) -> None:
    lines = making.lines((PUDU, -1), (KETTY, -1))
    order = await making.order(lines)
    first, second = [row["id"] for row in making.rows(order)]
    making.session.call("sale.order.line", "write", [first], {"product_uom_qty": 7})
    making.session.call("sale.order.line", "write", [second], {"product_id": BASE, "sequence": 3})
    before = making.rows(order)

    again = await making.order(lines)
    totals = await making.add(again, lines)

    assert making.rows(order) == before
    assert products(again.totals) == {1: PUDU}
    assert {number: line.line_id for number, line in totals.lines.items()} == {1: first, 2: second}
    assert (totals.lines[1].quantity, totals.lines[2].product_id) == (7.0, BASE)


async def test_lines_that_a_person_added_are_not_ours(making: Making) -> None:
    lines = making.lines((PUDU, -1))
    order = await making.order(lines)
    for product in (PUDU, KETTY):
        making.session.create("sale.order.line", order_id=order.id, product_id=product, sequence=10)
    again = await making.order(lines)
    assert again.totals
    assert order.totals
    assert again.totals.lines == (await making.add(again, lines)).lines == order.totals.lines
    assert again.totals.amount_untaxed == 2 * 15950.0 + 12900.0


@pytest.mark.real_only
async def test_a_line_that_a_person_deleted_stays_deleted(making: Making) -> None:
    lines = making.lines((PUDU, -1), (KETTY, -1))
    order = await making.order(lines)
    making.session.call("sale.order.line", "unlink", [making.rows(order)[0]["id"]])

    again = await making.order(lines)
    assert products(await making.add(again, lines)) == {2: KETTY}
    assert making.products(order) == [KETTY]


@pytest.mark.real_only
async def test_if_all_lines_were_deleted_they_are_made_again_once(making: Making) -> None:
    lines = making.lines((PUDU, -1), (KETTY, -1))
    order = await making.order(lines)
    making.session.call("sale.order.line", "unlink", [row["id"] for row in making.rows(order)])
    for _ in range(2):
        again = await making.order(lines)
        assert products(await making.add(again, lines)) == {1: PUDU, 2: KETTY}
    assert making.products(order) == [PUDU, KETTY]


async def test_an_older_workflow_s_order_gets_its_lines_in_the_next_step(making: Making) -> None:
    order = await making.order([])
    assert order.name
    assert making.products(order) == []
    lines = making.lines((PUDU, -1), (KETTY, -1))
    older = order.model_copy(update={"totals": None})
    for created in (older, older, await making.order(lines)):
        assert products(await making.add(created, lines)) == {1: PUDU, 2: KETTY}
    assert making.products(order) == [PUDU, KETTY]


async def test_order_and_lines_are_read_without_trees(
    making: Making, relay: OdooRelay, partner: int, word: str
) -> None:
    lines = making.lines((PUDU, 5), (KETTY, 9))
    with_trees = await making.order(lines)
    without_trees(relay)
    older = XmlRpcOdoo(relay.credentials)
    relay.counted.clear()

    without = await Making(OrderActivities(older, "x"), making.session, partner, word).order(lines)
    await older.close()

    assert (without.name, without.totals) == (with_trees.name, with_trees.totals)
    assert "/web#id=" in without.url
    assert relay.counted["sale.order.web_read"] == 0
