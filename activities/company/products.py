"""The products of a request: they exist, are for sale, and can be lines of this company's orders."""

import asyncio
from collections.abc import Collection
from typing import Annotated

from pydantic import BaseModel

from activities.company.company import Company
from activities.failures import RequestError
from odoo_client import Blank, Odoo, OdooAccessDeniedError, OptionalReference, OptionalText
from quotation.errors import ErrorCode
from quotation.messages import CheckedProduct

MORE_THAN_A_QUANTITY = {
    "type": frozenset({"combo"}),
    "detailed_type": frozenset({"event", "event_booth"}),
    "service_tracking": frozenset({"event", "event_booth"}),
}
"""For each field that Odoo 16 to 20 may have, the values of products whose order lines need more choices.

Combos came with Odoo 18 (`addons/product`). Tickets and booths of events are in `addons/event_sale` and
`addons/event_booth_sale`: a `detailed_type` until 17.0, and a `service_tracking` later.
"""


_FOREIGN = "belongs to another company than the order"


class _ProductRow(BaseModel):
    id: int
    name: str
    default_code: OptionalText
    company_id: OptionalReference = None
    # None if this Odoo does not have the field
    type: Annotated[str | None, Blank] = None
    detailed_type: Annotated[str | None, Blank] = None
    service_tracking: Annotated[str | None, Blank] = None

    def obstacle(self, company: Company) -> str | None:
        """Return why the product cannot be on an order of the company, or None."""
        if not company.may_use(self.company_id):
            return _FOREIGN
        if any(getattr(self, name) in values for name, values in MORE_THAN_A_QUANTITY.items()):
            return "cannot be ordered by quantity alone: it is a combo, or a ticket or booth of an event"
        return None


async def find_products(odoo: Odoo, ids: Collection[int], company: Company) -> list[CheckedProduct]:
    """Return the products. Raises `RequestError` if one is not for sale, or cannot be a line of an order."""
    wanted = sorted(set(ids))
    more = await odoo.cached_call(
        "product.product",
        "fields_get",
        ["company_id", *MORE_THAN_A_QUANTITY],
        ["type"],
        returns=dict[str, object],
    )
    rows = await odoo.call(
        "product.product",
        "search_read",
        [["id", "in", wanted], ["active", "=", True], ["sale_ok", "=", True]],
        ["name", "default_code", *more],
        returns=list[_ProductRow],
    )
    await _check_found(odoo, sorted(set(wanted) - {row.id for row in rows}))
    _check_quotable({row.id: obstacle for row in rows if (obstacle := row.obstacle(company))})
    return [CheckedProduct(id=row.id, name=row.name, default_code=row.default_code) for row in rows]


async def _check_found(odoo: Odoo, missing: list[int]) -> None:
    if not missing:
        return
    hidden = await asyncio.gather(*(_is_hidden(odoo, product_id) for product_id in missing))
    gone = [product_id for product_id, is_hidden in zip(missing, hidden, strict=True) if not is_hidden]
    if gone:
        numbers = ", ".join(map(str, gone))
        raise RequestError(
            ErrorCode.PRODUCT_NOT_FOUND,
            f"Product {numbers} does not exist in Odoo, is archived or is not for sale.",
        )
    _check_quotable(dict.fromkeys(missing, _FOREIGN))


async def _is_hidden(odoo: Odoo, product_id: int) -> bool:
    """Return True if the product exists but Odoo's user may not see it, e.g. one of another company."""
    try:
        await odoo.call("product.product", "read", [product_id], ["id"], returns=list[object])
    except OdooAccessDeniedError:
        return True
    return False


def _check_quotable(obstacles: dict[int, str]) -> None:
    if obstacles:
        sentence = "; ".join(f"Product {product_id} {obstacle}" for product_id, obstacle in obstacles.items())
        raise RequestError(ErrorCode.PRODUCT_NOT_QUOTABLE, f"{sentence}.")
