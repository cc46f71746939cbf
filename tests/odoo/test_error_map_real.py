"""The error of the product's client for faults that only a real Odoo has, in a database that tests may break."""

import asyncio
import dataclasses
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import pytest
import pytest_asyncio

from odoo_client import Odoo, OdooError, create_once
from sandbox import catalogue, real_odoo
from sandbox.real_odoo import OdooAccess, Protocol
from tests.odoo.client import Session, unique
from tests.odoo.told import Client, clients, told

AWAY = ("database away", "odoo_unavailable", "Odoo has no connection to its database.")
UPGRADED = "Odoo's database does not match its code; an upgrade may be in progress."
BUSY = "Odoo was busy with another change to the same record."
REFUSED_LOGIN = (
    "Odoo refused the user name or the password. A user with two-factor authentication needs an API key."
)


@pytest.fixture(scope="module")
def database(real_database: OdooAccess) -> Iterator[OdooAccess]:
    """A database of this module's own."""
    if OdooAccess.from_environment() is not None:
        pytest.skip("the Odoo named by ODOO_TEST_URL is not ours to disturb")
    assert real_database.url
    access = real_odoo.fresh_database()
    yield access
    real_odoo.drop_database(access.db)


@pytest.fixture
def protocol(request: pytest.FixtureRequest) -> Protocol:
    """XML-RPC, unless a test is `in_each_protocol`."""
    protocol: Protocol = getattr(request, "param", Protocol.XMLRPC)
    return protocol


in_each_protocol = pytest.mark.parametrize("protocol", Protocol, indirect=True)


@pytest_asyncio.fixture
async def client(database: OdooAccess, protocol: Protocol) -> AsyncIterator[Client]:
    async with clients(dataclasses.replace(database, protocol=protocol)) as new:
        yield new


@pytest.fixture
def ventas(client: Client) -> Odoo:
    return client()


@pytest.fixture(scope="module")
def admin(database: OdooAccess) -> Session:
    return Session(database, database.admin_username, database.admin_password)


@dataclasses.dataclass
class Temporary:
    """A user of one test."""

    session: Session
    login: str
    password: str
    uid: int


@pytest.fixture
def user(admin: Session) -> Temporary:
    login, password = unique(), secrets.token_hex(8)
    uid: int = admin.call("res.users", "create", {"name": "Temporal", "login": login, "password": password})
    return Temporary(admin, login, password, uid)


async def count(odoo: Odoo) -> int:
    return await odoo.call("res.partner", "search_count", [], returns=int)


def disconnect(db: str) -> None:
    statement = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'"
    real_odoo.execute_sql(statement.format(db))


@contextmanager
def altered(db: str, change: str, back: str, name: str | None = None) -> Iterator[None]:
    """The database in another state; connections that Odoo has kept are closed."""
    real_odoo.execute_sql(f"ALTER DATABASE {db} {change}")
    disconnect(name or db)
    try:
        yield
    finally:
        real_odoo.execute_sql(f"ALTER DATABASE {name or db} {back}")


# who we are


async def test_a_password_that_was_changed(client: Client, user: Temporary) -> None:
    odoo = client(username=user.login, password=user.password)
    assert await odoo.login() == user.uid
    user.session.call("res.users", "write", [user.uid], {"password": secrets.token_hex(8)})
    with told("wrong login", "odoo_auth_failed", REFUSED_LOGIN):
        await count(odoo)


async def test_a_user_who_was_deactivated(client: Client, user: Temporary) -> None:
    odoo = client(username=user.login, password=user.password)
    await odoo.login()
    user.session.call("res.users", "write", [user.uid], {"active": False})
    with told("wrong login", "odoo_auth_failed", REFUSED_LOGIN):
        await count(odoo)


async def test_a_user_who_was_deleted(client: Client, user: Temporary) -> None:
    odoo = client(username=user.login, password=user.password)
    await odoo.login()
    user.session.call("res.users", "unlink", [user.uid])
    # the login that is tried anew finds nobody
    with told("wrong login", "odoo_auth_failed", REFUSED_LOGIN):
        await count(odoo)


async def test_a_user_who_has_another_id_now(client: Client, user: Temporary) -> None:
    odoo = client(username=user.login, password=user.password)
    await odoo.login()
    user.session.call("res.users", "unlink", [user.uid])
    values = {"name": "Temporal", "login": user.login, "password": user.password}
    user.session.call("res.users", "create", values)
    assert await count(odoo) > 0


# in the language of the user


@pytest.mark.parametrize("lang", catalogue.LANGUAGES)
async def test_a_missing_right_in_load_in_the_users_language(
    client: Client, admin: Session, database: OdooAccess, lang: str
) -> None:
    user = catalogue.NO_SALES_RIGHT
    uid = Session(database, user.login, user.password).uid
    admin.call("res.users", "write", [uid], {"lang": lang})
    odoo = client(username=user.login, password=user.password)
    with told("no right in load", "odoo_access_denied", "Odoo's service user is not allowed to create crm.lead."):
        await create_once(odoo, "crm.lead", [{"id": f"tests.{unique()}", "name": "x"}])


@pytest.mark.parametrize("lang", catalogue.LANGUAGES)
async def test_a_colleagues_record_in_load_in_the_users_language(ventas: Odoo, admin: Session, lang: str) -> None:
    admin.call("res.users", "write", [await ventas.login()], {"lang": lang})
    row = {"id": f"tests.{unique()}", "name": "x", "user_id/.id": str(admin.uid)}
    with told("no right in load", "odoo_access_denied", "Odoo's service user is not allowed to create crm.lead."):
        await create_once(ventas, "crm.lead", [row])


# what Odoo quotes


async def test_a_customer_of_another_company_is_not_named(ventas: Odoo, admin: Session) -> None:
    company = admin.call("res.company", "create", {"name": f"Empresa Ajena {unique()}"})
    values = {"name": "Cliente Confidencial O'Brien", "company_id": company}
    partner = admin.call("res.partner", "create", values)
    row = {"id": f"tests.{unique()}", "partner_id/.id": str(partner)}
    with pytest.raises(OdooError) as raised:
        await create_once(ventas, "sale.order", [row])
    assert str(raised.value).startswith(
        "Odoo refused to create sale.order: Uh-oh! You’ve got some company inconsistencies here: "
        '- “…” belongs to company “…” while “Customer” (partner_id: "…") belongs to another company.'
    )
    assert not any(word in str(raised.value) for word in ("Ajena", "Confidencial", "Brien", "S0"))


async def test_values_that_collide_are_not_shown(client: Client, admin: Session) -> None:
    word = unique()
    values = {"module": "tests", "name": word, "model": "res.partner", "res_id": 1}
    odoo = client(admin)
    await odoo.call("ir.model.data", "create", values, returns=int)
    # in our case the other one has just made the record that we wanted to make
    with told("external id made twice", "odoo_unavailable", BUSY):
        await odoo.call("ir.model.data", "create", values, returns=int)


# Odoo or its database away


async def test_odoo_killed_in_the_middle_of_a_call_and_started_again(database: OdooAccess) -> None:
    with real_odoo.own_odoo() as own:
        async with clients(dataclasses.replace(database, url=own.url)) as client:
            odoo = client()
            await odoo.login()
            rows = [{"id": f"tests.{unique()}", "name": "x"} for _ in range(300)]
            loading = asyncio.create_task(create_once(odoo, "res.partner", rows))
            await asyncio.sleep(0.3)
            await asyncio.to_thread(own.stop, kill=True)
            with told("broken connection", "odoo_unavailable", "The connection to Odoo was lost."):
                await loading
            with told("refused connection", "odoo_unavailable", "Odoo refused the connection."):
                await count(odoo)
            await asyncio.to_thread(own.start)
            assert await count(odoo)


async def test_a_database_that_takes_no_connections(ventas: Odoo, database: OdooAccess) -> None:
    await ventas.login()
    with altered(database.db, "ALLOW_CONNECTIONS false", "ALLOW_CONNECTIONS true"), told(*AWAY):
        await count(ventas)
    assert await count(ventas)


async def test_a_database_with_too_many_connections(ventas: Odoo, database: OdooAccess) -> None:
    await ventas.login()
    with altered(database.db, "CONNECTION LIMIT 0", "CONNECTION LIMIT -1"), told(*AWAY):
        await count(ventas)
    assert await count(ventas)


@in_each_protocol
async def test_a_database_that_was_renamed(ventas: Odoo, database: OdooAccess) -> None:
    await ventas.login()
    disconnect(database.db)
    with altered(database.db, f"RENAME TO {database.db}_x", f"RENAME TO {database.db}", f"{database.db}_x"):
        with told("no database", "odoo_auth_failed", "Odoo has no database with the configured name."):
            await count(ventas)
        disconnect(f"{database.db}_x")
    assert await count(ventas)


async def test_a_database_that_is_not_restored_yet(client: Client, database: OdooAccess) -> None:
    name = f"{database.db}_empty"
    real_odoo.execute_sql(f"CREATE DATABASE {name} OWNER odoo")
    try:
        for _ in range(2):
            with told(
                "empty database", "odoo_unavailable", "Odoo's database has no users; it may not be restored yet."
            ):
                await client(db=name).login()
    finally:
        disconnect(name)
        real_odoo.execute_sql(f"DROP DATABASE {name}")


@in_each_protocol
async def test_a_database_that_closes_its_connections_in_the_middle(ventas: Odoo, database: OdooAccess) -> None:
    await ventas.login()
    rows = [{"id": f"tests.{unique()}", "name": "x"} for _ in range(400)]
    loading = asyncio.ensure_future(create_once(ventas, "res.partner", rows))
    await asyncio.sleep(0.3)
    disconnect(database.db)
    with told(*AWAY):
        await loading
    # nothing of it was kept
    assert len(await create_once(ventas, "res.partner", rows[:3])) == 3


@in_each_protocol
@pytest.mark.parametrize("column", ["phone", "create_date"])
async def test_a_database_in_the_middle_of_an_upgrade(ventas: Odoo, database: OdooAccess, column: str) -> None:
    await ventas.login()
    real_odoo.execute_sql(f"ALTER TABLE crm_lead RENAME COLUMN {column} TO not_yet", database.db)
    try:
        with told("database upgraded", "odoo_unavailable", UPGRADED):
            await ventas.call("crm.lead", "search_count", [[column, "!=", False]], returns=int)
        with told("database upgraded, in load", "odoo_unavailable", UPGRADED):
            await create_once(ventas, "crm.lead", [{"id": f"tests.{unique()}", "name": "x", "phone": "5"}])
    finally:
        real_odoo.execute_sql(f"ALTER TABLE crm_lead RENAME COLUMN not_yet TO {column}", database.db)


@in_each_protocol
@pytest.mark.parametrize(
    "change",
    ["UPDATE sale_order SET origin = 'x' WHERE id = {}", "DELETE FROM sale_order WHERE id = {}"],
    ids=["edited", "deleted"],
)
async def test_an_order_that_changes_while_a_line_is_added(
    ventas: Odoo, database: OdooAccess, change: str
) -> None:
    customer = {"id": f"tests.{unique()}", "name": unique()}
    (partner,) = await create_once(ventas, "res.partner", [customer])
    (order,) = await create_once(
        ventas, "sale.order", [{"id": f"tests.{unique()}", "partner_id/.id": str(partner)}]
    )
    statement = f"BEGIN; {change.format(order)}; SELECT pg_sleep(2); COMMIT"
    changing = asyncio.create_task(asyncio.to_thread(real_odoo.execute_sql, statement, database.db))
    await asyncio.sleep(0.5)
    row = {"id": f"tests.{unique()}", "order_id/.id": str(order), "product_id/.id": "26174"}
    with told("conflict in load", "odoo_unavailable", BUSY):
        await create_once(ventas, "sale.order.line", [row])
    await changing
