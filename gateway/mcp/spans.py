"""Names of the spans that the SDK makes of calls over MCP, if traces are on (`runtime.tracing`)."""

from typing import Any

from mcp.server.context import CallNext, HandlerResult, ServerMiddleware
from mcp.server.lowlevel import Server
from opentelemetry import trace

from gateway.mcp.calls import Context
from gateway.mcp.tools.toolbox import Toolbox

# the SDK answers them itself, or passes over them
_WITHOUT_HANDLER = frozenset({"initialize", "notifications/initialized", "notifications/cancelled"})

_UNKNOWN = "unknown"


def naming(server: Server[Any], toolbox: Toolbox) -> ServerMiddleware[Any]:
    """Create the middleware that keeps methods and tools that do not exist out of the spans' names."""

    async def name_span(ctx: Context, call_next: CallNext) -> HandlerResult:
        # of the SDK's own middleware, which comes first
        span = trace.get_current_span()
        if span.is_recording():
            known = ctx.method in _WITHOUT_HANDLER or server.get_request_handler(ctx.method) is not None
            method = ctx.method if known else _UNKNOWN
            tool = (ctx.params or {}).get("name") if method == "tools/call" else None
            is_tool = isinstance(tool, str) and toolbox.input_schema(tool) is not None
            span.update_name(f"{method} {tool}" if is_tool else method)
            span.set_attribute("mcp.method.name", method)
            if tool is not None and not is_tool:
                span.set_attribute("gen_ai.tool.name", _UNKNOWN)
        return await call_next(ctx)

    return name_span
