"""Look-ups in Odoo: queries, answers, and the names under which Temporal runs them."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, WithJsonSchema

from quotation.document import Log
from quotation.forgiving.absent import not_a_placeholder
from quotation.forgiving.arguments import Arguments
from quotation.forgiving.numerals import to_integer
from quotation.messages import CheckedProduct, FoundPartner
from quotation.stored import Stored
from quotation.values import check_characters, check_visible, drop_null_default
from quotation.warning import QuotationWarning


def task_queue(environment: str) -> str:
    """Return the task queue of an environment's look-ups, which do not wait behind its quotations."""
    return f"lookups-{environment}"


PRODUCTS_WORKFLOW = "LookupProducts"
"""The type of the workflow that finds products."""

PARTNERS_WORKFLOW = "LookupPartners"
"""The type of the workflow that finds customers."""

CHECK_WORKFLOW = "LookupCheck"
"""The type of the workflow that checks a request and writes nothing."""

LOG_WORKFLOW = "LookupLog"
"""The type of the workflow that reads a quotation's log; it runs on the task queue of the logs."""

READ_LOG = "read_log"
"""The name of the activity that reads a quotation's log."""

FIND_PRODUCTS = "find_products"
"""The name of the activity that finds products."""

FIND_PARTNERS = "find_partners"
"""The name of the activity that finds customers."""

BUSY = "odoo_busy"
"""The type of the error of a look-up that got no turn in time, because Odoo is busy."""

ID_PREFIX = "lookup_"
"""The beginning of all look-ups' workflow ids."""

SECONDS = 7.0
"""The time limit of a look-up's work in seconds; a caller waits for the answer."""

SHORTEST_PARTNER_QUERY = 2
"""The minimum length of a query for customers; otherwise a caller could page through all of them."""

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
"""The number of items on a page, at most."""


class Search(Stored):
    """A query as it crosses Temporal; the gateway that received it has checked it, whatever its version."""

    limit: int = 20
    cursor: str | None = None
    query: str = ""

    @property
    def after_id(self) -> int:
        """The id after which the page begins; 0 for the first page."""
        return int(self.cursor or 0)


class PageArguments(Arguments):
    """The page of a list."""

    limit: Limit = Field(20, json_schema_extra={"default": 20})


class _Query(PageArguments, Search):
    model_config = ConfigDict(extra="forbid")

    cursor: Annotated[str, AfterValidator(_check_cursor)] | None = Field(
        None, description="The previous page's next_cursor.", json_schema_extra=drop_null_default
    )


def _words(shortest: int = 0) -> Any:
    return (
        Field(min_length=shortest, max_length=_LONGEST_QUERY),
        BeforeValidator(_one_line),
        AfterValidator(check_characters),
    )


class ProductQuery(_Query):
    """A query for products by words as people say them, or for all products if there is no word."""

    query: Annotated[str, *_words()] = Field(
        "", description="Words from the name, code or barcode, as people say them; empty lists all."
    )


class PartnerQuery(_Query):
    """A query for the customers that have every word."""

    query: Annotated[
        str, *_words(SHORTEST_PARTNER_QUERY), AfterValidator(check_visible), AfterValidator(not_a_placeholder)
    ] = Field(description="Words from the name or e-mail address.")


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
    """A customer, with just enough fields to recognise it."""

    id: int
    name: str | None
    email: str | None
    is_company: bool


class LogQuery(_Answer):
    """A quotation that Temporal no longer holds."""

    tracking_id: str


class FoundLog(_Answer):
    """The last log of a quotation; null if there is none."""

    log: Log | None


class ProductPage(_Answer):
    """Some of the products found, sorted by id; `next_cursor` is null on the last page."""

    items: list[Product]
    next_cursor: str | None


class PartnerPage(_Answer):
    """Some of the customers found, sorted by id; `next_cursor` is null on the last page."""

    items: list[Partner]
    next_cursor: str | None


class Checked(_Answer):
    """The records that a quotation would use; the partner is null if it would be created."""

    partner: FoundPartner | None
    products: list[CheckedProduct]
    warnings: list[QuotationWarning] = Field([])
