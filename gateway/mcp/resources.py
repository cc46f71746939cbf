"""Quotations as MCP resources: `quotation://{tracking_id}` is the status (docs/reference.md, MCP)."""

from typing import Any

from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    ListResourcesResult,
    ListResourceTemplatesResult,
    PaginatedRequestParams,
    ReadResourceRequestParams,
    ReadResourceResult,
    ResourceTemplate,
    TextResourceContents,
)
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

from gateway.access.page_links import linked
from gateway.mcp.calls import CallerOf, Context, as_text, refusing
from gateway.service.quotations import QuotationService

_SCHEME = "quotation://"
_JSON = "application/json"

_UNKNOWN_BEFORE_2026 = -32002
"""The error code for an unknown resource up to version 2025-11-25; later it is `INVALID_PARAMS` (SEP-2164)."""

_TEMPLATE = ResourceTemplate(
    name="quotation",
    title="Cotización",
    uri_template=f"{_SCHEME}{{tracking_id}}",
    description="The status of a quotation and the records it has created in Odoo, by tracking_id.",
    mime_type=_JSON,
)


def install(server: Server[Any], service: QuotationService, caller_of: CallerOf) -> None:
    """Add quotations to a server as resources. None are listed: the tools list quotations."""

    async def list_resources(_context: Context, _: PaginatedRequestParams) -> ListResourcesResult:
        return ListResourcesResult(resources=[])

    async def list_templates(_context: Context, _: PaginatedRequestParams) -> ListResourceTemplatesResult:
        return ListResourceTemplatesResult(resource_templates=[_TEMPLATE])

    async def read(context: Context, params: ReadResourceRequestParams) -> ReadResourceResult:
        with refusing(unknown=_unknown(context, params.uri)):
            if not params.uri.startswith(_SCHEME):
                raise _unknown(context, params.uri)
            status = await service.status(caller_of(context), params.uri.removeprefix(_SCHEME))
        text = as_text(linked(status).model_dump(mode="json"))
        return ReadResourceResult(contents=[TextResourceContents(uri=params.uri, mime_type=_JSON, text=text)])

    server.add_request_handler("resources/list", PaginatedRequestParams, list_resources)
    server.add_request_handler("resources/templates/list", PaginatedRequestParams, list_templates)
    server.add_request_handler("resources/read", ReadResourceRequestParams, read)


def _unknown(context: Context, uri: str) -> MCPError:
    is_modern = context.protocol_version in MODERN_PROTOCOL_VERSIONS
    code = INVALID_PARAMS if is_modern else _UNKNOWN_BEFORE_2026
    return MCPError(code, "Resource not found", {"uri": uri})
