"""The database as one user sees it in one call."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

from sandbox.standin_odoo import access
from sandbox.standin_odoo.store import Store

if TYPE_CHECKING:
    from sandbox.standin_odoo.model import Model

Method = TypeVar("Method", bound=Callable[..., Any])

REGISTRY: dict[str, "type[Model]"] = {}
"""Every model by its name."""


@dataclass(frozen=True)
class Env:
    """A user's view: whose rights hold, and the context the call came with."""

    store: Store
    uid: int
    context: Mapping[str, Any] = field(default_factory=dict)
    superuser: bool = False
    """Whether rights and rules are left aside, as Odoo does for what it computes itself."""

    def __getitem__(self, model: str) -> "Model":
        return REGISTRY[model](self)

    def sudo(self) -> "Env":
        """The same without rights and rules."""
        return replace(self, superuser=True)

    def groups(self, user_id: int | None = None) -> access.Groups:
        """The groups of a user, by default of this one."""
        user = self.store.table("res.users").get(user_id or self.uid, {})
        return access.all_groups(tuple(user.get("groups", ())))


def on_model(method: Method) -> Method:
    """Let clients call the method, whose first argument is no list of ids (Odoo's `@api.model`)."""
    method.takes_ids = False  # type: ignore[attr-defined]
    return method


def on_records(method: Method) -> Method:
    """Let clients call the method, whose first argument is the ids it works on."""
    method.takes_ids = True  # type: ignore[attr-defined]
    return method
