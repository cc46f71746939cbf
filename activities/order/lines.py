"""The lines of a sale order: as rows to create, and as Odoo holds them."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from activities.company import Company, CompanyFields, Setup, unit_prices
from activities.company.agreement import agreed_prices
from activities.company.prices import UnitPrice
from odoo_client import (
    NAME,
    Fields,
    NamedReference,
    Odoo,
    OdooUnexpectedError,
    OptionalId,
    create_once,
    has_trees,
    look_up,
    specification,
)
from quotation import texts
from quotation.messages import NewLine, OrderTotals
from quotation.status import ResultLine

_SEQUENCE_STEP = 10


class _LineRow(BaseModel):
    id: int
    sequence: int
    product_id: OptionalId
    name: str
    product_uom_qty: float
    price_unit: float
    discount: float
    price_subtotal: float


class _BareOrderRow(BaseModel):
    name: str
    amount_untaxed: float
    amount_tax: float
    amount_total: float
    currency_id: NamedReference


class _OrderRow(_BareOrderRow):
    order_line: list[_LineRow]


_OF_LINES: Fields = {name: {} for name in _LineRow.model_fields if name != "id"}
_OF_ORDER: Fields = {name: {} for name in _BareOrderRow.model_fields}


@dataclass(frozen=True)
class PlacedOrder:
    """A sale order with all its lines, also those that a person added."""

    row: _OrderRow

    @property
    def name(self) -> str:
        """The order's number, e.g. S15433."""
        return self.row.name

    def totals(self, ids: Mapping[int, int]) -> OrderTotals:
        """Return the amounts, and of the lines those with these ids, by number in the request."""
        rows = {row.id: row for row in self.row.order_line}
        return OrderTotals(
            lines={number: _result_line(rows[line_id]) for number, line_id in ids.items() if line_id in rows},
            amount_untaxed=self.row.amount_untaxed,
            amount_tax=self.row.amount_tax,
            amount_total=self.row.amount_total,
            currency=self.row.currency_id.name,
        )

    def recognized(self, lines: Sequence[NewLine]) -> dict[int, int]:
        """Return the ids of the requested lines that have their place and their product, by number."""
        places = {(row.sequence, row.product_id): row.id for row in reversed(self.row.order_line)}
        found = {line.number: places.get((_sequence(line), line.requested.product_id)) for line in lines}
        return {number: line_id for number, line_id in found.items() if line_id is not None}


@dataclass(frozen=True)
class OrderLines:
    """Creates and reads the lines of a company's orders."""

    odoo: Odoo
    company: Company
    setup: Setup

    async def columns(self, lines: Sequence[NewLine], partner_id: int | None) -> list[dict[str, str]]:
        """Return a row of `create_once` for each line, without the order. Raises `OdooError`."""
        fields = CompanyFields(self.odoo, self.company, self.setup)
        agreed = agreed_prices([(line.number, line.requested) for line in lines], {})
        prices = await unit_prices(self.odoo, self.company, partner_id, agreed)
        rows = [_row(line, prices) for line in lines]
        return [row | await fields.missing_in(row, "sale.order.line") for row in rows]

    async def add(self, order_id: int, lines: Sequence[NewLine], partner_id: int | None) -> dict[int, int]:
        """Return the ids of the lines by number, and create those that do not exist. Raises `OdooError`."""
        rows = await self.columns(lines, partner_id)
        rows = [row | {"order_id/.id": str(order_id)} for row in rows]
        ids = await create_once(self.odoo, "sale.order.line", rows, self.company.context)
        return {line.number: line_id for line, line_id in zip(lines, ids, strict=True)}

    async def existing(self, lines: Sequence[NewLine]) -> dict[int, int]:
        """Return the ids of those lines that exist, by number. Raises `OdooError`."""
        found = await asyncio.gather(*(look_up(self.odoo, line.external_id) for line in lines))
        return {line.number: one.id for line, one in zip(lines, found, strict=True) if one is not None and one.id}

    async def read(self, order_id: int) -> PlacedOrder:
        """Return an order with its lines. Raises `OdooError`."""
        if await has_trees(self.odoo):
            tree = specification({**_OF_ORDER, "currency_id": NAME, "order_line": _OF_LINES})
            rows = await self.odoo.call("sale.order", "web_read", [order_id], tree, returns=list[_OrderRow])
        else:
            bare, lines = await asyncio.gather(
                self.odoo.call("sale.order", "read", [order_id], list(_OF_ORDER), returns=list[_BareOrderRow]),
                self.odoo.call(
                    "sale.order.line",
                    "search_read",
                    [["order_id", "=", order_id]],
                    list(_OF_LINES),
                    returns=list[_LineRow],
                ),
            )
            rows = [_OrderRow(**vars(row), order_line=lines) for row in bare]
        if not rows:
            raise OdooUnexpectedError("The sale order is no longer there.")
        return PlacedOrder(rows[0])


def with_lines(order: Mapping[str, str], lines: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """Return the rows of `create_once` for an order together with its lines: the first has the order's columns."""
    if not lines:
        return [dict(order)]
    of_lines = [{f"order_line/{column}": text for column, text in line.items()} for line in lines]
    heads = [order, *[dict.fromkeys(order, "")] * (len(lines) - 1)]
    return [{**head, **line} for head, line in zip(heads, of_lines, strict=True)]


def _sequence(line: NewLine) -> int:
    return line.number * _SEQUENCE_STEP


def _row(line: NewLine, prices: Mapping[int, UnitPrice]) -> dict[str, str]:
    requested = line.requested
    row = {
        "id": line.external_id,
        "sequence": str(_sequence(line)),
        "product_id/.id": str(requested.product_id),
        "product_uom_qty": str(requested.product_qty),
    }
    if requested.has_price:
        # a price list's discount would reduce the agreed price
        row |= {"price_unit": str(prices[line.number].price), "discount": "0"}
    return row


def _result_line(row: _LineRow) -> ResultLine:
    return ResultLine(
        line_id=row.id,
        product_id=row.product_id or 0,
        # hosts read about 25,000 tokens of a result, and Temporal keeps 2 MB
        name=texts.shortened(row.name),
        quantity=row.product_uom_qty,
        price_unit=row.price_unit,
        discount=row.discount,
        subtotal=row.price_subtotal,
    )
