"""A record with those that it refers to, in one call: `web_save` and `web_read` take the fields as a tree.

They came with version 17 (`addons/web/models/models.py`), as did the trees of `onchange`.
"""

from collections.abc import Mapping
from typing import Any

from odoo_client.api import Odoo

_FIRST_VERSION = 17

Fields = Mapping[str, "Fields"]
"""The fields to read, and for a relation those of its records."""

NAME: Fields = {"display_name": {}}
"""The fields of a many2one that make it an id with a name, as `read` returns it."""


async def has_trees(odoo: Odoo) -> bool:
    """Return True if this Odoo takes fields as a tree. Raises `OdooError`."""
    return await odoo.major_version() >= _FIRST_VERSION


def specification(fields: Fields) -> dict[str, Any]:
    """Return the tree as Odoo takes it."""
    return {name: {"fields": specification(inner)} if inner else {} for name, inner in fields.items()}
