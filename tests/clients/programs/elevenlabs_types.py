"""Checks definitions of server tools against the types of the package `elevenlabs`; JSON on stdin and stdout.

It runs in an environment of its own. The types accept fields that they do not know, so these are looked for.
"""

import json
import sys
from collections.abc import Iterator, Mapping

from elevenlabs.types import WebhookToolConfigInput
from pydantic import BaseModel, TypeAdapter, ValidationError

# one source of a value excludes the others, says the package
SOURCES = {"description", "dynamic_variable", "is_system_provided", "constant_value", "is_omitted"}


def unknown_fields(value: object, path: str = "") -> Iterator[str]:
    """Yield the path of each field that the types do not know."""
    if isinstance(value, BaseModel):
        yield from (f"{path}.{name} is not known" for name in value.model_extra or {})
        fields = {name: getattr(value, name) for name in type(value).model_fields}
        given = SOURCES & {name for name in fields if fields[name] is not None}
        if type(value).__name__ == "LiteralJsonSchemaProperty" and len(given) > 1:
            yield f"{path} has several sources: {', '.join(sorted(given))}"
        yield from unknown_fields(fields, path)
    elif isinstance(value, Mapping):
        for name, part in value.items():
            yield from unknown_fields(part, f"{path}.{name}")
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from unknown_fields(part, f"{path}.{number}")


def problems_of(tool: dict[str, object]) -> list[str]:
    """Return what is wrong with a definition."""
    try:
        config = TypeAdapter(WebhookToolConfigInput).validate_python(tool)
    except ValidationError as error:
        return [str(error)]
    return list(unknown_fields(config))


if __name__ == "__main__":
    tools = json.load(sys.stdin)
    # its place tells the kind of a tool
    json.dump([problems_of({name: tool[name] for name in tool if name != "type"}) for tool in tools], sys.stdout)
