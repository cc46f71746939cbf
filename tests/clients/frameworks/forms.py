"""Checks of the forms in which frameworks send tools to a provider."""

from collections.abc import Iterator
from typing import Any

from tests.support.schemas import Schema, parts

# from OpenAI's guide to structured outputs; its API accepts `default` and the lengths, too
_STRICT = {
    *("type", "title", "description", "enum", "const", "default", "anyOf", "$ref", "$defs"),
    *("properties", "required", "additionalProperties"),
    *("items", "minItems", "maxItems"),
    *("pattern", "format", "minLength", "maxLength"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}


def strict_faults(schema: Schema) -> list[str]:
    """Return the faults for which OpenAI's strict mode refuses this schema of parameters."""
    return [fault for path, part in parts(schema) for fault in _faults(path, part)]


def _faults(path: str, part: Schema) -> Iterator[str]:
    yield from (f"{path}: {keyword} is not permitted" for keyword in part.keys() - _STRICT)
    if part["type"] == "object":
        if part.get("additionalProperties") is not False:
            yield f"{path}: additionalProperties must be false"
        if sorted(part.get("required", ())) != sorted(part["properties"]):
            yield f"{path}: required must name every property"
    if part["type"] == "array" and "items" not in part:
        yield f"{path}: items must have a type"


def lost(ours: Schema, theirs: Schema, *keywords: str) -> list[str]:
    """Return the fields and keywords of our schema that a framework left out or changed."""
    kept = dict(parts(theirs))
    return [fault for path, part in parts(ours) for fault in _lost(path, part, kept.get(path), keywords)]


def _lost(path: str, ours: Schema, theirs: Schema | None, keywords: tuple[str, ...]) -> Iterator[str]:
    if theirs is None:
        yield f"{path} is gone"
        return
    yield from (f"{path}: {keyword}" for keyword in keywords if _differs(keyword, ours, theirs))
    # some frame a description, or add limits to it
    if ours.get("description", "") not in theirs.get("description", ""):
        yield f"{path}: description"


def _differs(keyword: str, ours: Schema, theirs: Schema) -> bool:
    wanted: Any = ours.get(keyword)
    return wanted is not None and theirs.get(keyword) != wanted
