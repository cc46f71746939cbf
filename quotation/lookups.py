"""Look-ups in Odoo: what callers ask, what they get, and the names that cross Temporal for it."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from quotation.messages import CheckedProduct, FoundPartner
from quotation.stored import Stored
from quotation.values import Arguments, check_characters, check_visible, drop_null_default, to_integer

PRODUCTS_WORKFLOW = "LookupProducts"
"""Type of the workflow that finds products."""

PARTNERS_WORKFLOW = "LookupPartners"
"""Type of the workflow that finds customers."""

CHECK_WORKFLOW = "LookupCheck"
"""Type of the workflow that checks a request and writes nothing."""

FIND_PRODUCTS = "find_products"
"""Name of the activity that finds products."""

FIND_PARTNERS = "find_partners"
"""Name of the activity that finds customers."""

ID_PREFIX = "lookup_"
"""What the workflow ids of all look-ups begin with."""

SECONDS = 7.0
"""How long the work of a look-up may take: somebody waits for it."""

SHORTEST_PARTNER_QUERY = 2
"""So many characters are needed to find customers: nobody shall page through all of them by an empty query."""

_LONGEST_QUERY = 200
_MOST = 100
_CURSOR = re.compile(r"[1-9][0-9]{0,9}", re.ASCII)
_BLANKS = re.compile(r"\s+")


def _one_line(value: object) -> object:
    return _BLANKS.sub(" ", value).strip() if isinstance(value, str) else value


def _check_cursor(cursor: str) -> str:
    if not _CURSOR.fullmatch(cursor):
        raise ValueError("must be the next_cursor of an earlier answer")
    return cursor


Limit = Annotated[
    int,
    Field(ge=1, le=_MOST),
    BeforeValidator(to_integer),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": _MOST}),
]
"""How many items a page has at most."""


class Search(Stored):
    """What a look-up finds, as it crosses Temporal: checked when it was asked, by whichever version."""

    limit: int = 20
    cursor: str | None = None
    query: str = ""

    @property
    def words(self) -> list[str]:
        """The words, each of which is found."""
        return self.query.split()

    @property
    def after_id(self) -> int:
        """The id after which the page begins; 0 for the first page."""
        return int(self.cursor or 0)


class PageArguments(Arguments):
    """Which page of a list; blank is the same as absent, as in an address with `limit=&cursor=`."""

    limit: Limit = Field(20, json_schema_extra={"default": 20})

    @model_validator(mode="before")
    @classmethod
    def _drop_blanks(cls, data: object) -> object:
        if isinstance(data, dict):
            return {name: value for name, value in data.items() if value != "" or name not in cls.model_fields}
        return data


class _Query(PageArguments, Search):
    model_config = ConfigDict(extra="forbid")

    cursor: Annotated[str, AfterValidator(_check_cursor)] | None = Field(
        None, description="next_cursor of the page before.", json_schema_extra=drop_null_default
    )


def _words(shortest: int = 0) -> Any:
    return (
        Field(min_length=shortest, max_length=_LONGEST_QUERY),
        BeforeValidator(_one_line),
        AfterValidator(check_characters),
    )


class ProductQuery(_Query):
    """Which products to find: those that have every word; all where there is none."""

    query: Annotated[str, *_words()] = Field("", description="Words of name, code or barcode; empty: all.")


class PartnerQuery(_Query):
    """Which customers to find: those that have every word."""

    query: Annotated[str, *_words(SHORTEST_PARTNER_QUERY), AfterValidator(check_visible)] = Field(
        description="Words of name or e-mail."
    )


class _Answer(Stored):
    model_config = ConfigDict(frozen=True)


class Product(_Answer):
    """A product that is active and for sale."""

    id: int
    name: str
    default_code: str | None
    barcode: str | None
    list_price: float
    currency: str | None


class Partner(_Answer):
    """A customer: what is needed to recognise one, and no more."""

    id: int
    name: str | None
    email: str | None
    is_company: bool


class ProductPage(_Answer):
    """Some of the products found, by id; `next_cursor` is null on the last page."""

    items: list[Product]
    next_cursor: str | None


class PartnerPage(_Answer):
    """Some of the customers found, by id; `next_cursor` is null on the last page."""

    items: list[Partner]
    next_cursor: str | None


class Checked(_Answer):
    """What a quotation would use; the partner is null where it would be created."""

    partner: FoundPartner | None
    products: list[CheckedProduct]


def cursor_after(items: list[Any], *, more: bool) -> str | None:
    """Give the cursor of the page after these items, by id; None where there is none."""
    return str(items[-1].id) if more else None
