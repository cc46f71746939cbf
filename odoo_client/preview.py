"""The values that Odoo would compute for a new record; nothing is written.

It is the method with which Odoo's own forms fill themselves (`BaseModel.onchange`). Since version 17 it takes the
fields as a tree (`addons/web/models/models.py`), before as paths (`odoo/models.py` of 16.0).
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator

from odoo_client.api import Odoo
from odoo_client.trees import Fields, has_trees, specification


def _false_to_empty(value: object) -> object:
    return value or {}


class _Answer(BaseModel):
    value: Annotated[dict[str, Any], BeforeValidator(_false_to_empty)] = {}


async def preview(
    odoo: Odoo,
    model: str,
    values: Mapping[str, Any],
    fields: Fields,
    context: Mapping[str, Any],
    *,
    is_cached: bool = False,
) -> dict[str, Any]:
    """Return the fields of a record that would be created with `values`; those of a one2many as commands.

    Raises `OdooError`.
    """
    wanted = specification(fields) if await has_trees(odoo) else dict.fromkeys(_paths(fields), "")
    call = odoo.cached_call if is_cached else odoo.call
    answer = await call(model, "onchange", [], dict(values), [], wanted, returns=_Answer, context=dict(context))
    return answer.value


def new_records(commands: object) -> dict[str, dict[str, Any]]:
    """Return the new records of a one2many by the names that were given to them."""
    given = commands if isinstance(commands, list) else []
    return {str(one[1]): one[2] for one in given if len(one) == len(("create", "name", "values")) and one[0] == 0}


def _paths(fields: Fields, prefix: str = "") -> Iterator[str]:
    for name, inner in fields.items():
        yield prefix + name
        yield from _paths(inner, f"{prefix}{name}.")
