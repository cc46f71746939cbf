"""The template of all databases: the modules are installed, and it has the users and products."""

import dataclasses
import hashlib
import json
import secrets
from datetime import UTC, datetime
from pathlib import Path

from sandbox import api_keys, catalogue
from sandbox.real_odoo.commands import run
from sandbox.real_odoo.layout import Layout, State
from sandbox.real_odoo.odoo import database_options
from sandbox.real_odoo.postgres import ROLE, Postgres
from sandbox.real_odoo.progress import say
from sandbox.real_odoo.runtime import odoo_command, odoo_environment

MODULES = ("crm", "sale_management", "sale_crm")
SEED = Path(__file__).with_name("seed.py")
BUILDING = "building"
TEMPLATE, STANDING, FRESH = "template_", "quotations_", "fresh_"

STALE = """
SELECT datname FROM pg_database
WHERE (pg_stat_file('base/' || oid || '/PG_VERSION', true)).modification < now() - interval '1 day'
  AND NOT EXISTS (
    SELECT FROM pg_stat_activity
    WHERE datid = pg_database.oid AND state_change > now() - interval '1 hour'
  )
"""


def recipe() -> str:
    """Return the hash of the template's recipe, which names the template."""
    return hashlib.sha256((_seed_script() + ",".join(MODULES)).encode()).hexdigest()[:10]


def template_name() -> str:
    """Return the name of the template database for the present recipe."""
    return f"{TEMPLATE}{recipe()}"


def standing_name() -> str:
    """Return the name of the database that `start` serves; it depends on the recipe."""
    return f"{STANDING}{recipe()}"


def fresh_name() -> str:
    """Return a unique name for a database."""
    return f"{FRESH}{datetime.now(UTC):%Y%m%d_%H%M%S}_{secrets.token_hex(3)}"


def build(layout: Layout, postgres: Postgres, state: State, log: Path) -> None:
    """Create the template unless it exists, and drop those of other recipes.

    Raises:
        RealOdooError: Odoo could not install its modules or create the catalogue.
    """
    templates = [name for name in databases(postgres, state) if name.startswith(TEMPLATE)]
    if template_name() in templates:
        return
    say("Building the template database: Odoo's modules, users, products.")
    drop(postgres, state, BUILDING)
    options = [*database_options(state), f"--data-dir={layout.home / BUILDING}", "-d", BUILDING]
    options += ["--no-http", "--max-cron-threads=0"]
    environment = odoo_environment(layout, postgres.password)
    run(
        odoo_command(layout, *options, "-i", ",".join(MODULES), "--without-demo=True", "--stop-after-init"),
        log=log,
        failure="Odoo could not install its modules",
        cwd=layout.home,
        environment=environment,
        as_servers=True,
    )
    run(
        odoo_command(layout, "shell", *options),
        log=log,
        failure="Odoo could not create the catalogue's users and products",
        cwd=layout.home,
        environment=environment,
        as_servers=True,
        stdin=_seed_script(),
    )
    for name in templates:
        drop(postgres, state, name)
    # Odoo opens the only database by itself, and PostgreSQL copies no database that is in use
    postgres.execute(state, f"ALTER DATABASE {BUILDING} ALLOW_CONNECTIONS false")
    postgres.execute(state, f"ALTER DATABASE {BUILDING} RENAME TO {template_name()}")


def copy(postgres: Postgres, state: State, name: str) -> None:
    """Create a database from the template unless it exists, and add the catalogue's API keys."""
    if name not in databases(postgres, state):
        postgres.execute(state, f"CREATE DATABASE {name} OWNER {ROLE} TEMPLATE {template_name()}")
    # not in the template: another recipe would be a database of its own for every version of these files
    postgres.execute(state, api_keys.statements(), name)


def databases(postgres: Postgres, state: State) -> list[str]:
    """Return the names of all databases."""
    return postgres.execute(state, "SELECT datname FROM pg_database")


def drop(postgres: Postgres, state: State, name: str) -> None:
    """Drop a database if it exists, even if it has connections."""
    postgres.execute(state, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def drop_stale(postgres: Postgres, state: State) -> None:
    """Drop the databases that are a day old and have not been used for an hour."""
    for name in postgres.execute(state, STALE):
        if name.startswith((STANDING, FRESH)) and name != standing_name():
            drop(postgres, state, name)


def _seed_script() -> str:
    data = {
        "languages": catalogue.LANGUAGES,
        "users": [dataclasses.asdict(user) for user in catalogue.USERS],
        "products": [dataclasses.asdict(product) for product in catalogue.PRODUCTS],
    }
    return f"{SEED.read_text()}\nimport json\nseed(env, json.loads({json.dumps(data, default=str)!r}))\n"
