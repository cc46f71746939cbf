"""JSON schemas that every client can use, and that cost a model few tokens.

They have no references and no unions with null. Some clients fail on a `format`, or on a boolean
`additionalProperties`. Clients with strict schemas send every field, so an input schema
allows the values that count as absent.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

Schema = dict[str, Any]

_NULL = {"type": "null"}

_LEFT_OUT = ("title", "$defs", "format")

_ONLY_OF_INPUTS = ("description", "default", "required")

_SAYS_NOTHING: tuple[tuple[str, object], ...] = (("default", ""), ("minLength", 0))


def input_schema(model: type[BaseModel]) -> Schema:
    """Return the schema of an input. Null is the same as absent in an input, so the schema does not offer it.

    The server refuses unknown fields, though the schema does not say so.
    """
    return _Compactor(model.model_json_schema(), with_null=False).schema


def output_schema(model: type[BaseModel], *, lists_values: bool = True) -> Schema:
    """Return the schema of an output: every key is present, and is null if the model allows that.

    To save tokens, there are no descriptions or formats, and only the outermost object lists required keys. The
    values of an enumeration are listed once, or not at all with `lists_values` off: another schema beside this one
    lists them, or the description of the tool does. Clients name generated types after the title.
    """
    schema = model.model_json_schema(mode="serialization")
    title = {"title": model.__name__.removeprefix("Tool")}
    return title | _Compactor(schema, with_null=True, lists_values=lists_values).schema


def optional(schema: Schema) -> Schema:
    """Return the schema of an object with any of these fields."""
    return _without(schema, "required")


def outline(schema: Schema, *names: str) -> Schema:
    """Return the schema of an object with these fields, or all, without what is inside them."""
    properties = {name: _outlined(schema["properties"][name]) for name in names or schema["properties"]}
    return schema | {"properties": properties}


def together(one: Schema, other: Schema) -> Schema:
    """Return the schema of an object with the fields of both."""
    required = [*one.get("required", ()), *other.get("required", ())]
    return one | {"properties": one["properties"] | other["properties"], "required": required}


def either(one: Schema, other: Schema) -> Schema:
    """Return the schema of an object that fits one of two schemas; keys that both require are required.

    A property of both must be as wide in the first schema as in the other.
    """
    required = [name for name in one["required"] if name in other["required"]]
    return one | {"properties": other["properties"] | one["properties"], "required": required}


class _Compactor:
    def __init__(self, schema: Schema, *, with_null: bool, lists_values: bool = True) -> None:
        self._definitions = schema.get("$defs", {})
        self._with_null = with_null
        self._lists_values = lists_values
        self._listed: set[str] = set()
        self._described: set[str] = set()
        self.schema = self._without_docstring(schema)
        if with_null:
            self.schema["required"] = list(self.schema["properties"])

    def _without_docstring(self, schema: Schema) -> Schema:
        # the docstring of a class is for readers of the code
        return {key: value for key, value in self._compact(schema).items() if key != "description"}

    def _compact(self, schema: Schema) -> Schema:
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            return self._without_docstring(self._definition(name)) | self._compact(_without(schema, "$ref"))
        if "anyOf" in schema:
            return self._compact_union(schema)
        compacted = {key: self._compact_part(key, value) for key, value in _without(schema, *_LEFT_OUT).items()}
        if isinstance(compacted.get("additionalProperties"), bool):
            del compacted["additionalProperties"]
        for key, value in _SAYS_NOTHING:
            if compacted.get(key) == value:
                del compacted[key]
        if self._with_null:
            return _without(compacted, *_ONLY_OF_INPUTS)
        return compacted

    def _described_once(self, name: str, compacted: Schema) -> Schema:
        """Omit the description of a property if a property of the same name had it already."""
        said = f"{name}: {compacted.get('description')}"
        if said in self._described:
            return _without(compacted, "description")
        self._described.add(said)
        return compacted

    def _definition(self, name: str) -> Schema:
        definition: Schema = self._definitions[name]
        if not self._with_null or "enum" not in definition:
            return definition
        if name in self._listed or not self._lists_values:
            return {"type": definition["type"]}
        self._listed.add(name)
        return definition

    def _compact_union(self, schema: Schema) -> Schema:
        """Return the schema of a union, which in our models is always one type or null."""
        (some,) = (choice for choice in schema["anyOf"] if choice != _NULL)
        compacted = self._compact(some) | self._compact(_without(schema, "anyOf"))
        if self._with_null:
            compacted["type"] = [compacted["type"], "null"]
            return compacted
        # an optional value may be blank, which no enumeration allows
        return _without(compacted, "enum")

    def _compact_part(self, key: str, value: Any) -> Any:
        if key == "properties":
            return {name: self._described_once(name, self._compact(part)) for name, part in value.items()}
        if isinstance(value, Mapping) and key in ("items", "additionalProperties"):
            return self._compact(dict(value))
        return value


def _outlined(schema: Schema) -> Schema:
    kept = {key: schema[key] for key in ("type", "enum", "const") if key in schema}
    return kept | ({"items": _outlined(schema["items"])} if "items" in schema else {})


def _without(schema: Schema, *keys: str) -> Schema:
    return {key: value for key, value in schema.items() if key not in keys}
