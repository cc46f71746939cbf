"""Fills an empty store with the catalogue of the real test Odoo: `sandbox/catalogue.py`."""

from sandbox.catalogue import ADMIN, PRODUCTS, USERS
from sandbox.standin_odoo.fields import now
from sandbox.standin_odoo.model import CURRENCY, Env
from sandbox.standin_odoo.store import Store

_COMPANY = 1

# the ids in every Odoo
_SUPERUSER = 1
_FIRST_USER = 2


def seed(store: Store) -> None:
    """Add currency, company, users and products to an empty store."""
    if store.table("res.users"):
        return
    env = Env(store, _SUPERUSER)
    with store.transaction():
        superuser = {"id": _SUPERUSER, "login": "__system__", "password": "", "active": False}
        store.put("res.users", _SUPERUSER, superuser | {"groups": list(ADMIN.groups)})
        env["res.currency"].insert(CURRENCY, {"name": "USD", "symbol": "$"})
        env["res.partner"].create({"name": "My Company", "is_company": True})
        env["res.company"].insert(_COMPANY, {"name": "My Company"})
        store.put("res.company", _COMPANY, {"parent_ids": [_COMPANY]})
        for user_id, user in enumerate(USERS, _FIRST_USER):
            known = {"name": user.name, "active": user.active}
            partner = env["res.partner"].create(known | {"email": f"{user.login}@example.com"})
            more = {"login": user.login, "partner_id": partner, "company_ids": [_COMPANY]}
            env["res.users"].insert(user_id, known | more)
            hidden = {"password": user.password, "groups": list(user.groups), "share": user.share}
            store.put("res.users", user_id, hidden)
            key = {"id": user_id, "name": "tests", "user_id": user_id, "scope": False, "key": user.api_key}
            store.put("res.users.apikeys", user_id, key | {"create_date": now(), "expiration_date": False})
        for product in PRODUCTS:
            env["product.product"].insert(product.id, vars(product))
