"""The request for a quotation as callers send it, the same over REST and MCP (docs/reference.md, Request)."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Self

import email_validator
from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from quotation.forgiving.absent import is_blank, is_zero, not_a_placeholder
from quotation.forgiving.arguments import Arguments
from quotation.forgiving.invisible import without_invisible
from quotation.forgiving.numerals import to_integer, to_number, to_price
from quotation.forgiving.phones import to_phone
from quotation.stored.request import COMPUTED_PRICE, Number, StoredLine, StoredRequest
from quotation.values import (
    check_characters,
    check_visible,
    drop_null_default,
    strip,
)

WRONG_FIELD = "wrong_field"
"""The type of an error of the whole request, which names one of its fields."""

MAX_DATABASE_ID = 2**31 - 1
"""The largest id a PostgreSQL `integer` column, and so an Odoo record, can have."""

# the library refuses the names of RFC 6761 (.test, .local), but a company's own Odoo may hold them
email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()

_MOST_LINES = 50
_NUMBERS = frozenset({"product_qty", "product_price"})
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_LINE_CONTROLS = "\n\r\t"
# callers' input is read strictly; once stored, it is read leniently
_STRICT = ConfigDict(extra="forbid", revalidate_instances="never")


def _wrong_field(name: str, message: str) -> PydanticCustomError:
    """Return an error of the whole request that can be reported with a field's name."""
    return PydanticCustomError(WRONG_FIELD, "{message}", {"message": message, "field": name})


def _check_notes(text: str) -> str:
    return check_characters(text, allowed=_LINE_CONTROLS)


def _check_email(address: str) -> str:
    try:
        email_validator.validate_email(address, check_deliverability=False)
    except email_validator.EmailNotValidError:
        # the library's own messages repeat parts of the address
        raise ValueError("must be a bare e-mail address such as compras@acme.mx") from None
    return address


def _check_quantity(quantity: Decimal) -> Decimal:
    # Odoo silently rounds a third decimal
    if quantity != quantity.quantize(Decimal("0.01")):
        raise ValueError("must have at most two decimals")
    return quantity


def _check_price(price: Decimal) -> Decimal:
    if price != COMPUTED_PRICE and price < 0:
        raise ValueError("must be 0 or more, or -1 to let Odoo compute it")
    return price


def _text(longest: int, shortest: int = 0) -> Any:
    return (
        Field(min_length=shortest, max_length=longest),
        BeforeValidator(strip),
        AfterValidator(check_characters),
    )


_Required200 = Annotated[
    str, *_text(200, shortest=1), AfterValidator(check_visible), AfterValidator(not_a_placeholder)
]
_Optional200 = Annotated[str, *_text(200)]
_Phone = Annotated[str, *_text(64), BeforeValidator(to_phone)]
_Notes = Annotated[str, Field(max_length=4000), AfterValidator(_check_notes)]
_Email = Annotated[
    str,
    Field(max_length=254, json_schema_extra={"format": "email"}),
    BeforeValidator(strip),
    BeforeValidator(without_invisible),
    AfterValidator(check_characters),
    AfterValidator(_check_email),
]


def _id_or(message: str) -> Any:
    """Return a validator for an id, with a message of its own for a name in its place."""

    def to_id(value: object) -> int:
        try:
            return to_integer(value)
        except ValueError:
            if isinstance(value, str) and any(character.isalpha() for character in value):
                raise ValueError(message) from None
            raise

    return BeforeValidator(to_id)


_Id = Annotated[
    int,
    Field(ge=0, le=MAX_DATABASE_ID),
    BeforeValidator(to_integer),
    WithJsonSchema({"type": "integer", "minimum": 0, "maximum": MAX_DATABASE_ID}),
]
_ProductId = Annotated[_Id, _id_or("must be the product's numeric id in Odoo; for a code or a name, use product")]
_UserId = Annotated[_Id, _id_or("must be the user's numeric id in Odoo, or 0 to let Odoo assign one")]
_Quantity = Annotated[
    Decimal,
    Field(ge=Decimal("0.01"), le=1_000_000),
    BeforeValidator(to_number),
    AfterValidator(_check_quantity),
    Number,
    WithJsonSchema({"type": "number", "minimum": 0.01, "maximum": 1_000_000}),
]
_Price = Annotated[
    Decimal,
    Field(ge=-1, le=10**12),
    BeforeValidator(to_price),
    AfterValidator(_check_price),
    Number,
    WithJsonSchema({"type": "number", "minimum": -1, "maximum": 10**12}),
]


def _check_currency(code: str) -> str:
    if code and not _CURRENCY.fullmatch(code):
        raise ValueError("must be an ISO 4217 code such as MXN")
    return code


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


_Currency = Annotated[
    str,
    BeforeValidator(_upper),
    BeforeValidator(strip),
    BeforeValidator(without_invisible),
    AfterValidator(check_characters),
    AfterValidator(_check_currency),
]


class LineRequest(StoredLine, Arguments):
    """One order line: a product, its quantity and its unit price."""

    model_config = _STRICT

    product_id: _ProductId = Field(
        0, description="Database id of the product in Odoo.", json_schema_extra=drop_null_default
    )
    product: _Optional200 = Field("", description="Instead of product_id: code, barcode or words from the name.")
    product_qty: _Quantity = Field(
        Decimal(1),
        description="Quantity, at most two decimals.",
        json_schema_extra={"default": 1},
    )
    product_price: _Price = Field(
        COMPUTED_PRICE,
        description="Unit price without tax; -1 lets Odoo's price list decide.",
        json_schema_extra={"default": -1},
    )

    @model_validator(mode="after")
    def _check_product(self) -> Self:
        if not self.product_id and not self.product:
            raise _wrong_field("product_id", "product_id or product is required")
        if self.product_id and self.product:
            raise _wrong_field("product", "product cannot be combined with product_id")
        return self


class QuotationRequest(StoredRequest, Arguments):
    """The request for a quotation."""

    # lenient parsing is in quotation.forgiving, and all other rules are here
    model_config = _STRICT

    _line: ClassVar[type[StoredLine]] = LineRequest

    partner_name: _Required200 = Field(description="Name of the customer: a company or a person.")
    contact_name: _Optional200 = Field("", description="Contact person at the customer's company.")
    email: _Email = Field(description="The customer's e-mail address, without a display name.")
    phone: _Phone = Field("", description="The customer's telephone number.")
    lead_name: _Required200 = Field(description="Title of the quotation, e.g. 'Cotización Robot PUDU'.")
    product_id: _ProductId | None = Field(
        None,
        description="Database id of the product in Odoo. Required unless product or lines is given.",
        json_schema_extra=drop_null_default,
    )
    product: _Optional200 = Field("", description="Instead of product_id: code, barcode or words from the name.")
    product_qty: _Quantity = Field(
        Decimal(1),
        description="Quantity, at most two decimals.",
        json_schema_extra={"default": 1},
    )
    product_price: _Price = Field(
        COMPUTED_PRICE,
        description="Unit price without tax; -1 lets Odoo's price list decide.",
        json_schema_extra={"default": -1},
    )
    currency: _Currency = Field(
        "",
        description="Currency of the agreed prices, ISO 4217. An order in another currency is refused.",
    )
    user_id: _UserId = Field(0, description="Salesperson's user id in Odoo; 0 lets Odoo assign one.")
    lines: Annotated[list[LineRequest], Field(max_length=_MOST_LINES)] | None = Field(
        None,
        description="Several products, instead of the four single-product fields.",
        json_schema_extra=drop_null_default,
    )
    notes: _Notes = Field("", description="Notes for the order, shown on it as typed.")

    @model_validator(mode="after")
    def _check_products(self) -> Self:
        names_one = self.product_id is not None or bool(self.product)
        if self.lines is None and not names_one:
            raise _wrong_field("product_id", "product_id, product or lines is required")
        if self.product_id is not None and self.product:
            raise _wrong_field("product", "product cannot be combined with product_id")
        if self.lines is not None and not self._agree():
            raise _wrong_field(
                "lines", "lines cannot be combined with product_id, product, product_qty or product_price"
            )
        return self

    def _agree(self) -> bool:
        """Return True if the single fields say nothing that the only line does not say as well."""
        lines = self.lines or []
        for name in LineRequest.model_fields:
            value = getattr(self, name)
            is_default = value == QuotationRequest.model_fields[name].default
            if not is_default and (len(lines) > 1 or value != getattr(lines[0], name)):
                return False
        return True

    @classmethod
    def filled_in(cls, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the fields that are filled in; clients with strict schemas send empty lines beside a product."""
        given = super().filled_in(data)
        lines = given.get("lines")
        names_one = bool(given.keys() & {"product_id", "product"})
        is_list = isinstance(lines, list) and len(lines) <= _MOST_LINES
        if names_one and is_list and all(map(_is_empty_line, lines or [])):
            del given["lines"]
        elif lines and not names_one and data.keys() & {"product_id", "product"}:
            # the zeros of a client that must send every field
            given = {name: value for name, value in given.items() if name not in _NUMBERS or not is_zero(value)}
        return given


def _is_empty_line(line: object) -> bool:
    if not isinstance(line, Mapping):
        return is_blank(line)
    fields = LineRequest.model_fields
    return all(
        name in fields and (_is_number(value, fields[name].default) or is_zero(value))
        for name, value in LineRequest.filled_in(line).items()
    )


def _is_number(value: object, number: object) -> bool:
    try:
        return to_number(value) == number
    except ValueError:
        return False
