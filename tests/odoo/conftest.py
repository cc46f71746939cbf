"""The same tests run against the stand-in and a real Odoo 19, each with a new database."""

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from sandbox import catalogue
from sandbox.real_odoo import OdooAccess
from sandbox.servers import standin_odoo
from tests.odoo.client import Session, unique

HERE = Path(__file__).parent


def pytest_configure(config: pytest.Config) -> None:
    meaning = "a fact about Odoo that the stand-in leaves out, because the product makes no such call"
    config.addinivalue_line("markers", f"real_only: {meaning}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items[:] = [item for item in items if not (item.get_closest_marker("real_only") and _is_for_standin(item))]
    for item in items:
        if HERE in item.path.parents:
            # the first real Odoo on a machine takes minutes to provision, in a fixture
            item.add_marker(pytest.mark.timeout(60, func_only=True))


def _is_for_standin(item: pytest.Item) -> bool:
    return isinstance(item, pytest.Function) and item.callspec.params["odoo"] == "standin"


@pytest.fixture(scope="session")
def standin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OdooAccess]:
    """The stand-in as a process, without latency."""
    with standin_odoo(tmp_path_factory.mktemp("standin")) as server:
        yield OdooAccess(server.url, "quotations")


@pytest.fixture(scope="session", params=["standin", "real_database"], ids=["standin", "real"])
def odoo(request: pytest.FixtureRequest) -> OdooAccess:
    """Each Odoo in turn."""
    access: OdooAccess = request.getfixturevalue(request.param)
    return access


def _session(odoo: OdooAccess, user: catalogue.User) -> Session:
    session = Session(odoo, user.login, user.password)
    assert session.uid, f"{user.login} cannot log in"
    return session


@pytest.fixture(scope="session")
def salesperson(odoo: OdooAccess) -> Session:
    """A plain salesperson: the product's usual user."""
    session = Session(odoo, odoo.username, odoo.password)
    assert session.uid, f"{odoo.username} cannot log in"
    return session


@pytest.fixture(scope="session")
def administrator(odoo: OdooAccess) -> Session:
    """A user with every right."""
    session = Session(odoo, odoo.admin_username, odoo.admin_password)
    assert session.uid, f"{odoo.admin_username} cannot log in"
    return session


@pytest.fixture(scope="session")
def all_leads(odoo: OdooAccess) -> Session:
    """A salesperson who may assign to colleagues."""
    return _session(odoo, catalogue.SALES_ALL_LEADS)


@pytest.fixture(scope="session")
def colleague(odoo: OdooAccess) -> Session:
    """Another plain salesperson."""
    return _session(odoo, catalogue.COLLEAGUE)


@pytest.fixture(scope="session")
def without_right(odoo: OdooAccess) -> Session:
    """An internal user without rights in sales."""
    return _session(odoo, catalogue.NO_SALES_RIGHT)


@pytest.fixture(scope="session")
def portal(odoo: OdooAccess) -> Session:
    """A customer with access to the portal."""
    return _session(odoo, catalogue.PORTAL)


@pytest.fixture
def word() -> str:
    """A word that no other record has."""
    return unique()


@pytest.fixture
def partner(salesperson: Session, word: str) -> int:
    """A new customer."""
    return salesperson.create("res.partner", name=f"Cliente {word}", is_company=True, email=f"{word}@example.com")


@pytest.fixture
def order(salesperson: Session, partner: int) -> int:
    """A new quotation without lines."""
    return salesperson.create("sale.order", partner_id=partner)


@pytest.fixture
def overlapping(odoo: OdooAccess, request: pytest.FixtureRequest) -> Iterator[None]:
    """Slow the stand-in's calls down, so that they overlap as those of a real Odoo do."""
    if request.node.callspec.params["odoo"] == "real_database":
        yield
        return
    control = f"{odoo.url}/standin/latency"
    httpx2.post(control, json={"latency": "0.05"}).raise_for_status()
    yield
    httpx2.post(control, json={"latency": "0"}).raise_for_status()
