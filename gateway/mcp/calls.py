"""The context and the answer of a call over MCP: shared by tools, tasks, prompts and resources."""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp_types import INTERNAL_ERROR, CallToolResult, TextContent
from pydantic import BaseModel

from gateway.errors import GatewayError, MalformedTrackingIdError, UnknownQuotationError
from gateway.service.callers import Caller
from quotation.forgiving.absent import is_blank
from quotation.forgiving.json_text import decoded
from runtime.unexpected import report_unexpected

logger = logging.getLogger(__name__)

UNEXPECTED = "An unexpected error occurred on the server."
"""The text of an unexpected error."""

Context = ServerRequestContext[Any, Any]
"""The SDK's context of a call; over HTTP, its `request` is the HTTP request that brought it."""

CallerOf = Callable[[Context], Caller]
"""Returns the caller of a call."""


def result_of(output: BaseModel, *, is_error: bool = False) -> CallToolResult:
    """Return the result of a tool call."""
    content = output.model_dump(mode="json")
    # hosts that do not read structured content show the text
    text = as_text(content)
    return CallToolResult(
        content=[TextContent(type="text", text=text)], structured_content=content, is_error=is_error
    )


def as_text(content: Any) -> str:
    """Return compact JSON text."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


async def read_arguments(ctx: Context, call_next: CallNext) -> HandlerResult:
    """Call a tool with an object of arguments, also if they came as its JSON text; the SDK refuses a text."""
    params = ctx.params or {}
    arguments = params.get("arguments")
    if ctx.method == "tools/call" and isinstance(arguments, str):
        read = {} if is_blank(arguments) else decoded(arguments, dict)
        ctx = replace(ctx, params={**params, "arguments": read})
    return await call_next(ctx)


@contextmanager
def refusing(unknown: MCPError) -> Iterator[None]:
    """Turn refusals into JSON-RPC errors.

    `unknown` is the error for a quotation that does not exist and for one that the caller may not know of, so that
    the answer does not show which of the two it is.
    """
    try:
        yield
    except MCPError:
        raise
    except (UnknownQuotationError, MalformedTrackingIdError):
        raise unknown from None
    except GatewayError as error:
        raise MCPError(INTERNAL_ERROR, error.in_words) from None
    except Exception as error:  # noqa: BLE001  # the SDK would send its text to the client
        report_unexpected(logger, "a call over MCP", error)
        raise MCPError(INTERNAL_ERROR, UNEXPECTED) from None
