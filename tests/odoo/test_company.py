"""The company of leads and orders, and products and customers of another one."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from xmlrpc.client import Fault

import pytest

from activities.checks import CheckActivities
from activities.company import Setup, find_company
from activities.failures import RequestError
from activities.lead import LeadActivities
from activities.lookup import LookupActivities
from activities.order import OrderActivities
from odoo_client import Credentials, OdooRejectedError, XmlRpcOdoo
from quotation.errors import ErrorCode
from quotation.lookups import PartnerQuery, ProductQuery
from quotation.messages import CheckRequest, NewLead, NewLine, NewOrder
from quotation.stored.request import StoredLine
from sandbox import catalogue
from sandbox.real_odoo import OdooAccess
from tests.odoo.client import Session, unique
from tests.support.odoo_relay import relay_to

PUDU = 26174


async def client_of(odoo: OdooAccess, login: str, password: str) -> AsyncIterator[XmlRpcOdoo]:
    client = XmlRpcOdoo(Credentials(odoo.url, odoo.db, login, password))
    yield client
    await client.close()


@pytest.fixture
async def client(odoo: OdooAccess) -> AsyncIterator[XmlRpcOdoo]:
    async for client in client_of(odoo, odoo.username, odoo.password):
        yield client


@pytest.fixture(scope="module")
def boss(real_database: OdooAccess) -> Session:
    """The administrator of the real Odoo."""
    return Session(real_database, real_database.admin_username, real_database.admin_password)


@pytest.fixture(scope="module")
def other_company(boss: Session) -> int:
    """A second company, to which only the administrator belongs."""
    return boss.create("res.company", name=f"Otra {unique()}")


@pytest.fixture(scope="module")
def of_both(boss: Session, other_company: int) -> catalogue.User:
    """A salesperson of both companies, who may assign to colleagues."""
    user = catalogue.User(f"dos_{unique()}", "dos-solo-desarrollo", "Dora Dos", (catalogue.GROUP_SALES_ALL_LEADS,))
    groups = [boss.call("ir.model.data", "check_object_reference", *user.groups[0].split("."))[1]]
    boss.create(
        "res.users",
        login=user.login,
        password=user.password,
        name=user.name,
        company_id=1,
        company_ids=[[6, 0, [1, other_company]]],
        group_ids=[[4, groups[0]]],
    )
    return user


@pytest.fixture
async def clerk(real_database: OdooAccess, of_both: catalogue.User) -> AsyncIterator[XmlRpcOdoo]:
    """The client of the user who belongs to both companies."""
    async for client in client_of(real_database, of_both.login, of_both.password):
        yield client


@pytest.fixture
async def plain(real_database: OdooAccess) -> AsyncIterator[XmlRpcOdoo]:
    """The client of a salesperson of the first company only."""
    async for client in client_of(real_database, real_database.username, real_database.password):
        yield client


def asked(product: int = PUDU, email: str = "", **more: Any) -> CheckRequest:
    address = email or f"{unique()}@acme.test"
    return CheckRequest(normalized_email=address, product_ids=[product], user_id=0, **more)


async def refused(checks: CheckActivities, request: CheckRequest) -> tuple[str, str]:
    with pytest.raises(RequestError) as caught:
        await checks.check_request(request)
    return caught.value.code, str(caught.value)


async def created(client: XmlRpcOdoo, setup: Setup, partner: int, word: str) -> tuple[int, int]:
    """Create a lead and an order with a line, and return their ids."""
    leads, orders = LeadActivities(client, setup), OrderActivities(client, "https://odoo.test", setup)
    lead = await leads.create_lead(
        NewLead(external_id=f"t.l_{word}", name=word, partner_id=partner, contact_name="", user_id=None)
    )
    line = NewLine(external_id=f"t.n_{word}", number=1, requested=StoredLine(product_id=PUDU))
    order = await orders.create_sale_order(
        NewOrder(
            external_id=f"t.o_{word}",
            partner_id=partner,
            opportunity_id=lead,
            origin=word,
            user_id=None,
            notes="",
            lines=[line],
        )
    )
    assert order.totals
    assert list(order.totals.lines) == [1]
    return lead, order.id


async def test_by_default_it_is_the_user_s_own(
    client: XmlRpcOdoo, salesperson: Session, partner: int, word: str
) -> None:
    assert (await find_company(client, None)).name == "My Company"
    lead, order = await created(client, Setup(), partner, word)
    for model, record in (("crm.lead", lead), ("sale.order", order)):
        assert salesperson.value(model, record, "company_id") == [1, "My Company"]


@pytest.mark.parametrize("name", ["1", "My Company", "my company"])
async def test_the_setting_names_it_by_id_or_name(client: XmlRpcOdoo, name: str) -> None:
    assert (await find_company(client, name)).id == 1


async def test_a_company_that_does_not_exist_is_known_before_the_first_write(client: XmlRpcOdoo) -> None:
    with pytest.raises(OdooRejectedError, match=r"^The configured company does not exist in Odoo"):
        await CheckActivities(client, None, Setup("Nadie")).check_request(asked())


async def test_a_company_of_others_is_known_before_the_first_write(plain: XmlRpcOdoo, other_company: int) -> None:
    with pytest.raises(OdooRejectedError, match="does not belong to it"):
        await CheckActivities(plain, None, Setup(str(other_company))).check_request(asked())


async def test_leads_and_orders_are_the_other_company_s_if_the_setting_names_it(
    clerk: XmlRpcOdoo, boss: Session, other_company: int, word: str
) -> None:
    partner = boss.create("res.partner", name=word, is_company=True)
    lead, order = await created(clerk, Setup(str(other_company)), partner, word)
    for model, record in (("crm.lead", lead), ("sale.order", order)):
        assert boss.value(model, record, "company_id")[0] == other_company
    assert boss.value("sale.order.line", boss.value("sale.order", order, "order_line")[0], "company_id")[0] == (
        other_company
    )


async def test_a_product_of_another_company_is_not_quotable(
    plain: XmlRpcOdoo, clerk: XmlRpcOdoo, boss: Session, other_company: int, word: str
) -> None:
    product = boss.create("product.product", name=word, company_id=other_company)
    expected = (
        ErrorCode.PRODUCT_NOT_QUOTABLE,
        f"Product {product} belongs to another company than the order.",
    )
    # one user cannot see the product, the other one can
    assert await refused(CheckActivities(plain), asked(product)) == expected
    assert await refused(CheckActivities(clerk), asked(product)) == expected
    checked = await CheckActivities(clerk, None, Setup(str(other_company))).check_request(asked(product))
    assert [one.id for one in checked.products] == [product]


async def test_a_branch_sells_the_products_of_the_company_above(
    boss: Session, real_database: OdooAccess, word: str
) -> None:
    branch = boss.create("res.company", name=f"Sucursal {word}", parent_id=1)
    product = boss.create("product.product", name=word, company_id=1)
    async for client in client_of(real_database, boss.login, boss.password):
        checked = await CheckActivities(client, None, Setup(str(branch))).check_request(asked(product))
    assert [one.id for one in checked.products] == [product]


async def test_a_customer_of_another_company_is_not_found(
    plain: XmlRpcOdoo, clerk: XmlRpcOdoo, boss: Session, other_company: int, word: str
) -> None:
    address = f"{word}@acme.test"
    customer = boss.create("res.partner", name=word, email=address, company_id=other_company)
    for client in (plain, clerk):
        assert (await CheckActivities(client).check_request(asked(email=address))).partner is None
    found = await CheckActivities(clerk, None, Setup(str(other_company))).check_request(asked(email=address))
    assert found.partner
    assert found.partner.id == customer


async def test_a_salesperson_of_another_company_is_not_assigned(
    clerk: XmlRpcOdoo, boss: Session, other_company: int, word: str, real_database: OdooAccess
) -> None:
    colleague = Session(real_database, catalogue.COLLEAGUE.login, catalogue.COLLEAGUE.password).uid
    own = await clerk.login()
    customer = boss.create("res.partner", name=word, email=f"{word}@acme.test", user_id=colleague)
    checks = CheckActivities(clerk, None, Setup(str(other_company)))
    checked = await checks.check_request(asked(email=f"{word}@acme.test"))
    assert checked.partner
    assert (checked.partner.id, checked.salesperson_id) == (customer, own)
    code, sentence = await refused(checks, asked().model_copy(update={"user_id": colleague}))
    assert code == ErrorCode.USER_NOT_FOUND
    assert sentence == f"User {colleague} does not belong to the company of the quotation."


async def test_a_combo_is_not_quotable(client: XmlRpcOdoo, administrator: Session, word: str) -> None:
    try:
        combo = administrator.create("product.combo", name=word, combo_item_ids=[[0, 0, {"product_id": PUDU}]])
        choices = {"combo_ids": [[6, 0, [combo]]]}
    except Fault:
        choices = {}  # the stand-in has the type only
    product = administrator.create("product.product", name=word, type="combo", **choices)
    before = administrator.call("res.partner", "search_count", [])

    code, sentence = await refused(CheckActivities(client), asked(product))

    assert code == ErrorCode.PRODUCT_NOT_QUOTABLE
    assert sentence.startswith(f"Product {product} cannot be ordered by quantity alone")
    assert administrator.call("res.partner", "search_count", []) == before


async def test_a_product_that_does_not_exist_is_not_found_even_beside_a_hidden_one(
    plain: XmlRpcOdoo, boss: Session, other_company: int, word: str
) -> None:
    hidden = boss.create("product.product", name=word, company_id=other_company)
    request = asked().model_copy(update={"product_ids": [hidden, 999999, PUDU]})
    code, sentence = await refused(CheckActivities(plain), request)
    assert (code, sentence) == (
        ErrorCode.PRODUCT_NOT_FOUND,
        "Product 999999 does not exist in Odoo, is archived or is not for sale.",
    )


async def test_the_company_is_asked_for_once(odoo: OdooAccess) -> None:
    with relay_to(odoo) as relay:
        client = XmlRpcOdoo(relay.credentials)
        checks = CheckActivities(client)
        await asyncio.gather(*(checks.check_request(asked()) for _ in range(3)))
        await client.close()
    methods = ("res.users.read", "res.company.fields_get", "res.company.search_read", "product.product.fields_get")
    assert {method: relay.counted[method] for method in methods} == dict.fromkeys(methods, 1)


async def test_a_search_finds_what_the_company_may_use(
    clerk: XmlRpcOdoo, boss: Session, other_company: int
) -> None:
    word = unique()
    own, foreign, shared = (
        boss.create("product.product", name=f"Robot {word}", company_id=company)
        for company in (1, other_company, False)
    )
    customers = [
        boss.create("res.partner", name=f"Acero {word}", company_id=company)
        for company in (1, other_company, False)
    ]

    for company, found, known in (
        ("1", [own, shared], [customers[0], customers[2]]),
        (str(other_company), [foreign, shared], customers[1:]),
    ):
        lookups = LookupActivities(clerk, None, Setup(company))
        assert [item.id for item in (await lookups.find_products(ProductQuery(query=word))).items] == found
        assert [item.id for item in (await lookups.find_partners(PartnerQuery(query=word))).items] == known
