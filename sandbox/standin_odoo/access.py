"""Access rights: the groups, the rights that they give on models, and Odoo's sentences for a missing one.

In Odoo several groups may share a right; here the least of them has it, and portal users have none.
"""

from collections.abc import Iterable

from sandbox import catalogue

_IMPLIED = {
    catalogue.GROUP_SYSTEM: catalogue.GROUP_INTERNAL,
    catalogue.GROUP_SALES_MANAGER: catalogue.GROUP_SALES_ALL_LEADS,
    catalogue.GROUP_SALES_ALL_LEADS: catalogue.GROUP_SALESPERSON,
    catalogue.GROUP_SALESPERSON: catalogue.GROUP_INTERNAL,
}

# the group whose members may read a model, and the one whose members may create and write it
_USUAL = (catalogue.GROUP_INTERNAL, catalogue.GROUP_SYSTEM)
_SALES = (catalogue.GROUP_SALESPERSON, catalogue.GROUP_SALESPERSON)
_RIGHTS = {
    "res.partner": (catalogue.GROUP_INTERNAL, catalogue.GROUP_SALESPERSON),
    "ir.model.data": (catalogue.GROUP_SYSTEM, catalogue.GROUP_SYSTEM),
    **dict.fromkeys(("crm.lead", "crm.lead2opportunity.partner", "sale.order", "sale.order.line"), _SALES),
}
_VERBS = {"read": "access", "create": "create", "write": "modify"}


def all_groups(given: Iterable[str]) -> frozenset[str]:
    """Return the groups given and those that they imply."""
    implied = [_IMPLIED[group] for group in given if group in _IMPLIED]
    return frozenset(given) | all_groups(implied) if implied else frozenset(given)


def group_with_right(model: str, operation: str) -> str:
    """Return the group whose members have the right on the model; rules for single records are not checked."""
    return _RIGHTS.get(model, _USUAL)[operation != "read"]


def no_right(model: str, label: str, operation: str) -> str:
    """Return Odoo's sentence for a missing right on a model."""
    return (
        f"You are not allowed to {_VERBS[operation]} '{label}' ({model}) records.\n\n"
        f"This operation is allowed for the following groups:\n\t- {group_with_right(model, operation)}\n\n"
        "Contact your administrator to request access if necessary."
    )


def hidden(user: str, model: str, label: str, operation: str) -> str:
    """Return Odoo's sentence for a record that a rule hides; `user` is `name (id=n)`."""
    return (
        "Uh-oh! Looks like you have stumbled upon some top-secret records.\n\n"
        f"Sorry, {user} doesn't have '{operation}' access to:\n- {label} ({model})\n\n"
        "If you really, really need access, perhaps you can win over your friendly administrator "
        "with a batch of freshly baked cookies."
    )
