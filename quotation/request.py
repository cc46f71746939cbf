"""The request for a quotation and its validation, the same over REST and MCP (contract, section 1)."""

import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Self

import email_validator
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
    model_validator,
)

MAX_DATABASE_ID = 2**31 - 1
"""The largest id a PostgreSQL `integer` column, and so an Odoo record, can have."""

COMPUTED_PRICE = Decimal(-1)
"""The price that asks Odoo to compute it: price list, currency and discount."""

# The library refuses RFC 6761's names (.test, .local), yet a company's own Odoo may well hold them.
email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()

_NUMERAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_LONGEST_NUMERAL = 64
# every blank but the control characters that are refused in any place
_EDGES = "".join(
    blank
    for blank in map(chr, range(0x3001))
    if blank.isspace() and (blank in "\t\r\n" or unicodedata.category(blank) != "Cc")
)
_LINE_CONTROLS = "\n\r\t"


def _check_characters(text: str, allowed: str = "") -> str:
    for character in text:
        if character in allowed:
            continue
        category = unicodedata.category(character)
        # XML 1.0 has no place for these, so XML-RPC cannot carry them
        if category in ("Cc", "Cs") or character in "\ufffe\uffff":
            raise ValueError(f"must not contain the character U+{ord(character):04X}")
    return text


def _strip(value: object) -> object:
    return value.strip(_EDGES) if isinstance(value, str) else value


def _check_notes(text: str) -> str:
    return _check_characters(text, allowed=_LINE_CONTROLS)


def _check_email(address: str) -> str:
    try:
        email_validator.validate_email(address, check_deliverability=False)
    except email_validator.EmailNotValidError:
        # the library's own sentences repeat parts of the address
        raise ValueError("must be a bare e-mail address such as compras@acme.mx") from None
    return address


def _to_number(value: object) -> Decimal:
    """Take JSON's numbers, and the numerals in strings that models send; refuse booleans and non-finite ones."""
    if isinstance(value, str) and len(value) <= _LONGEST_NUMERAL and _NUMERAL.fullmatch(value.strip(_EDGES)):
        return Decimal(value.strip(_EDGES))
    if isinstance(value, Decimal | int | float) and not isinstance(value, bool):
        number = Decimal(str(value)) if isinstance(value, float) else Decimal(value)
        if number.is_finite():
            return number
    raise ValueError("must be a finite number")


def _to_integer(value: object) -> int:
    number = _to_number(value)
    # compared first: int() of 1e999 would be a number of a thousand digits
    if abs(number) > 10**18 or number != int(number):
        raise ValueError("must be an integer")
    return int(number)


def _to_price(value: object) -> Decimal:
    # Odoo keeps prices as doubles: what it cannot hold is given up here, not silently there
    return Decimal(repr(float(_to_number(value))))


def _check_quantity(quantity: Decimal) -> Decimal:
    # Odoo rounds a third decimal away without a word
    if quantity != quantity.quantize(Decimal("0.01")):
        raise ValueError("must have at most two decimals")
    return quantity


def _check_price(price: Decimal) -> Decimal:
    if price != COMPUTED_PRICE and price < 0:
        raise ValueError("must be 0 or more, or -1 to let Odoo compute it")
    return price


def _jsonable_number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _text(longest: int, shortest: int = 0) -> Any:
    return (
        Field(min_length=shortest, max_length=longest),
        BeforeValidator(_strip),
        AfterValidator(_check_characters),
    )


def _drop_null_default(schema: dict[str, Any]) -> None:
    # null is the same as absent; saying so for each field would cost a model tokens for nothing
    schema.pop("default", None)


_Required200 = Annotated[str, *_text(200, shortest=1)]
_Optional200 = Annotated[str, *_text(200)]
_Optional64 = Annotated[str, *_text(64)]
_Notes = Annotated[str, Field(max_length=4000), AfterValidator(_check_notes)]
_Email = Annotated[
    str,
    Field(max_length=254, json_schema_extra={"format": "email"}),
    BeforeValidator(_strip),
    AfterValidator(_check_characters),
    AfterValidator(_check_email),
]
_Number = PlainSerializer(_jsonable_number, return_type=int | float, when_used="json")
_ProductId = Annotated[
    int,
    Field(ge=1, le=MAX_DATABASE_ID),
    BeforeValidator(_to_integer),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MAX_DATABASE_ID}),
]
_UserId = Annotated[
    int,
    Field(ge=0, le=MAX_DATABASE_ID),
    BeforeValidator(_to_integer),
    WithJsonSchema({"type": "integer", "minimum": 0, "maximum": MAX_DATABASE_ID}),
]
_Quantity = Annotated[
    Decimal,
    Field(ge=Decimal("0.01"), le=1_000_000),
    BeforeValidator(_to_number),
    AfterValidator(_check_quantity),
    _Number,
    WithJsonSchema({"type": "number", "minimum": 0.01, "maximum": 1_000_000}),
]
_Price = Annotated[
    Decimal,
    Field(ge=-1, le=10**12),
    BeforeValidator(_to_price),
    AfterValidator(_check_price),
    _Number,
    WithJsonSchema({"type": "number", "minimum": -1, "maximum": 10**12}),
]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _drop_nulls(cls, data: object) -> object:
        if isinstance(data, Mapping):
            return {
                name: value for name, value in data.items() if value is not None or name not in cls.model_fields
            }
        return data


class LineRequest(_Request):
    """One line of the order: a product, how many, and at what unit price."""

    product_id: _ProductId = Field(description="Database id of the product in Odoo.")
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

    @property
    def has_price(self) -> bool:
        """True where the price was agreed on; False where Odoo computes it."""
        return self.product_price != COMPUTED_PRICE


class QuotationRequest(_Request):
    """What a customer asked for, validated and with its texts stripped.

    Null is the same as absent, numbers may come as numerals in strings, and an unknown field is an error.
    Raises `pydantic.ValidationError`, whose messages never repeat the input.
    """

    partner_name: _Required200 = Field(description="Name of the customer's company (or person).")
    contact_name: _Optional200 = Field("", description="Person to speak to at the customer.")
    email: _Email = Field(description="The customer's e-mail address, without a display name.")
    phone: _Optional64 = Field("", description="The customer's telephone number.")
    lead_name: _Required200 = Field(description="Title of the quotation, e.g. 'Cotización Robot PUDU'.")
    product_id: _ProductId | None = Field(
        None,
        description="Database id of the product in Odoo. Required unless `lines` is given.",
        json_schema_extra=_drop_null_default,
    )
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
    user_id: _UserId = Field(0, description="Salesperson's user id in Odoo; 0 lets Odoo assign one.")
    lines: Annotated[list[LineRequest], Field(min_length=1, max_length=50)] | None = Field(
        None,
        description="Several products; replaces product_id, product_qty and product_price.",
        json_schema_extra=_drop_null_default,
    )
    notes: _Notes = Field("", description="Remarks for the order, shown on it as typed.")

    @model_validator(mode="after")
    def _check_products(self) -> Self:
        if self.lines is None and self.product_id is None:
            raise ValueError("product_id is required unless lines is given")
        is_single = self.product_id is not None or self.product_qty != 1 or self.product_price != COMPUTED_PRICE
        if self.lines is not None and is_single:
            raise ValueError("lines excludes product_id, product_qty and product_price")
        return self

    @property
    def normalized_email(self) -> str:
        """The address in lower case, by which partners are compared (Odoo's `email_normalized`)."""
        return self.email.lower()

    @property
    def order_lines(self) -> list[LineRequest]:
        """The requested lines, whichever of the two ways they came in."""
        if self.lines is not None:
            return self.lines
        return [
            LineRequest(
                product_id=self.product_id or 0,
                product_qty=self.product_qty,
                product_price=self.product_price,
            )
        ]
