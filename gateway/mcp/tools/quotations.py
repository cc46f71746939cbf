"""The MCP tools that start, read, cancel and retry a quotation (docs/reference.md, MCP)."""

from mcp_types import Tool as Definition

from gateway.mcp.progress import reporting
from gateway.mcp.tools.arguments import QuotationReference, RetryArguments, StartOptions, StatusArguments
from gateway.mcp.tools.results import (
    ToolAccepted,
    ToolCancelRequested,
    ToolStarted,
    ToolStartedStatus,
    ToolStatus,
    check_with,
    tool_started,
    tool_status,
)
from gateway.mcp.tools.tool import CANCELS, CREATES, READS, Tool, create_tool_name, status_tool_name, titled
from gateway.schemas import either, input_schema, outline, output_schema, together
from gateway.service.callers import Caller
from gateway.service.lookups import CheckedQuotation
from gateway.service.quotations import QuotationService
from quotation.environment import Environment
from quotation.request import QuotationRequest

_CREATE = """\
Start a sales quotation in the {label} Odoo.{warning} This finds the customer by e-mail or creates one, then \
creates a lead, an opportunity and a sale order. Call it once you know the customer, e-mail, title and product, \
with wait_seconds 20: the result is then the status, often a final one. Accepted does not mean finished: while \
the status is queued or processing, call {status_tool}. If the result is lost, repeat the call with the same \
idempotency_key. Without a key, every call creates another quotation, so never call this tool to check on one."""

_STATUS = """\
Read the status of a quotation in the {label} Odoo and what it has created so far. Set wait_seconds to \
20 to wait for a final status. completed, failed and cancelled are final: stop reading. Otherwise, do what \
next_action says. If a quotation failed, error says why."""

_CANCEL = """\
Cancel an unfinished quotation in the {label} Odoo. Records already created stay in Odoo and are listed in the \
status. This is only a request: call {status_tool} until the status is final. A quotation that is almost finished \
may still complete."""

_RETRY = """\
Retry a failed or cancelled quotation in the {label} Odoo, under the same tracking_id. Nothing is created \
twice.{warning} To fix what the error names, pass corrections. Then call {status_tool}, as after a start."""

_PRODUCTION_WARNING = " This writes to PRODUCTION: real records that the sales team and customers see."


def create_quotation(service: QuotationService, environment: Environment) -> Tool:
    """Return the tool that starts a quotation, or only checks its request."""

    async def call(
        caller: Caller, request: QuotationRequest, options: StartOptions
    ) -> ToolStarted | ToolStartedStatus | CheckedQuotation:
        if options.dry_run:
            return await service.lookups.check(caller, environment.name, request)
        wait = options.wait_seconds
        async with reporting(wait) as see:
            start = await service.start(caller, environment.name, request, options.key, wait=wait, see=see)
        return tool_started(start, environment, waited=wait > 0)

    definition = Definition(
        name=create_tool_name(environment),
        title=titled("Create a quotation", environment),
        description=_described(_CREATE, environment),
        input_schema=together(input_schema(QuotationRequest), input_schema(StartOptions)),
        output_schema=either(
            either(
                outline(output_schema(ToolStarted, lists_values=False)), outline(output_schema(CheckedQuotation))
            ),
            outline(output_schema(ToolStartedStatus), "result", "error", "next_action"),
        ),
        annotations=CREATES,
    )
    return Tool(definition, (QuotationRequest, StartOptions), call)


def get_quotation_status(service: QuotationService, environment: Environment) -> Tool:
    """Return the tool that reads a quotation's status."""

    async def call(caller: Caller, arguments: StatusArguments) -> ToolStatus:
        async with reporting(arguments.wait_seconds) as see:
            status = await service.status(
                caller, arguments.tracking_id, environment.name, wait=arguments.wait_seconds, see=see
            )
        return tool_status(status, environment.name)

    definition = Definition(
        name=status_tool_name(environment),
        title=titled("Read a quotation's status", environment),
        description=_described(_STATUS, environment),
        input_schema=input_schema(StatusArguments),
        output_schema=output_schema(ToolStatus, lists_values=False),
        annotations=READS,
    )
    return Tool(definition, (StatusArguments,), call)


def cancel_quotation(service: QuotationService, environment: Environment) -> Tool:
    """Return the tool that stops a quotation."""

    async def call(caller: Caller, arguments: QuotationReference) -> ToolCancelRequested:
        requested = await service.cancel(caller, arguments.tracking_id, environment.name)
        return ToolCancelRequested(
            **requested.model_dump(), check_status_with=check_with(environment, requested.tracking_id)
        )

    definition = Definition(
        name=f"{environment.name}_cancel_quotation",
        title=titled("Cancel a quotation", environment),
        description=_described(_CANCEL, environment),
        input_schema=input_schema(QuotationReference),
        output_schema=output_schema(ToolCancelRequested, lists_values=False),
        annotations=CANCELS,
    )
    return Tool(definition, (QuotationReference,), call)


def retry_quotation(service: QuotationService, environment: Environment) -> Tool:
    """Return the tool that runs a failed or cancelled quotation again."""

    async def call(caller: Caller, arguments: RetryArguments) -> ToolAccepted:
        corrections = arguments.corrections or {}
        accepted = await service.retry(caller, arguments.tracking_id, corrections, environment.name)
        return ToolAccepted(
            **accepted.model_dump(),
            check_status_with=check_with(environment, accepted.tracking_id),
        )

    definition = Definition(
        name=f"{environment.name}_retry_quotation",
        title=titled("Retry a quotation", environment),
        description=_described(_RETRY, environment),
        input_schema=input_schema(RetryArguments),
        output_schema=outline(output_schema(ToolAccepted, lists_values=False)),
        annotations=CREATES,
    )
    return Tool(definition, (RetryArguments,), call)


def _described(description: str, environment: Environment) -> str:
    return description.format(
        label=environment.label,
        status_tool=status_tool_name(environment),
        warning=_PRODUCTION_WARNING if environment.is_production else "",
    )
