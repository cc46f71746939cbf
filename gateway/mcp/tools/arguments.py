"""The arguments of the MCP tools on quotations."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from gateway.schemas import Schema, input_schema
from gateway.service.bulk_retries import FailedOnes
from gateway.service.starts.idempotency import LONGEST_KEY, PRINTABLE, IdempotencyKey
from quotation.forgiving.arguments import Arguments
from quotation.forgiving.numerals import to_number
from quotation.identity import TRACKING_ID_PATTERN
from quotation.request import QuotationRequest
from quotation.values import drop_null_default, strip

_MOST_WAIT_SECONDS = 20
"""Clients give up on a call after 25 to 60 s."""

_Key = Annotated[str, Field(max_length=LONGEST_KEY, pattern=PRINTABLE), BeforeValidator(strip)]


# the limits come first: after the validator, pydantic writes them as `ge` and `le`, which are not JSON schema
_Wait = Annotated[
    float,
    Field(ge=0, le=_MOST_WAIT_SECONDS, json_schema_extra={"default": 0}),
    BeforeValidator(to_number),
]


class StartOptions(Arguments):
    """The arguments of `create_quotation` besides the request itself."""

    wait_seconds: _Wait = Field(0, description="Seconds to wait for a final status; 20 is best.")

    dry_run: bool = Field(
        default=False,
        description="Run every check, in Odoo too, but write nothing.",
        json_schema_extra={"default": False},
    )
    idempotency_key: _Key | None = Field(
        None,
        description="Your own key for this quotation. To repeat a lost call, send the same key.",
        json_schema_extra=drop_null_default,
    )
    conversation_id: _Key | None = Field(
        None,
        description="Instead of a key: within one conversation, the same customer and products are one quotation.",
        json_schema_extra=drop_null_default,
    )

    @property
    def key(self) -> IdempotencyKey | None:
        """The key that makes a repeated call the same quotation, if there is one."""
        return IdempotencyKey.chosen(self.idempotency_key, self.conversation_id)


class QuotationReference(Arguments):
    """The arguments of a tool on one quotation."""

    tracking_id: Annotated[str, BeforeValidator(strip)] = Field(
        description="As returned by the create tool.", json_schema_extra={"pattern": TRACKING_ID_PATTERN}
    )


class StatusArguments(QuotationReference):
    """The arguments of `get_quotation_status`."""

    wait_seconds: _Wait = Field(0, description="Seconds to wait for a final status; 20 is best.")


def _corrections_schema() -> Schema:
    """Return the correctable fields; a blank text, an empty list and the id 0 leave a field as it was."""
    fields = input_schema(QuotationRequest)["properties"]
    types = _types(fields)
    types["lines"]["items"] = {"type": "object", "properties": _types(fields["lines"]["items"]["properties"])}
    # no number means "as it was"; a numeral in a text may be blank
    types["product_qty"] = types["product_price"] = {"type": "string"}
    return {"type": "object", "properties": types}


def _types(properties: Schema) -> Schema:
    return {name: {"type": schema["type"]} for name, schema in properties.items()}


class RetryArguments(QuotationReference):
    """The arguments of `retry_quotation`."""

    corrections: Annotated[dict[str, Any], WithJsonSchema(_corrections_schema())] | None = Field(
        None,
        description='New values for fields of the create tool, e.g. {"product_id": 26174}. A blank text, an empty'
        " list or the id 0 leaves a field unchanged.",
        json_schema_extra=drop_null_default,
    )


class BulkRetryArguments(FailedOnes):
    """The arguments of `retry_quotations`."""

    dry_run: bool = Field(default=False, description="Only list them.", json_schema_extra={"default": False})
