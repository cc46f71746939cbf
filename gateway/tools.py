"""The MCP tools, one set for each configured environment (contract, section 1)."""

from typing import Any

from mcp_types import Tool as Definition
from pydantic import BaseModel, ConfigDict, Field

from gateway.callers import Caller
from gateway.list_tool import list_quotations
from gateway.lookup_tools import search_partners, search_products
from gateway.lookups import CheckedQuotation
from gateway.schemas import either, input_schema, output_schema
from gateway.service import Accepted, CancelRequested, QuotationService
from gateway.tool import CANCELS, CREATES, READS, Tool
from quotation.identity import TRACKING_ID
from quotation.request import QuotationRequest
from quotation.status import QuotationStatus
from quotation.values import drop_null_default

_CREATE = """\
Start a sales quotation in the {label} Odoo.{warning} The customer is found by e-mail or created; lead, \
opportunity and sale order are made. Call it once, as soon as customer, e-mail, title and product are known. It \
answers at once: accepted is not finished. The work takes 20-30 seconds, so call {status_tool} every 5 seconds \
until the status is final. Every call makes another quotation: never call it again to ask how far one is."""

_STATUS = """\
Tell how far a quotation in the {label} Odoo is, and what exists of it there. Final: completed, failed, \
cancelled; then stop. Otherwise ask again after 5 seconds; all in all it takes 20-30 seconds. A failed one has an \
error with the reason. A retrying that is not null means that Odoo is away for now: it goes on by itself, so tell \
the user and ask less often."""

_CANCEL = """\
Stop a quotation in the {label} Odoo that is not finished. What it has made stays and is listed in its status. \
Requested is not done: ask {status_tool} until the status is final; one that was nearly done completes."""

_RETRY = """\
Run a failed or cancelled quotation in the {label} Odoo again under its tracking_id; nothing is made twice.\
{warning} Correct what its error names with corrections. Then ask {status_tool} as after a start."""

_PRODUCTION_WARNING = " This writes to PRODUCTION: real records that the sales team and customers see."


class AcceptedQuotation(Accepted):
    """A quotation that was started, and how to read its status; it is not finished."""

    check_status_with: str


class CheckedCancel(CancelRequested):
    """A cancel that was requested, and how to read what came of it."""

    check_status_with: str


class CreateArguments(QuotationRequest):
    """The arguments of `create_quotation`."""

    dry_run: bool = Field(
        default=False,
        description="Check all of it, also in Odoo, and write nothing.",
        json_schema_extra={"default": False},
    )

    @property
    def request(self) -> QuotationRequest:
        """The request alone."""
        return QuotationRequest.model_validate(self.model_dump(exclude={"dry_run"}))


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
        json_schema_extra=drop_null_default,
    )


def create_tools(service: QuotationService, environment: str, label: str) -> list[Tool[Any]]:
    """Give the tools of one environment."""
    return [
        _create_quotation(service, environment, label),
        _get_quotation_status(service, environment, label),
        _cancel_quotation(service, environment, label),
        _retry_quotation(service, environment, label),
        list_quotations(service, environment, label, _status_tool(environment)),
        search_products(service.lookups, environment, label, _create_tool(environment)),
        search_partners(service.lookups, environment, label, _create_tool(environment)),
    ]


def _create_quotation(service: QuotationService, environment: str, label: str) -> Tool[CreateArguments]:
    async def call(caller: Caller, arguments: CreateArguments) -> AcceptedQuotation | CheckedQuotation:
        if arguments.dry_run:
            return await service.lookups.check(environment, arguments.request)
        accepted = await service.start(caller, environment, arguments.request)
        return AcceptedQuotation(
            **accepted.model_dump(), check_status_with=_check_with(environment, accepted.tracking_id)
        )

    definition = Definition(
        name=_create_tool(environment),
        description=_CREATE.format(
            label=label, warning=_warning(environment, label), status_tool=_status_tool(environment)
        ),
        input_schema=input_schema(CreateArguments),
        output_schema=either(output_schema(AcceptedQuotation), output_schema(CheckedQuotation)),
        annotations=CREATES,
    )
    return Tool(definition, CreateArguments, call)


def _get_quotation_status(service: QuotationService, environment: str, label: str) -> Tool[QuotationReference]:
    async def call(caller: Caller, arguments: QuotationReference) -> QuotationStatus:
        return await service.status(caller, arguments.tracking_id, environment)

    definition = Definition(
        name=_status_tool(environment),
        description=_STATUS.format(label=label),
        input_schema=input_schema(QuotationReference),
        output_schema=output_schema(QuotationStatus),
        annotations=READS,
    )
    return Tool(definition, QuotationReference, call)


def _cancel_quotation(service: QuotationService, environment: str, label: str) -> Tool[QuotationReference]:
    async def call(caller: Caller, arguments: QuotationReference) -> CheckedCancel:
        requested = await service.cancel(caller, arguments.tracking_id, environment)
        return CheckedCancel(
            **requested.model_dump(), check_status_with=_check_with(environment, requested.tracking_id)
        )

    definition = Definition(
        name=f"{environment}_cancel_quotation",
        description=_CANCEL.format(label=label, status_tool=_status_tool(environment)),
        input_schema=input_schema(QuotationReference),
        output_schema=output_schema(CheckedCancel),
        annotations=CANCELS,
    )
    return Tool(definition, QuotationReference, call)


def _retry_quotation(service: QuotationService, environment: str, label: str) -> Tool[RetryArguments]:
    async def call(caller: Caller, arguments: RetryArguments) -> AcceptedQuotation:
        accepted = await service.retry(caller, arguments.tracking_id, arguments.corrections or {}, environment)
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
        annotations=CREATES,
    )
    return Tool(definition, RetryArguments, call)


def _create_tool(environment: str) -> str:
    return f"{environment}_create_quotation"


def _status_tool(environment: str) -> str:
    return f"{environment}_get_quotation_status"


def _check_with(environment: str, tracking_id: str) -> str:
    return f"{_status_tool(environment)}(tracking_id='{tracking_id}')"


def _warning(environment: str, label: str) -> str:
    return _PRODUCTION_WARNING if environment == "prod" or label == "production" else ""
