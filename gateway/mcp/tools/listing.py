"""The MCP tools on many quotations: one lists them, and one runs failed ones again."""

from mcp_types import Tool as Definition

from gateway.mcp.tools.arguments import BulkRetryArguments
from gateway.mcp.tools.tool import CREATES, READS, Tool, status_tool_name, titled
from gateway.schemas import input_schema, output_schema
from gateway.service.bulk_retries import Retried
from gateway.service.callers import Caller
from gateway.service.lists.listing import QuotationPage
from gateway.service.lists.wanted import ListArguments, Wanted
from gateway.service.quotations import QuotationService
from quotation.environment import Environment

_LIST = """\
List quotations in the {label} Odoo: unfinished ones first, then finished ones, latest first. Use it to find a \
tracking_id again. {status_tool} returns the details."""

_RETRY_ALL = """\
Retry your failed quotations in the {label} Odoo, e.g. after an outage. Nothing is created twice. Use dry_run \
first to see which ones. Repeat until remaining is 0."""


def list_quotations(service: QuotationService, environment: Environment) -> Tool:
    """Return the tool that lists the quotations of an environment."""

    async def call(caller: Caller, arguments: ListArguments) -> QuotationPage:
        wanted = Wanted.model_validate(arguments.model_dump())
        return await service.list_quotations(caller, wanted, environment.name)

    definition = Definition(
        name=f"{environment.name}_list_quotations",
        title=titled("List quotations", environment),
        description=_LIST.format(label=environment.label, status_tool=status_tool_name(environment)),
        input_schema=input_schema(ListArguments),
        output_schema=output_schema(QuotationPage, lists_values=False),
        annotations=READS,
    )
    return Tool(definition, (ListArguments,), call)


def retry_quotations(service: QuotationService, environment: Environment) -> Tool:
    """Return the tool that runs the failed quotations of an environment again."""

    async def call(caller: Caller, arguments: BulkRetryArguments) -> Retried:
        return await service.retry_all(caller, arguments, environment.name, dry_run=arguments.dry_run)

    definition = Definition(
        name=f"{environment.name}_retry_quotations",
        title=titled("Retry failed quotations", environment),
        description=_RETRY_ALL.format(label=environment.label),
        input_schema=input_schema(BulkRetryArguments),
        output_schema=output_schema(Retried),
        annotations=CREATES,
    )
    return Tool(definition, (BulkRetryArguments,), call)
