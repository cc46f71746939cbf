"""The request for a quotation as it is stored, without the rules for callers.

The gateway that accepted it has checked the rules. Another version may have others, so reading checks types only.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, ConfigDict, PlainSerializer

from quotation.stored import Stored
from quotation.values import normalized_email

COMPUTED_PRICE = Decimal(-1)
"""The price that asks Odoo to compute it: price list, currency and discount."""


def _jsonable_number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _as_written(value: object) -> object:
    # pydantic's JSON parser may end a float in another last digit than Python, which wrote it
    return repr(value) if isinstance(value, float) else value


def _null_is_none(value: object) -> object:
    return 0 if value is None else value


Number = PlainSerializer(_jsonable_number, return_type=int | float, when_used="json")
"""Writes a decimal as a JSON number."""

StoredNumber = Annotated[Decimal, BeforeValidator(_as_written), Number]


class StoredLine(Stored):
    """One order line: a product, its quantity and its unit price."""

    model_config = ConfigDict(frozen=True, revalidate_instances="subclass-instances")

    # 0 if `product` names it, or if a newer version does in a way of its own: Odoo has no product 0
    product_id: Annotated[int, BeforeValidator(_null_is_none)] = 0
    product: str = ""
    """The product's code, its barcode or words of its name; empty if there is an id."""
    product_qty: StoredNumber = Decimal(1)
    product_price: StoredNumber = COMPUTED_PRICE

    @property
    def has_price(self) -> bool:
        """True if the price was agreed on; False if Odoo computes it."""
        return self.product_price != COMPUTED_PRICE


class StoredRequest(Stored):
    """A customer's request, accepted by any version."""

    model_config = ConfigDict(frozen=True, revalidate_instances="subclass-instances")

    _line: ClassVar[type[StoredLine]] = StoredLine

    partner_name: str
    contact_name: str = ""
    email: str
    phone: str = ""
    lead_name: str
    product_id: int | None = None
    product: str = ""
    product_qty: StoredNumber = Decimal(1)
    product_price: StoredNumber = COMPUTED_PRICE
    currency: str = ""
    """ISO 4217: the currency of agreed prices; empty if the caller named none."""
    user_id: int = 0
    lines: Sequence[StoredLine] | None = None
    notes: str = ""

    @property
    def normalized_email(self) -> str:
        """The address by which partners are compared (`email_normalized` in Odoo)."""
        return normalized_email(self.email)

    @property
    def order_lines(self) -> Sequence[StoredLine]:
        """The requested lines, from either of the two ways to give them."""
        if self.lines is not None:
            return self.lines
        return [
            self._line(
                product_id=self.product_id or 0,
                product=self.product,
                product_qty=self.product_qty,
                product_price=self.product_price,
            )
        ]
