"""The MCP tools, one set for each configured environment (contract, section 1)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from mcp_types import Tool as Definition
from mcp_types import ToolAnnotations
from pydantic import BaseModel, ConfigDict, Field

from gateway.schemas import input_schema, output_schema
from gateway.service import Accepted, CancelRequested, QuotationService
from quotation.identity import TRACKING_ID
from quotation.request import QuotationRequest
from quotation.status import QuotationStatus

ArgumentsT = TypeVar("ArgumentsT", bound=BaseModel)

_CREATE = """\
Start a sales quotation in the {label} Odoo.{warning} The customer is found by e-mail or created, then a lead, \
an opportunity and a sale order with its lines are made. Call it once, as soon as customer, e-mail, title and \
product are known. It answers at once: accepted is not finished. The work takes 20-30 seconds, so call \
{status_tool} with the tracking_id every 5 seconds until the status is final. Every call makes another \
quotation: never call it again to ask how far one is."""

_STATUS = """\
Tell how far a quotation in the {label} Odoo is, and what exists of it there. Final states: completed, failed, \
cancelled; then stop. With queued or processing ask again after 5 seconds; all in all it takes 20-30 seconds. A \
failed quotation has an error with the reason, and its result tells what was left in Odoo. A retrying that is \
not null means that Odoo is away for now: the quotation goes on by itself, so tell the user and ask less often."""

_CANCEL = """\
Stop a quotation in the {label} Odoo that is queued or processing. What it has made there stays and is listed in \
its status. Requested is not done: ask {status_tool} until the status is final; one that was nearly done \
completes."""

_RETRY = """\
Run a quotation in the {label} Odoo again that failed or was cancelled, under the same tracking_id; nothing is \
made twice.{warning} Correct what its error names by putting the new values into corrections. Then ask \
{status_tool} as after a start."""

_PRODUCTION_WARNING = " This writes to PRODUCTION: real records that the sales team and customers see."

_CREATES = ToolAnnotations(
    read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=True
)
_CANCELS = ToolAnnotations(read_only_hint=False, destructive_hint=True, idempotent_hint=True, open_world_hint=True)
_READS = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)


@dataclass(frozen=True)
class Tool(Generic[ArgumentsT]):
    """A tool as clients see it, and what a call of it does."""

    definition: Definition
    arguments: type[ArgumentsT]
    call: Callable[[ArgumentsT], Awaitable[BaseModel]]
    """Raises `GatewayError` for a refusal."""


class AcceptedQuotation(Accepted):
    """A quotation that was started, and how to read its status; it is not finished."""

    check_status_with: str


class CheckedCancel(CancelRequested):
    """A cancel that was requested, and how to read what came of it."""

    check_status_with: str


def _drop_null_default(schema: dict[str, Any]) -> None:
    # null is the same as absent
    schema.pop("default", None)


class QuotationReference(BaseModel):
    """The arguments of a tool on one quotation."""

    model_config = ConfigDict(extra="forbid")

    tracking_id: str = Field(
        description="As the create tool returned it.", json_schema_extra={"pattern": f"^{TRACKING_ID.pattern}$"}
    )


class RetryArguments(QuotationReference):
    """The arguments of `retry_quotation`."""

    corrections: dict[str, Any] | None = Field(
        None,
        description='Fields of the create tool with new values, e.g. {"product_id": 26174}; the others stay.',
        json_schema_extra=_drop_null_default,
    )


def create_tools(service: QuotationService) -> list[Tool[Any]]:
    """Give the tools of every configured environment."""
    tools: list[Tool[Any]] = []
    for environment, label in service.environments.items():
        tools.append(_create_quotation(service, environment, label))
        tools.append(_get_quotation_status(service, environment, label))
        tools.append(_cancel_quotation(service, environment, label))
        tools.append(_retry_quotation(service, environment, label))
    return tools


def _create_quotation(service: QuotationService, environment: str, label: str) -> Tool[QuotationRequest]:
    async def call(request: QuotationRequest) -> AcceptedQuotation:
        accepted = await service.start(environment, request)
        return AcceptedQuotation(
            **accepted.model_dump(), check_status_with=_check_with(environment, accepted.tracking_id)
        )

    definition = Definition(
        name=f"{environment}_create_quotation",
        description=_CREATE.format(
            label=label, warning=_warning(environment, label), status_tool=_status_tool(environment)
        ),
        input_schema=input_schema(QuotationRequest),
        output_schema=output_schema(AcceptedQuotation),
        annotations=_CREATES,
    )
    return Tool(definition, QuotationRequest, call)


def _get_quotation_status(service: QuotationService, environment: str, label: str) -> Tool[QuotationReference]:
    async def call(arguments: QuotationReference) -> QuotationStatus:
        return await service.status(arguments.tracking_id, environment)

    definition = Definition(
        name=_status_tool(environment),
        description=_STATUS.format(label=label),
        input_schema=input_schema(QuotationReference),
        output_schema=output_schema(QuotationStatus),
        annotations=_READS,
    )
    return Tool(definition, QuotationReference, call)


def _cancel_quotation(service: QuotationService, environment: str, label: str) -> Tool[QuotationReference]:
    async def call(arguments: QuotationReference) -> CheckedCancel:
        requested = await service.cancel(arguments.tracking_id, environment)
        return CheckedCancel(
            **requested.model_dump(), check_status_with=_check_with(environment, requested.tracking_id)
        )

    definition = Definition(
        name=f"{environment}_cancel_quotation",
        description=_CANCEL.format(label=label, status_tool=_status_tool(environment)),
        input_schema=input_schema(QuotationReference),
        output_schema=output_schema(CheckedCancel),
        annotations=_CANCELS,
    )
    return Tool(definition, QuotationReference, call)


def _retry_quotation(service: QuotationService, environment: str, label: str) -> Tool[RetryArguments]:
    async def call(arguments: RetryArguments) -> AcceptedQuotation:
        accepted = await service.retry(arguments.tracking_id, arguments.corrections or {}, environment)
        return AcceptedQuotation(
            **accepted.model_dump(), check_status_with=_check_with(environment, accepted.tracking_id)
        )

    definition = Definition(
        name=f"{environment}_retry_quotation",
        description=_RETRY.format(
            label=label, warning=_warning(environment, label), status_tool=_status_tool(environment)
        ),
        input_schema=input_schema(RetryArguments),
        output_schema=output_schema(AcceptedQuotation),
        annotations=_CREATES,
    )
    return Tool(definition, RetryArguments, call)


def _status_tool(environment: str) -> str:
    return f"{environment}_get_quotation_status"


def _check_with(environment: str, tracking_id: str) -> str:
    return f"{_status_tool(environment)}(tracking_id='{tracking_id}')"


def _warning(environment: str, label: str) -> str:
    return _PRODUCTION_WARNING if environment == "prod" or label == "production" else ""
