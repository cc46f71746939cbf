"""The names of the arguments that callers give by position: JSON-2 takes named ones only.

They are those of Odoo 19, the first version with JSON-2. The records of a call are its argument `ids`.
"""

from collections.abc import Sequence
from typing import Any

NAMES: dict[str, tuple[str, ...]] = {
    "action_apply": ("ids",),
    "check_access_rights": ("operation", "raise_exception"),
    "check_object_reference": ("module", "xml_id"),
    "create": ("vals_list",),
    "default_get": ("fields",),
    "fields_get": ("allfields", "attributes"),
    "get_installed": (),
    "has_access": ("ids", "operation"),
    "has_group": ("ids", "group_ext_id"),
    "load": ("fields", "data"),
    "name_search": ("name", "domain", "operator", "limit"),
    "onchange": ("ids", "values", "field_names", "fields_spec"),
    "read": ("ids", "fields"),
    "search": ("domain",),
    "search_count": ("domain",),
    "search_read": ("domain", "fields"),
    "web_read": ("ids", "specification"),
    "web_save": ("ids", "vals", "specification"),
    "write": ("ids", "vals"),
}
"""The names for each method."""


def named(method: str, args: Sequence[Any]) -> dict[str, Any]:
    """Return the arguments by name. Raises `TypeError` if the table has too few names."""
    names = NAMES.get(method, ())
    if len(args) > len(names):
        raise TypeError(f"{method} has {len(names)} named arguments, but {len(args)} were given")
    return dict(zip(names, args, strict=False))
