"""The MCP tools of all environments, and how a call of one is answered."""

import logging
from collections.abc import Mapping
from typing import Any

from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS, CallToolResult, TextContent

from gateway.errors import GatewayError
from gateway.mcp.calls import UNEXPECTED, result_of
from gateway.mcp.tools.listing import list_quotations, retry_quotations
from gateway.mcp.tools.lookups import search_partners, search_products
from gateway.mcp.tools.quotations import cancel_quotation, create_quotation, get_quotation_status, retry_quotation
from gateway.mcp.tools.tool import Tool
from gateway.service.callers import Caller
from gateway.service.quotations import QuotationService
from quotation.environment import Environment
from runtime.unexpected import report_unexpected

logger = logging.getLogger(__name__)


class Toolbox:
    """The tools of each environment; a caller has those of the environments that it may use."""

    def __init__(self, service: QuotationService) -> None:
        self._environments = service.environments
        self._tools = {environment.name: _tools_of(service, environment) for environment in service.environments}

    def usable_by(self, caller: Caller) -> list[Tool]:
        """Return the tools that the caller may use."""
        return [
            tool for environment in self._environments.usable_by(caller) for tool in self._tools[environment.name]
        ]

    def input_schema(self, name: str) -> Mapping[str, Any] | None:
        """Return the input schema of the tool of this name, or None if there is no such tool."""
        every = (tool for tools in self._tools.values() for tool in tools)
        return next((tool.definition.input_schema for tool in every if tool.definition.name == name), None)

    async def call(self, caller: Caller, name: str, arguments: Mapping[str, Any]) -> CallToolResult:
        """Call a tool. A refusal is a result in words; a tool that the caller may not use raises `MCPError`."""
        tool = next((tool for tool in self.usable_by(caller) if tool.definition.name == name), None)
        if tool is None:
            raise MCPError(INVALID_PARAMS, "Unknown tool")
        try:
            return result_of(await tool.call(caller, *tool.parse(arguments)))
        except GatewayError as error:
            return _refusal(error.in_words)
        except Exception as error:  # noqa: BLE001  # the SDK would send its text to the client
            report_unexpected(logger, "a tool", error)
            return _refusal(UNEXPECTED)


def _tools_of(service: QuotationService, environment: Environment) -> list[Tool]:
    return [
        create_quotation(service, environment),
        get_quotation_status(service, environment),
        cancel_quotation(service, environment),
        retry_quotation(service, environment),
        list_quotations(service, environment),
        retry_quotations(service, environment),
        search_products(service.lookups, environment),
        search_partners(service.lookups, environment),
    ]


def _refusal(sentence: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=sentence)], is_error=True)
