"""Which quotations to list: as every caller may ask, and as those who read everyone's do."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema

from gateway.service.lists.cursors import decode_cursor
from quotation.errors import ErrorCode
from quotation.lookups import PageArguments
from quotation.status import State
from quotation.values import drop_null_default

_LONGEST = 300


def _check_cursor(cursor: str) -> str:
    decode_cursor(cursor)
    return cursor


def _in_utc(moment: datetime) -> datetime:
    # all times of the API are UTC
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


# the schemas of the status list the codes already
Code = Annotated[ErrorCode, WithJsonSchema({"type": "string"})]
"""The code with which a quotation failed."""

Time = Annotated[datetime, AfterValidator(_in_utc), WithJsonSchema({"type": "string"})]
"""A time, which is UTC if it has no zone."""

_Text = Annotated[str, Field(max_length=_LONGEST)]


class ListArguments(PageArguments):
    """Which quotations to list."""

    status: State | None = Field(
        None,
        description="queued, processing, completed, failed or cancelled; blank for all.",
        json_schema_extra=drop_null_default,
    )
    cursor: Annotated[str, Field(max_length=1000), AfterValidator(_check_cursor)] | None = Field(
        None, description="The previous page's next_cursor.", json_schema_extra=drop_null_default
    )


class Wanted(ListArguments):
    """Which quotations an operator wants to see; an omitted field matches all."""

    error_code: Code | None = Field(
        None, description="Only those that failed with this code.", json_schema_extra=drop_null_default
    )
    owner: _Text | None = Field(
        None, description="Only those that this caller started.", json_schema_extra=drop_null_default
    )
    words: _Text | None = Field(
        None,
        description="Only those whose id, order, error code or owner begins with each of these words.",
        json_schema_extra=drop_null_default,
    )
    since: Time | None = Field(
        None,
        description="Ended, or if unfinished started, at or after this time (UTC).",
        json_schema_extra=drop_null_default,
    )
    until: Time | None = Field(
        None,
        description="Ended, or if unfinished started, at or before this time.",
        json_schema_extra=drop_null_default,
    )

    def names(self, tracking_id: str, *others: str | None) -> bool:
        """Return True if each of the words is the beginning of one of these names; `quot_` may be left out."""
        names = [tracking_id, tracking_id.partition("_")[2], *filter(None, others)]
        return all(
            any(name.casefold().startswith(word) for name in names)
            for word in (self.words or "").casefold().split()
        )
