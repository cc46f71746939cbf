"""The MCP server: its tools over the SDK's low-level server.

The SDK's decorators derive schemas from functions, drop unknown arguments and put pydantic's own text, with the
input in it, before the model. Here a tool brings its schema, and every refusal is words of ours.
"""

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
)
from pydantic import ValidationError

from gateway import NAME, VERSION
from gateway.access.current_caller import caller_of
from gateway.errors import GatewayError
from gateway.field_errors import field_errors, in_words
from gateway.mcp import prompts, resources, tasks
from gateway.mcp.calls import UNEXPECTED, CallerOf, Context, result_of
from gateway.mcp.tools.quotations import create_tools
from gateway.mcp.tools.tool import Tool
from gateway.metrics import TOOL_CALLS
from gateway.service.callers import Caller
from gateway.service.quotations import QuotationService

logger = logging.getLogger(__name__)

_INSTRUCTIONS = """\
Makes sales quotations in Odoo. Each tool's prefix names its environment. Start one with *_create_quotation: it \
answers at once with a tracking_id while the work goes on for 20-30 seconds. Then call *_get_quotation_status \
every 5 seconds until the status is completed, failed or cancelled, and tell the user the name and total of the \
sale order, or the error. A quotation goes on by itself even where Odoo is away for hours."""


def create_server(service: QuotationService, caller_of: CallerOf, *, with_tasks: bool) -> Server[Any]:
    """Give the MCP server for any transport, with the tools of each environment that the caller may use."""
    tools = {
        environment.name: {tool.definition.name: tool for tool in create_tools(service, environment)}
        for environment in service.environments
    }

    def tools_of(caller: Caller) -> dict[str, Tool[Any]]:
        return _joined(tools[environment.name] for environment in service.environments.usable_by(caller))

    async def list_tools(context: Context, _: PaginatedRequestParams | None) -> ListToolsResult:
        return ListToolsResult(tools=[tool.definition for tool in tools_of(caller_of(context)).values()])

    async def call_tool(context: Context, params: CallToolRequestParams) -> CallToolResult:
        caller = caller_of(context)
        tool = tools_of(caller).get(params.name)
        if tool is None:
            raise MCPError(INVALID_PARAMS, "Unknown tool")
        result = await _call(tool, caller, params.arguments or {})
        TOOL_CALLS.labels(params.name, "refused" if result.is_error else "done").inc()
        return result

    def schema_of(name: str) -> Mapping[str, Any] | None:
        tool = _joined(tools.values()).get(name)
        return None if tool is None else tool.definition.input_schema

    server = Server[Any](
        NAME,
        version=VERSION,
        instructions=_INSTRUCTIONS,
        get_tool_input_schema=schema_of,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )
    prompts.install(server, service, caller_of)
    resources.install(server, service, caller_of)
    if with_tasks:
        tasks.install(server, service, caller_of)
    return server


def caller_over_http(context: Context) -> Caller:
    """Give the caller of a call that came over HTTP; over SSE it is whoever posted the message."""
    request: Any = context.request
    return caller_of(request)


def _joined(sets: Iterable[dict[str, Tool[Any]]]) -> dict[str, Tool[Any]]:
    return {name: tool for tools in sets for name, tool in tools.items()}


async def _call(tool: Tool[Any], caller: Caller, raw_arguments: Mapping[str, Any]) -> CallToolResult:
    try:
        arguments = tool.arguments.model_validate(raw_arguments)
    except ValidationError as error:
        return _refusal(f"Wrong arguments: {in_words(field_errors(error.errors()))}")
    try:
        return result_of(await tool.call(caller, arguments))
    except GatewayError as error:
        return _refusal(error.in_words)
    except Exception as error:  # noqa: BLE001  # the SDK would send its text to the client
        logger.error("a tool failed with an unexpected %s", type(error).__name__)  # noqa: TRY400
        return _refusal(UNEXPECTED)


def _refusal(sentence: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=sentence)], is_error=True)
