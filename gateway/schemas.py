"""JSON schemas without what says nothing: titles, references, unions with null."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

Schema = dict[str, Any]

_NULL = {"type": "null"}

_SAYS_NOTHING: tuple[tuple[str, object], ...] = (("default", ""), ("minLength", 0))


def input_schema(model: type[BaseModel]) -> Schema:
    """Give the schema of what callers send. Null is the same as absent there, so it is not offered."""
    return _Compactor(model.model_json_schema(), with_null=False).schema


def output_schema(model: type[BaseModel]) -> Schema:
    """Give the schema of what callers get: every key is there, null where the model says so."""
    return _Compactor(model.model_json_schema(mode="serialization"), with_null=True).schema


def optional(schema: Schema) -> Schema:
    """Give the schema of an object with any of the fields of this one."""
    return _without(schema, "required")


def either(one: Schema, other: Schema) -> Schema:
    """Give the schema of an object that is one of these two; what they share is required.

    Where a property is in both, a value of either will do if it is one of a few, and is alike otherwise.
    """
    properties = other["properties"] | one["properties"]
    for name in one["properties"].keys() & other["properties"].keys():
        values = [value for schema in (one, other) for value in _values(schema["properties"][name])]
        if values:
            properties[name] = {"enum": values}
    required = [name for name in one["required"] if name in other["required"]]
    return one | {"properties": properties, "required": required}


def _values(schema: Schema) -> list[Any]:
    return [schema["const"]] if "const" in schema else list(schema.get("enum", []))


class _Compactor:
    def __init__(self, schema: Schema, *, with_null: bool) -> None:
        self._definitions = schema.get("$defs", {})
        self._with_null = with_null
        self.schema = self._without_docstring(schema)

    def _without_docstring(self, schema: Schema) -> Schema:
        # a class's docstring is for who reads the code
        return {key: value for key, value in self._compact(schema).items() if key != "description"}

    def _compact(self, schema: Schema) -> Schema:
        if "$ref" in schema:
            definition = self._definitions[schema["$ref"].rpartition("/")[2]]
            return self._without_docstring(definition) | self._compact(_without(schema, "$ref"))
        if "anyOf" in schema:
            return self._compact_union(schema)
        compacted = {
            key: self._compact_part(key, value) for key, value in _without(schema, "title", "$defs").items()
        }
        for key, value in _SAYS_NOTHING:
            if compacted.get(key) == value:
                del compacted[key]
        if self._with_null:
            compacted.pop("default", None)
            if "properties" in schema:
                compacted["required"] = list(schema["properties"])
        return compacted

    def _compact_union(self, schema: Schema) -> Schema:
        """Every union of ours is one type or null."""
        (some,) = (choice for choice in schema["anyOf"] if choice != _NULL)
        compacted = self._compact(some) | self._compact(_without(schema, "anyOf"))
        if self._with_null:
            compacted["type"] = [compacted["type"], "null"]
        return compacted

    def _compact_part(self, key: str, value: Any) -> Any:
        if key == "properties":
            return {name: self._compact(part) for name, part in value.items()}
        if isinstance(value, Mapping) and key in ("items", "additionalProperties"):
            return self._compact(dict(value))
        return value


def _without(schema: Schema, *keys: str) -> Schema:
    return {key: value for key, value in schema.items() if key not in keys}
