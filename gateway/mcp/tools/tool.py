"""What an MCP tool is: its definition, and what a call of it does."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from mcp_types import Tool as Definition
from mcp_types import ToolAnnotations
from pydantic import BaseModel

from gateway.service.callers import Caller

ArgumentsT = TypeVar("ArgumentsT", bound=BaseModel)

READS = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
"""The tool changes nothing."""

CREATES = ToolAnnotations(
    read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=True
)
"""Each call adds something."""

CANCELS = ToolAnnotations(read_only_hint=False, destructive_hint=True, idempotent_hint=True, open_world_hint=True)
"""The tool ends something."""


def create_tool(environment: str) -> str:
    """Give the name of the tool that starts a quotation."""
    return f"{environment}_create_quotation"


def status_tool(environment: str) -> str:
    """Give the name of the tool that tells how far one is."""
    return f"{environment}_get_quotation_status"


@dataclass(frozen=True)
class Tool(Generic[ArgumentsT]):
    """A tool as clients see it, and what a call of it does."""

    definition: Definition
    arguments: type[ArgumentsT]
    call: Callable[[Caller, ArgumentsT], Awaitable[BaseModel]]
    """Raises `GatewayError` for a refusal."""
