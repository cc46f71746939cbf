"""The MCP tool that lists quotations."""

from mcp_types import Tool as Definition

from gateway.mcp.tools.tool import READS, Tool, status_tool_name
from gateway.schemas import input_schema, output_schema
from gateway.service.callers import Caller
from gateway.service.lists.listing import ListArguments, QuotationPage
from gateway.service.quotations import QuotationService
from quotation.environment import Environment

_LIST = """\
List quotations in the {label} Odoo: unfinished ones first, then finished ones, latest first. Use it to find a \
tracking_id again. {status_tool} gives the details of one."""


def list_quotations(service: QuotationService, environment: Environment) -> Tool:
    """Return the tool that lists the quotations of an environment."""

    async def call(caller: Caller, arguments: ListArguments) -> QuotationPage:
        return await service.list_quotations(caller, arguments, environment.name)

    definition = Definition(
        name=f"{environment.name}_list_quotations",
        description=_LIST.format(label=environment.label, status_tool=status_tool_name(environment)),
        input_schema=input_schema(ListArguments),
        output_schema=output_schema(QuotationPage, lists_values=False),
        annotations=READS,
    )
    return Tool(definition, (ListArguments,), call)
