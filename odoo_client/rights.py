"""Questions about rights, in the form that this version of Odoo knows.

`has_access` came with Odoo 18 (`odoo/orm/models.py`), which calls `check_access_rights` deprecated. Until 17.1
`res.users.has_group` is a method of the model and only knows the calling user; since 17.2 it is one of the record.
A right that the user has is not asked for again within a minute, unless a call is refused (`Odoo.granted`).
"""

from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any

from odoo_client.api import Odoo
from odoo_client.errors import OdooUnknownMethodError

Form = Callable[..., Coroutine[Any, Any, bool]]

_EVERYBODY = "base.group_user"


async def may_create(odoo: Odoo, model: str) -> bool:
    """Return True if the user may create records of this model, whatever rules there are for single records."""
    forms = [partial(_has_access, odoo), partial(_check_access_rights, odoo)]
    return await odoo.granted(("create", model), lambda: _ask(odoo, forms, model))


async def is_member(odoo: Odoo, group: str) -> bool:
    """Return True if the user is in the group with this external id."""
    forms = [partial(_record_has_group, odoo), partial(_model_has_group, odoo)]
    return await odoo.granted(("member", group), lambda: _ask(odoo, forms, group))


async def _has_access(odoo: Odoo, model: str = "res.users") -> bool:
    return await odoo.call(model, "has_access", [], "create", returns=bool)


async def _check_access_rights(odoo: Odoo, model: str = "res.users") -> bool:
    return await odoo.call(model, "check_access_rights", "create", False, returns=bool)  # noqa: FBT003


async def _record_has_group(odoo: Odoo, group: str = _EVERYBODY) -> bool:
    return await odoo.call("res.users", "has_group", [await odoo.login()], group, returns=bool)


async def _model_has_group(odoo: Odoo, group: str = _EVERYBODY) -> bool:
    return await odoo.call("res.users", "has_group", group, returns=bool)


async def _ask(odoo: Odoo, forms: Sequence[partial[Coroutine[Any, Any, bool]]], subject: str) -> bool:
    known = await odoo.cached(forms[0].func, lambda: _first_known(forms))
    try:
        return await forms[known](subject)
    except OdooUnknownMethodError:
        # Odoo may have been upgraded since
        return await forms[await _first_known(forms)](subject)


async def _first_known(forms: Sequence[partial[Coroutine[Any, Any, bool]]]) -> int:
    """Return the index of the first form that Odoo knows, asked with a harmless question."""
    for index, form in enumerate(forms[:-1]):
        try:
            await form()
        except OdooUnknownMethodError:
            continue
        return index
    return len(forms) - 1
