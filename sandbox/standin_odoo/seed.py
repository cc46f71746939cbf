"""Fills an empty store with the catalogue of the real test Odoo: `sandbox/catalogue.py`."""

from sandbox.catalogue import PRODUCTS, USERS
from sandbox.standin_odoo.base import COMPANY, CURRENCY
from sandbox.standin_odoo.fields import Values
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
        _create(env, "res.currency", CURRENCY, {"name": "USD", "symbol": "$"})
        env["res.partner"].create({"name": "My Company", "is_company": True})
        _create(env, "res.company", COMPANY, {"name": "My Company", "currency_id": CURRENCY})
        for user_id, user in enumerate(USERS, _FIRST_USER):
            known = {"name": user.name, "active": user.active}
            partner = env["res.partner"].create(known | {"email": f"{user.login}@example.com"})
            _create(env, "res.users", user_id, known | {"login": user.login, "partner_id": partner})
            hidden = {"password": user.password, "groups": list(user.groups), "share": user.share}
            store.put("res.users", user_id, hidden)
        for product in PRODUCTS:
            values = {name: getattr(product, name) for name in vars(product) if name != "id"}
            _create(env, "product.product", product.id, values)


def _create(env: Env, model: str, record_id: int, values: Values) -> None:
    env.store.start_sequence(model, record_id - 1)
    env[model].create(values)
