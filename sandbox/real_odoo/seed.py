"""The script that `odoo shell` runs once, in the database that becomes the template.

The text of this file is piped into Odoo's own Python, where nothing of the project can be imported. It may use
only the standard library and the `env` that it gets.
"""

from typing import Any


def seed(env: Any, catalogue: dict[str, Any]) -> None:
    """Create the catalogue's users and products (`sandbox/catalogue.py` as plain data) and commit."""
    keep_attachments_in_database(env)
    install_languages(env, catalogue["languages"])
    for user in catalogue["users"]:
        create_user(env, user)
    for product in catalogue["products"]:
        create_product(env, product)
    env.cr.commit()


def keep_attachments_in_database(env: Any) -> None:
    """Move the file store into the database, so that a copied database has all of its attachments."""
    env["ir.config_parameter"].set_param("ir_attachment.location", "db")
    env["ir.attachment"].force_storage()


def install_languages(env: Any, codes: list[str]) -> None:
    """Install the languages; every user's own language stays English, and so do Odoo's messages."""
    languages = env["res.lang"].with_context(active_test=False).search([("code", "in", codes)])
    env["base.language.install"].create({"lang_ids": languages.ids, "overwrite": False}).lang_install()


def create_user(env: Any, user: dict[str, Any]) -> None:
    """Create a user with exactly these groups, or add them to the user that exists already (admin)."""
    groups = [env.ref(group).id for group in user["groups"]]
    users = env["res.users"].with_context(no_reset_password=True, active_test=False)
    values = {"name": user["name"], "password": user["password"]}
    existing = users.search([("login", "=", user["login"])])
    if existing:
        existing.write(values | {"group_ids": [(4, group) for group in groups]})
        return
    created = users.create(
        values
        | {
            "login": user["login"],
            "email": f"{user['login']}@example.com",
            "group_ids": [(6, 0, groups)],
        }
    )
    # created inactive, Odoo refuses: it archives the partner while the user still counts as active
    created.active = user["active"]
    if created.share != user["share"]:
        raise ValueError(f"Odoo says share={created.share} for {user['login']}")


def create_product(env: Any, product: dict[str, Any]) -> None:
    """Create a product under the database id that the catalogue names."""
    env.cr.execute("SELECT setval('product_product_id_seq', %s, false)", [product["id"]])
    values = {key: value for key, value in product.items() if key != "id"}
    created = env["product.product"].create(values | {"list_price": float(product["list_price"])})
    if created.id != product["id"]:
        raise ValueError(f"Odoo gave the id {created.id} to {product['default_code']}")
