"""The arguments and results of activities, as a table that a test compares with the code.

`python -m tests.histories.signatures` writes the table anew, but not if another version could not read the change.
"""

import importlib
import inspect
import json
import pkgutil
import sys
from collections.abc import Callable, Iterator
from typing import Any, get_type_hints

from pydantic import TypeAdapter

import activities
from sandbox.processes import ROOT

TABLE = ROOT / "tests" / "data" / "activities.json"

WHAT_TO_DO = """
Runs that an older version began hold such data, and a worker of that version may take the activity.
Keep each field's name and type. Give a new field a default. Give an activity that must differ a new name,
call it behind workflow.patched, and keep the old one as long as a run may call it (docs/reliability.md)."""

Schema = dict[str, Any]
Table = dict[str, dict[str, Schema]]
"""For each activity, the JSON schemas of its `argument` and its `result`."""

# what a schema says to people, and what an absent field means to this version
_WORDS = ("title", "description", "default", "examples")


def signatures() -> Table:
    """Return the table of all activities in the code."""
    table: Table = {}
    for name, function in _activities():
        types = get_type_hints(function)
        returned = types.pop("return")
        # a method's own parameters: at most one
        argument = next(iter(types.values()), type(None))
        table[name] = {
            "argument": plain(TypeAdapter(argument).json_schema()),
            "result": plain(TypeAdapter(returned).json_schema()),
        }
    return dict(sorted(table.items()))


def plain(schema: Schema) -> Schema:
    """Return a schema without references and words."""
    definitions = schema.pop("$defs", {})

    def resolved(part: Any) -> Any:
        if isinstance(part, list):
            return [resolved(one) for one in part]
        if not isinstance(part, dict):
            return part
        if "$ref" in part:
            return resolved(definitions[part["$ref"].rpartition("/")[2]])
        kept = {name: resolved(value) for name, value in part.items() if name not in _WORDS}
        if "properties" in part:
            # a field may have the name of one of the words
            kept["properties"] = {name: resolved(value) for name, value in part["properties"].items()}
        return kept

    found: Schema = resolved(schema)
    return found


def breaks(saved: Table, today: Table) -> list[str]:
    """Return a sentence for each change that another version could not read."""
    found: list[str] = []
    for name, parts in saved.items():
        if name not in today:
            found.append(f"The activity {name} is gone.")
            continue
        for part, schema in parts.items():
            found += [f"{name}: {problem}" for problem in _breaks(schema, today[name][part], part)]
    return found


def _breaks(old: Any, new: Any, place: str) -> Iterator[str]:
    if old == new:
        return
    if _are_objects(old, new):
        yield from _breaks_of_fields(old, new, place)
    elif isinstance(old, dict) and isinstance(new, dict) and old.keys() == new.keys():
        for key in old:
            yield from _breaks(old[key], new[key], place)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for one, other in zip(old, new, strict=True):
            yield from _breaks(one, other, place)
    else:
        yield f"{place} was {json.dumps(old)} and is {json.dumps(new)}."


def _are_objects(*schemas: Any) -> bool:
    return all(isinstance(schema, dict) and "properties" in schema for schema in schemas)


def _breaks_of_fields(old: Schema, new: Schema, place: str) -> Iterator[str]:
    for field, schema in old["properties"].items():
        if field in new["properties"]:
            yield from _breaks(schema, new["properties"][field], f"{place}.{field}")
        else:
            yield f"{place}.{field} is gone."
    for field in new.get("required", []):
        if field not in old.get("required", []):
            yield f"{place}.{field} must be there, and older versions do not always send it."


def _activities() -> Iterator[tuple[str, Callable[..., Any]]]:
    for module in pkgutil.walk_packages(activities.__path__, "activities."):
        members = vars(importlib.import_module(module.name)).values()
        classes = [one for one in members if inspect.isclass(one) and one.__module__ == module.name]
        for function in [*members, *(method for one in classes for method in vars(one).values())]:
            definition = getattr(function, "__temporal_activity_definition", None)
            if definition is not None:
                yield definition.name, function


def main() -> int:
    """Write the table and return 0, or print what must not change and return 1."""
    today = signatures()
    problems = breaks(json.loads(TABLE.read_text()), today) if TABLE.exists() else []
    if problems:
        print(*problems, WHAT_TO_DO, sep="\n")  # noqa: T201
        return 1
    TABLE.write_text(json.dumps(today, indent=1, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
