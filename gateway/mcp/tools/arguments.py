"""The arguments of the MCP tools on quotations."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from gateway.service.starts.idempotency import LONGEST_KEY, PRINTABLE, IdempotencyKey
from quotation.identity import TRACKING_ID_PATTERN
from quotation.values import Arguments, drop_null_default

_MOST_WAIT_SECONDS = 20
"""Clients give up on a call after 25 to 60 s."""

_Key = Annotated[str, Field(min_length=1, max_length=LONGEST_KEY, pattern=PRINTABLE)]


_Wait = Annotated[
    float,
    BeforeValidator(lambda seconds: seconds or 0),
    Field(ge=0, le=_MOST_WAIT_SECONDS, json_schema_extra={"default": 0}),
]


class StartOptions(Arguments):
    """The arguments of `create_quotation` beside the request itself."""

    wait_seconds: _Wait = Field(0, description="Wait for the end, and return the status. 20 is best.")

    dry_run: bool = Field(
        default=False,
        description="Check everything, also in Odoo, and write nothing.",
        json_schema_extra={"default": False},
    )
    idempotency_key: _Key | None = Field(
        None,
        description="Your own key for this quotation. To repeat a lost call, send the same key.",
        json_schema_extra=drop_null_default,
    )
    conversation_id: _Key | None = Field(
        None,
        description="Instead of a key: the same request in one conversation is the same quotation.",
        json_schema_extra=drop_null_default,
    )

    @property
    def key(self) -> IdempotencyKey | None:
        """The key that makes a repeated call the same quotation, if there is one."""
        return IdempotencyKey.chosen(self.idempotency_key, self.conversation_id)


class QuotationReference(BaseModel):
    """The arguments of a tool on one quotation."""

    model_config = ConfigDict(extra="forbid")

    tracking_id: str = Field(
        description="As returned by the create tool.", json_schema_extra={"pattern": TRACKING_ID_PATTERN}
    )


class StatusArguments(QuotationReference):
    """The arguments of `get_quotation_status`."""

    wait_seconds: _Wait = Field(
        0, description="Hold the answer until the status is final, for at most this many seconds."
    )


class RetryArguments(QuotationReference):
    """The arguments of `retry_quotation`."""

    corrections: dict[str, Any] | None = Field(
        None,
        description='Fields of the create tool with new values, e.g. {"product_id": 26174}; the others stay.',
        json_schema_extra=drop_null_default,
    )
