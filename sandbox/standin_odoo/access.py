"""Who may do what: groups, rights on models, and the rules that hide colleagues' records.

Taken from the `ir.model.access.csv` and `ir_rules.xml` of Odoo's base, product, sales_team, crm and
sale, for the models and groups the stand-in has.
"""

from sandbox.catalogue import (
    GROUP_INTERNAL,
    GROUP_PORTAL,
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
    GROUP_PORTAL: "Role / Portal",
    GROUP_SALES_MANAGER: "Sales/Administrator",
    GROUP_SALESPERSON: "Sales/User: Own Documents Only",
    _CONTACTS: "Contact/Creation",
    _PRODUCTS: "Products/Create",
    _ACCESS_RIGHTS: "Access Rights",
}

_SALES = (GROUP_SALES_MANAGER, GROUP_SALESPERSON)
_EVERYBODY = (GROUP_INTERNAL, GROUP_PORTAL)

Groups = frozenset[str]


def _rights(read: tuple[str, ...], write: tuple[str, ...], unlink: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    return {"read": read, "write": write, "create": write, "unlink": unlink}


_RIGHTS = {
    "res.partner": _rights(_EVERYBODY, (_CONTACTS, *_SALES), (_CONTACTS,)),
    "crm.lead": _rights(_SALES, _SALES, (GROUP_SALES_MANAGER,)),
    "crm.lead2opportunity.partner": _rights((GROUP_SALESPERSON,), (GROUP_SALESPERSON,), ()),
    "sale.order": _rights((GROUP_PORTAL, *_SALES), _SALES, (GROUP_SALES_MANAGER,)),
    "sale.order.line": _rights((GROUP_PORTAL, GROUP_SALESPERSON), (GROUP_SALESPERSON,), (GROUP_SALESPERSON,)),
    "product.product": _rights((_PRODUCTS, GROUP_INTERNAL), (_PRODUCTS,), (_PRODUCTS,)),
    "res.users": _rights(_EVERYBODY, (_ACCESS_RIGHTS,), (_ACCESS_RIGHTS,)),
    "res.currency": _rights(_EVERYBODY, (_ACCESS_RIGHTS,), (_ACCESS_RIGHTS,)),
    "res.lang": _rights(_EVERYBODY, (_ACCESS_RIGHTS,), (_ACCESS_RIGHTS,)),
    "ir.model.data": _rights((_ACCESS_RIGHTS,), (_ACCESS_RIGHTS,), (_ACCESS_RIGHTS,)),
}

SALESPERSON_FIELD = {"crm.lead": "user_id", "sale.order": "user_id", "sale.order.line": "salesman_id"}
"""The field by which a plain salesperson sees only own records and those of nobody."""


def all_groups(given: tuple[str, ...]) -> Groups:
    """The groups given and those they imply."""
    found: set[str] = set()
    waiting = list(given)
    while waiting:
        group = waiting.pop()
        found.add(group)
        waiting.extend(_IMPLIED.get(group, ()))
    return frozenset(found)


def may(groups: Groups, model: str, operation: str) -> bool:
    """Whether a member of `groups` has the right on the model, rules for single records aside."""
    return not groups.isdisjoint(_RIGHTS[model][operation])


def sees_all(groups: Groups, model: str) -> bool:
    """Whether no rule keeps any record of the model from a member of `groups`."""
    if GROUP_INTERNAL not in groups:
        return model not in {"res.partner", "res.users", "sale.order", "sale.order.line"}
    return model not in SALESPERSON_FIELD or GROUP_SALES_ALL_LEADS in groups


_VERBS = {"read": "access", "write": "modify", "create": "create", "unlink": "delete"}


def no_right(model: str, description: str, operation: str) -> str:
    """Odoo's sentence for a missing right on a model."""
    allowed = "No group currently allows this operation."
    if titles := sorted(_TITLES[group] for group in _RIGHTS[model][operation]):
        listed = "\n".join(f"\t- {title}" for title in titles)
        allowed = f"This operation is allowed for the following groups:\n{listed}"
    return (
        f"You are not allowed to {_VERBS[operation]} '{description}' ({model}) records.\n\n{allowed}\n\n"
        "Contact your administrator to request access if necessary."
    )


def hidden(user: str, model: str, description: str, operation: str) -> str:
    """Odoo's sentence for a record that a rule hides; `user` is `name (id=n)`."""
    return (
        "Uh-oh! Looks like you have stumbled upon some top-secret records.\n\n"
        f"Sorry, {user} doesn't have '{operation}' access to:\n- {description} ({model})\n\n"
        "If you really, really need access, perhaps you can win over your friendly administrator "
        "with a batch of freshly baked cookies."
    )
