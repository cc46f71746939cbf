"""Fills an empty store with what the real test Odoo is filled with: `sandbox/catalogue.py`."""

from sandbox.catalogue import LANGUAGES, PRODUCTS, USERS, User
from sandbox.standin_odoo.base import LANGUAGE_NAMES
from sandbox.standin_odoo.env import Env
from sandbox.standin_odoo.store import Row, Store

SUPERUSER = 1
_FIRST_USER = 2
"""The administrator's id in every Odoo."""


def seed(store: Store) -> None:
    """Add languages, currency, company, users and products, unless they are there already."""
    if store.table("res.users"):
        return
    with store.transaction():
        for number, code in enumerate(LANGUAGES, 1):
            store.put("res.lang", number, {"code": code, "name": LANGUAGE_NAMES[code]})
        store.put("res.currency", 1, {"name": "USD", "symbol": "$"})
        env = Env(store, SUPERUSER, superuser=True)
        env["res.partner"].create_one({"name": "My Company", "is_company": True})
        for number, user in enumerate(USERS, _FIRST_USER):
            _add_user(env, number, user)
        for product in PRODUCTS:
            row: Row = {
                "name": product.name,
                "default_code": product.default_code,
                "list_price": float(product.list_price),
                "barcode": product.barcode or False,
                "sale_ok": product.sale_ok,
                "active": product.active,
                "currency_id": 1,
            }
            store.put("product.product", product.id, row)
        store.start_sequence("product.product", max(product.id for product in PRODUCTS))


def _add_user(env: Env, user_id: int, user: User) -> None:
    partner = env["res.partner"].create_one(
        {"name": user.name, "email": f"{user.login}@example.com", "active": user.active}
    )
    env.store.put(
        "res.users",
        user_id,
        {
            "login": user.login,
            "password": user.password,
            "groups": list(user.groups),
            "active": user.active,
            "share": user.share,
            "partner_id": partner,
        },
    )
    env.store.start_sequence("res.users", user_id)
