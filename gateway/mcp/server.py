"""The MCP server, over the SDK's low-level server.

The SDK's decorators derive schemas from functions, drop unknown arguments and show the model pydantic's own text,
with the input in it. Here a tool brings its schema, and the text of every refusal is ours.
"""

from base64 import b64encode
from pathlib import Path
from typing import Any

from mcp.server.extension import Extension, RequestHandler, compose_tool_call_handler
from mcp.server.lowlevel import Server
from mcp_types import CallToolRequestParams, CallToolResult, Icon, ListToolsResult, PaginatedRequestParams

from gateway.access.current_caller import caller_of
from gateway.mcp import prompts, resources
from gateway.mcp.calls import CallerOf, Context, read_arguments
from gateway.mcp.progress import sender
from gateway.mcp.spans import naming
from gateway.mcp.tasks import QuotationTasks
from gateway.mcp.tools.toolbox import Toolbox
from gateway.metrics import TOOL_CALLS
from gateway.service.callers import Caller
from gateway.service.quotations import QuotationService
from gateway.web import request_ids
from runtime import NAME, VERSION

_ICON = Icon(
    src=f"data:image/png;base64,{b64encode(Path(__file__).with_name('icon.png').read_bytes()).decode()}",
    mime_type="image/png",
    sizes=["48x48"],
)

_INSTRUCTIONS = """\
This server creates sales quotations in Odoo. The prefix of each tool names its environment. Start a quotation \
with *_create_quotation and wait_seconds 20: the work takes 20-30 seconds, and the result has the tracking_id and \
the status. Then call *_get_quotation_status with wait_seconds 20 until the status is completed, failed or \
cancelled. Tell the user the name and total of the sale order, or the error. A quotation continues by itself even \
if Odoo is down for hours."""


def create_server(service: QuotationService, caller_of: CallerOf, *, with_tasks: bool) -> Server[Any]:
    """Create the MCP server for any transport, with the tools of each environment that the caller may use."""
    toolbox = Toolbox(service)
    tasks = QuotationTasks(service, caller_of) if with_tasks else None

    async def list_tools(context: Context, _: PaginatedRequestParams | None) -> ListToolsResult:
        return ListToolsResult(tools=[tool.definition for tool in toolbox.usable_by(caller_of(context))])

    async def call_tool(context: Context, params: CallToolRequestParams) -> CallToolResult:
        sender.set(context.session.report_progress)
        result = await toolbox.call(caller_of(context), params.name, params.arguments or {})
        TOOL_CALLS.labels(params.name, "refused" if result.is_error else "done").inc()
        return result

    server = Server[Any](
        NAME,
        version=VERSION,
        title="Cotizaciones en Odoo",
        icons=[_ICON],
        instructions=_INSTRUCTIONS,
        get_tool_input_schema=toolbox.input_schema,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )
    server.middleware += [naming(server, toolbox), read_arguments]
    prompts.install(server, service, caller_of)
    resources.install(server, service, caller_of)
    if tasks:
        _extend(server, tasks, call_tool)
    return server


def caller_over_http(context: Context) -> Caller:
    """Return the caller of a call that came over HTTP; over SSE, the caller who posted the message.

    The call's log lines have the id of that request.
    """
    request: Any = context.request
    request_ids.enter(request)
    return caller_of(request)


def _extend(server: Server[Any], extension: Extension, call_tool: RequestHandler) -> None:
    """Add an extension, as the SDK's high-level server does."""
    server.extensions[extension.identifier] = extension.settings()
    for method in extension.methods():
        server.add_request_handler(method.method, method.params_type, method.handler)
    server.add_request_handler(
        "tools/call", CallToolRequestParams, compose_tool_call_handler([extension], call_tool)
    )
