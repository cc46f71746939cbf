"""The MCP tools, one set for each configured environment (contract, section 1)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from mcp_types import Tool as Definition
from mcp_types import ToolAnnotations
from pydantic import BaseModel, ConfigDict, Field

from gateway.schemas import input_schema, output_schema
from gateway.service import Accepted, QuotationService
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

_PRODUCTION_WARNING = " This writes to PRODUCTION: real records that the sales team and customers see."

_CREATES = ToolAnnotations(
    read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=True
)
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


class StatusArguments(BaseModel):
    """The arguments of `get_quotation_status`."""

    model_config = ConfigDict(extra="forbid")

    tracking_id: str = Field(
        description="As the create tool returned it.", json_schema_extra={"pattern": f"^{TRACKING_ID.pattern}$"}
    )


def create_tools(service: QuotationService) -> list[Tool[Any]]:
    """Give the tools of every configured environment."""
    tools: list[Tool[Any]] = []
    for environment, label in service.environments.items():
        tools.append(_create_quotation(service, environment, label))
        tools.append(_get_quotation_status(service, environment, label))
    return tools


def _create_quotation(service: QuotationService, environment: str, label: str) -> Tool[QuotationRequest]:
    status_tool = f"{environment}_get_quotation_status"

    async def call(request: QuotationRequest) -> AcceptedQuotation:
        accepted = await service.start(environment, request)
        check = f"{status_tool}(tracking_id='{accepted.tracking_id}')"
        return AcceptedQuotation(**accepted.model_dump(), check_status_with=check)

    warning = _PRODUCTION_WARNING if environment == "prod" or label == "production" else ""
    definition = Definition(
        name=f"{environment}_create_quotation",
        description=_CREATE.format(label=label, warning=warning, status_tool=status_tool),
        input_schema=input_schema(QuotationRequest),
        output_schema=output_schema(AcceptedQuotation),
        annotations=_CREATES,
    )
    return Tool(definition, QuotationRequest, call)


def _get_quotation_status(service: QuotationService, environment: str, label: str) -> Tool[StatusArguments]:
    async def call(arguments: StatusArguments) -> QuotationStatus:
        return await service.status(arguments.tracking_id, environment)

    definition = Definition(
        name=f"{environment}_get_quotation_status",
        description=_STATUS.format(label=label),
        input_schema=input_schema(StatusArguments),
        output_schema=output_schema(QuotationStatus),
        annotations=_READS,
    )
    return Tool(definition, StatusArguments, call)
