"""Fills an empty store with the catalogue of the real test Odoo: `sandbox/catalogue.py`."""

from sandbox.catalogue import PRODUCTS, USERS
from sandbox.standin_odoo.base import COMPANY, CURRENCY
from sandbox.standin_odoo.model import Env
from sandbox.standin_odoo.store import Store

_SUPERUSER = 1
_FIRST_USER = 2
"""The administrator's id in every Odoo."""


def seed(store: Store) -> None:
    """Add currency, company, users and products to an empty store."""
    if store.table("res.users"):
        return
    env = Env(store, _SUPERUSER, is_superuser=True)
    with store.transaction():
        env["res.currency"].insert(CURRENCY, {"name": "USD", "symbol": "$"})
        env["res.partner"].create({"name": "My Company", "is_company": True})
        env["res.company"].insert(COMPANY, {"name": "My Company"})
        store.put("res.company", COMPANY, {"parent_ids": [COMPANY]})
        for user_id, user in enumerate(USERS, _FIRST_USER):
            known = {"name": user.name, "active": user.active}
            partner = env["res.partner"].create(known | {"email": f"{user.login}@example.com"})
            more = {"login": user.login, "partner_id": partner, "company_ids": [COMPANY]}
            env["res.users"].insert(user_id, known | more)
            hidden = {"password": user.password, "groups": list(user.groups), "share": user.share}
            store.put("res.users", user_id, hidden)
        for product in PRODUCTS:
            env["product.product"].insert(product.id, vars(product))
