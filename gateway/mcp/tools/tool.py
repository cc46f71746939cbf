"""The parts of an MCP tool: its definition, its arguments and the function that a call runs."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mcp_types import Tool as Definition
from mcp_types import ToolAnnotations
from pydantic import BaseModel, ValidationError

from gateway.errors import GatewayError
from gateway.field_errors import FieldError, field_error, field_errors, in_words
from quotation.environment import Environment
from quotation.forgiving.envelopes import opened
from quotation.forgiving.names import is_host_addition, unknown_field

_MOST_UNKNOWN = 20

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


def titled(action: str, environment: Environment) -> str:
    """Return the title of a tool, for people."""
    return f"{action} ({environment.label})"


class WrongArgumentsError(GatewayError):
    """The arguments of a call are not valid; the text names each wrong one."""


@dataclass(frozen=True)
class Tool:
    """A tool as clients see it, and the function that a call runs."""

    definition: Definition
    arguments: tuple[type[BaseModel], ...]
    """The models that share the arguments of a call."""
    call: Callable[..., Awaitable[BaseModel]]
    """Called with the caller and one instance of each model. Raises `GatewayError` for a refusal."""

    def parse(self, raw: Mapping[str, Any]) -> list[BaseModel]:
        """Return an instance of each model, without what hosts put around the arguments or add to them.

        Raises `WrongArgumentsError` that names all wrong arguments.
        """
        raw = opened(raw, self._known)
        parsed, problems = [], []
        for model in self.arguments:
            try:
                parsed.append(
                    model.model_validate({name: raw[name] for name in model.model_fields if name in raw})
                )
            except ValidationError as error:
                problems.extend(error.errors())
        wrong = [*field_errors(problems), *self._unknown(raw)]
        if wrong:
            raise WrongArgumentsError(f"Wrong arguments: {in_words(wrong)}")
        return parsed

    def _unknown(self, raw: Mapping[str, Any]) -> list[FieldError]:
        unknown = [name for name in raw if name not in self._known and not is_host_addition(name)]
        return [field_error([name], unknown_field(name, self._known)) for name in unknown[:_MOST_UNKNOWN]]

    @property
    def _known(self) -> list[str]:
        return [name for model in self.arguments for name in model.model_fields]
