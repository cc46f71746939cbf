"""Access rights: the groups, the rights that they give on models, and Odoo's sentences for a missing one.

Taken from the `ir.model.access.csv` of Odoo's base, product, sales_team, crm and sale. Portal users have no rights
here: the product needs none of theirs.
"""

from sandbox.catalogue import (
    GROUP_INTERNAL,
    GROUP_SALES_ALL_LEADS,
    GROUP_SALES_MANAGER,
    GROUP_SALESPERSON,
    GROUP_SYSTEM,
)

_CONTACTS = "base.group_partner_manager"
_PRODUCTS = "product.group_product_manager"
_ACCESS_RIGHTS = "base.group_erp_manager"

_IMPLIED = {
    GROUP_SYSTEM: (GROUP_INTERNAL, _CONTACTS, _PRODUCTS, _ACCESS_RIGHTS),
    GROUP_SALES_MANAGER: (GROUP_SALES_ALL_LEADS,),
    GROUP_SALES_ALL_LEADS: (GROUP_SALESPERSON,),
    GROUP_SALESPERSON: (GROUP_INTERNAL,),
}

_TITLES = {
    GROUP_INTERNAL: "Role / User",
    GROUP_SALES_MANAGER: "Sales/Administrator",
    GROUP_SALESPERSON: "Sales/User: Own Documents Only",
    _CONTACTS: "Contact/Creation",
    _PRODUCTS: "Products/Create",
    _ACCESS_RIGHTS: "Access Rights",
}

_SELLERS = (GROUP_SALES_MANAGER, GROUP_SALESPERSON)

# who may read; who may create and write
_RIGHTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "res.partner": ((GROUP_INTERNAL,), (_CONTACTS, *_SELLERS)),
    "crm.lead": (_SELLERS, _SELLERS),
    "crm.lead2opportunity.partner": ((GROUP_SALESPERSON,), (GROUP_SALESPERSON,)),
    "sale.order": (_SELLERS, _SELLERS),
    "sale.order.line": ((GROUP_SALESPERSON,), (GROUP_SALESPERSON,)),
    "product.product": ((_PRODUCTS, GROUP_INTERNAL), (_PRODUCTS,)),
    "res.users": ((GROUP_INTERNAL,), (_ACCESS_RIGHTS,)),
    "res.currency": ((GROUP_INTERNAL,), (_ACCESS_RIGHTS,)),
    "res.lang": ((GROUP_INTERNAL,), (_ACCESS_RIGHTS,)),
    "ir.model.data": ((_ACCESS_RIGHTS,), (_ACCESS_RIGHTS,)),
}
_VERBS = {"read": "access", "create": "create", "write": "modify"}

Groups = frozenset[str]


def all_groups(given: tuple[str, ...]) -> Groups:
    """Return the groups given and those that they imply."""
    return frozenset(given).union(*(all_groups(_IMPLIED.get(group, ())) for group in given))


def may(groups: Groups, model: str, operation: str) -> bool:
    """Return True if a member of `groups` has the right on the model; rules for single records are not checked."""
    return not groups.isdisjoint(_holders(model, operation))


def no_right(model: str, label: str, operation: str) -> str:
    """Return Odoo's sentence for a missing right on a model."""
    titles = sorted(_TITLES[group] for group in _holders(model, operation))
    return (
        f"You are not allowed to {_VERBS[operation]} '{label}' ({model}) records.\n\n"
        "This operation is allowed for the following groups:\n"
        + "".join(f"\t- {title}\n" for title in titles)
        + "\nContact your administrator to request access if necessary."
    )


def hidden(user: str, model: str, label: str, operation: str) -> str:
    """Return Odoo's sentence for a record that a rule hides; `user` is `name (id=n)`."""
    return (
        "Uh-oh! Looks like you have stumbled upon some top-secret records.\n\n"
        f"Sorry, {user} doesn't have '{operation}' access to:\n- {label} ({model})\n\n"
        "If you really, really need access, perhaps you can win over your friendly administrator "
        "with a batch of freshly baked cookies."
    )


def _holders(model: str, operation: str) -> tuple[str, ...]:
    readers, writers = _RIGHTS[model]
    return readers if operation == "read" else writers
