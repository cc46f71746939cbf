"""The parts of a JSON schema, one by one."""

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]


def parts(schema: Schema, path: str = "") -> Iterator[tuple[str, Schema]]:
    """Yield the schema and each one inside it, with its path: `.lines[].product_id`."""
    yield path, schema
    for name, part in schema.get("properties", {}).items():
        yield from parts(part, f"{path}.{name}")
    if "items" in schema:
        yield from parts(schema["items"], f"{path}[]")
