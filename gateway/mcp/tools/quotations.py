"""The MCP tools, one set for each configured environment (contract, section 1)."""

from typing import Annotated, Any, Literal

from mcp_types import Tool as Definition
from pydantic import BaseModel, ConfigDict, Field

from gateway.mcp.next_action import next_action, poll_after_seconds
from gateway.mcp.tools.listing import list_quotations
from gateway.mcp.tools.lookups import search_partners, search_products
from gateway.mcp.tools.tool import CANCELS, CREATES, READS, Tool, create_tool, status_tool
from gateway.schemas import either, input_schema, output_schema
from gateway.service.callers import Caller
from gateway.service.idempotency import LONGEST_KEY, PRINTABLE, IdempotencyKey
from gateway.service.lookups import CheckedQuotation
from gateway.service.quotations import Accepted, CancelRequested, QuotationService
from quotation.environment import Environment
from quotation.identity import TRACKING_ID
from quotation.request import QuotationRequest
from quotation.status import QuotationStatus
from quotation.values import drop_null_default

_CREATE = """\
Start a sales quotation in the {label} Odoo.{warning} The customer is found by e-mail or created; lead, \
opportunity and sale order are made. Call it once, as soon as customer, e-mail, title and product are known. It \
answers at once: accepted is not finished, the work takes 20-30 seconds. Then call {status_tool}. A call whose \
answer was lost may be repeated with the same idempotency_key; without one every call makes another quotation, so \
never call it again to ask how far one is."""

_STATUS = """\
Tell how far a quotation in the {label} Odoo is, and what exists of it there; wait_seconds 20 waits for its end. \
Final: completed, failed, cancelled; then stop. Otherwise do what next_action says, not before \
poll_after_seconds. A failed one has an error with the reason."""

_CANCEL = """\
Stop a quotation in the {label} Odoo that is not finished. What it has made stays and is listed in its status. \
Requested is not done: ask {status_tool} until the status is final; one that was nearly done completes."""

_RETRY = """\
Run a failed or cancelled quotation in the {label} Odoo again under its tracking_id; nothing is made twice.\
{warning} Correct what its error names with corrections. Then ask {status_tool} as after a start."""

_MOST_WAIT_SECONDS = 20
"""Clients give a call up after 25 to 60 s."""

_PRODUCTION_WARNING = " This writes to PRODUCTION: real records that the sales team and customers see."


class AcceptedQuotation(Accepted):
    """A quotation that was started, and how to read its status; it is not finished."""

    check_status_with: str


class StartedQuotation(AcceptedQuotation):
    """The same of a start that may be repeated."""

    replayed: Literal[True] | None = Field(None, exclude_if=lambda value: value is None)
    """There only where an earlier call had started it."""


class ToolStatus(QuotationStatus):
    """A quotation's status, and what a model should do next."""

    poll_after_seconds: int | None
    next_action: str


class CheckedCancel(CancelRequested):
    """A cancel that was requested, and how to read what came of it."""

    check_status_with: str


_Key = Annotated[str, Field(min_length=1, max_length=LONGEST_KEY, pattern=PRINTABLE)]


class CreateArguments(QuotationRequest):
    """The arguments of `create_quotation`."""

    dry_run: bool = Field(
        default=False,
        description="Check all of it, also in Odoo, and write nothing.",
        json_schema_extra={"default": False},
    )

    idempotency_key: _Key | None = Field(
        None,
        description="Of your choice, one for each quotation: to retry a lost call send the same key again.",
        json_schema_extra=drop_null_default,
    )
    conversation_id: _Key | None = Field(
        None,
        description="Instead of a key: the same request in the same conversation is the same quotation.",
        json_schema_extra=drop_null_default,
    )

    @property
    def request(self) -> QuotationRequest:
        """The request alone."""
        return QuotationRequest.model_validate(
            self.model_dump(exclude=set(CreateArguments.model_fields) - set(QuotationRequest.model_fields))
        )

    @property
    def key(self) -> IdempotencyKey | None:
        """What makes a repeated call the same quotation."""
        return IdempotencyKey.chosen(self.idempotency_key, self.conversation_id)


class QuotationReference(BaseModel):
    """The arguments of a tool on one quotation."""

    model_config = ConfigDict(extra="forbid")

    tracking_id: str = Field(
        description="As the create tool returned it.", json_schema_extra={"pattern": f"^{TRACKING_ID.pattern}$"}
    )


class StatusArguments(QuotationReference):
    """The arguments of `get_quotation_status`."""

    wait_seconds: float = Field(
        0,
        ge=0,
        le=_MOST_WAIT_SECONDS,
        description="Hold the answer until the status is final, or so many seconds.",
        json_schema_extra={"default": 0},
    )


class RetryArguments(QuotationReference):
    """The arguments of `retry_quotation`."""

    corrections: dict[str, Any] | None = Field(
        None,
        description='Fields of the create tool with new values, e.g. {"product_id": 26174}; the others stay.',
        json_schema_extra=drop_null_default,
    )


def create_tools(service: QuotationService, environment: Environment) -> list[Tool[Any]]:
    """Give the tools of one environment."""
    return [
        _create_quotation(service, environment),
        _get_quotation_status(service, environment),
        _cancel_quotation(service, environment),
        _retry_quotation(service, environment),
        list_quotations(service, environment),
        search_products(service.lookups, environment),
        search_partners(service.lookups, environment),
    ]


def told(status: QuotationStatus, environment: str) -> ToolStatus:
    """Give a status as the tool of this environment tells it."""
    return ToolStatus(
        **dict(status),
        poll_after_seconds=poll_after_seconds(status),
        next_action=next_action(status, environment),
    )


def _create_quotation(service: QuotationService, environment: Environment) -> Tool[CreateArguments]:
    async def call(caller: Caller, arguments: CreateArguments) -> StartedQuotation | CheckedQuotation:
        if arguments.dry_run:
            return await service.lookups.check(caller, environment.name, arguments.request)
        accepted = await service.start(caller, environment.name, arguments.request, arguments.key)
        return StartedQuotation(
            **accepted.model_dump(),
            check_status_with=_check_with(environment.name, accepted.tracking_id),
            replayed=accepted.is_replayed or None,
        )

    definition = Definition(
        name=create_tool(environment.name),
        description=_CREATE.format(
            label=environment.label, warning=_warning(environment), status_tool=status_tool(environment.name)
        ),
        input_schema=input_schema(CreateArguments),
        output_schema=either(output_schema(StartedQuotation, lists_values=False), output_schema(CheckedQuotation)),
        annotations=CREATES,
    )
    return Tool(definition, CreateArguments, call)


def _get_quotation_status(service: QuotationService, environment: Environment) -> Tool[StatusArguments]:
    async def call(caller: Caller, arguments: StatusArguments) -> ToolStatus:
        status = await service.wait(caller, arguments.tracking_id, arguments.wait_seconds, environment.name)
        return told(status, environment.name)

    definition = Definition(
        name=status_tool(environment.name),
        description=_STATUS.format(label=environment.label),
        input_schema=input_schema(StatusArguments),
        output_schema=output_schema(ToolStatus),
        annotations=READS,
    )
    return Tool(definition, StatusArguments, call)


def _cancel_quotation(service: QuotationService, environment: Environment) -> Tool[QuotationReference]:
    async def call(caller: Caller, arguments: QuotationReference) -> CheckedCancel:
        requested = await service.cancel(caller, arguments.tracking_id, environment.name)
        return CheckedCancel(
            **requested.model_dump(), check_status_with=_check_with(environment.name, requested.tracking_id)
        )

    definition = Definition(
        name=f"{environment.name}_cancel_quotation",
        description=_CANCEL.format(label=environment.label, status_tool=status_tool(environment.name)),
        input_schema=input_schema(QuotationReference),
        output_schema=output_schema(CheckedCancel, lists_values=False),
        annotations=CANCELS,
    )
    return Tool(definition, QuotationReference, call)


def _retry_quotation(service: QuotationService, environment: Environment) -> Tool[RetryArguments]:
    async def call(caller: Caller, arguments: RetryArguments) -> AcceptedQuotation:
        accepted = await service.retry(
            caller, arguments.tracking_id, arguments.corrections or {}, environment.name
        )
        return AcceptedQuotation(
            **accepted.model_dump(), check_status_with=_check_with(environment.name, accepted.tracking_id)
        )

    definition = Definition(
        name=f"{environment.name}_retry_quotation",
        description=_RETRY.format(
            label=environment.label, warning=_warning(environment), status_tool=status_tool(environment.name)
        ),
        input_schema=input_schema(RetryArguments),
        output_schema=output_schema(AcceptedQuotation, lists_values=False),
        annotations=CREATES,
    )
    return Tool(definition, RetryArguments, call)


def _check_with(environment: str, tracking_id: str) -> str:
    return f"{status_tool(environment)}(tracking_id='{tracking_id}')"


def _warning(environment: Environment) -> str:
    return _PRODUCTION_WARNING if environment.is_production else ""
