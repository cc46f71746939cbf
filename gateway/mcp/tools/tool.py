"""The parts of an MCP tool: its definition, its arguments and the function that a call runs."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mcp_types import Tool as Definition
from mcp_types import ToolAnnotations
from pydantic import BaseModel, ValidationError

from gateway.errors import GatewayError
from gateway.field_errors import field_errors, in_words
from quotation.environment import Environment

READS = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
"""The tool changes nothing."""

CREATES = ToolAnnotations(
    read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=True
)
"""Each call adds something."""

CANCELS = ToolAnnotations(read_only_hint=False, destructive_hint=True, idempotent_hint=True, open_world_hint=True)
"""The tool ends something."""


def create_tool_name(environment: Environment) -> str:
    """Return the name of the tool that starts a quotation."""
    return f"{environment.name}_create_quotation"


def status_tool_name(environment: Environment) -> str:
    """Return the name of the tool that reads a quotation's status."""
    return f"{environment.name}_get_quotation_status"


class WrongArgumentsError(GatewayError):
    """The arguments of a call are not valid; the text names each wrong one."""


@dataclass(frozen=True)
class Tool:
    """A tool as clients see it, and the function that a call runs."""

    definition: Definition
    arguments: tuple[type[BaseModel], ...]
    """The models that share the arguments of a call; the first one gets those that no other model knows."""
    call: Callable[..., Awaitable[BaseModel]]
    """Called with the caller and one instance of each model. Raises `GatewayError` for a refusal."""

    def parse(self, raw: Mapping[str, Any]) -> list[BaseModel]:
        """Return an instance of each model. Raises `WrongArgumentsError` that names all wrong arguments."""
        _, *others = self.arguments
        of_others = {name for model in others for name in model.model_fields}
        parts = [{name: value for name, value in raw.items() if name not in of_others}]
        parts += [{name: raw[name] for name in model.model_fields if name in raw} for model in others]
        parsed, problems = [], []
        for model, part in zip(self.arguments, parts, strict=True):
            try:
                parsed.append(model.model_validate(part))
            except ValidationError as error:
                problems.extend(error.errors())
        if problems:
            raise WrongArgumentsError(f"Wrong arguments: {in_words(field_errors(problems))}")
        return parsed
