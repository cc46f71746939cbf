"""The right to assign a salesperson, and how the product knows it before the first write."""

from typing import Any

import pytest

from sandbox import catalogue
from tests.odoo.client import Session, fault

ASSIGNS_OTHERS = "sales_team.group_sale_salesman_all_leads"
HIDDEN = r"doesn't have '{}' access to:\n- {} \({}\)\n"
MODELS = [("crm.lead", "Lead"), ("sale.order", "Sales Order")]


def new(model: str, partner: int, **values: Any) -> dict[str, Any]:
    return ({"name": "x"} if model == "crm.lead" else {"partner_id": partner}) | values


def owner(session: Session, model: str, record: int) -> int | None:
    user = session.value(model, record, "user_id")
    return user[0] if user else None


@pytest.fixture
def customer_of_colleague(all_leads: Session, colleague: Session, word: str) -> int:
    return all_leads.create("res.partner", name=word, user_id=colleague.uid)


@pytest.mark.parametrize(("model", "title"), MODELS)
def test_a_plain_salesperson_assigns_nobody_but_oneself(
    salesperson: Session, colleague: Session, partner: int, model: str, title: str
) -> None:
    mine = salesperson.create(model, **new(model, partner))
    assert owner(salesperson, model, mine) == salesperson.uid
    nobodys = salesperson.create(model, **new(model, partner, user_id=False))
    assert owner(salesperson, model, nobodys) is None
    for user_id in (colleague.uid, 0):
        with fault(4, HIDDEN.format("create", title, model.replace(".", r"\."))):
            salesperson.create(model, **new(model, partner, user_id=user_id))


@pytest.mark.parametrize(("model", "title"), MODELS)
def test_load_refuses_a_colleague_with_the_same_words(
    salesperson: Session, colleague: Session, partner: int, word: str, model: str, title: str
) -> None:
    row = {"id": f"tests.r_{word}", "user_id/.id": str(colleague.uid)}
    row |= {"name": word} if model == "crm.lead" else {"partner_id/.id": str(partner)}
    (problem,) = salesperson.problems(model, row)
    assert f"doesn't have 'create' access to:\n- {title} ({model})\n" in problem
    assert salesperson.load(model, row | {"user_id/.id": str(salesperson.uid)})["ids"]


@pytest.mark.parametrize("model", ["crm.lead", "sale.order"])
def test_who_sees_all_leads_assigns_anybody(
    all_leads: Session, colleague: Session, partner: int, model: str
) -> None:
    for user_id in (colleague.uid, all_leads.uid):
        record = all_leads.create(model, **new(model, partner, user_id=user_id))
        assert owner(all_leads, model, record) == user_id
    assert owner(all_leads, model, all_leads.create(model, **new(model, partner, user_id=0))) is None


def test_load_accepts_users_who_sell_nothing(all_leads: Session, partner: int, word: str) -> None:
    inactive_or_portal = all_leads.call(
        "res.users",
        "search",
        [["login", "in", [catalogue.INACTIVE.login, catalogue.PORTAL.login]], ["active", "in", [True, False]]],
    )
    assert len(inactive_or_portal) == 2
    for user_id in inactive_or_portal:
        row = {"id": f"tests.o{user_id}_{word}", "partner_id/.id": str(partner), "user_id/.id": str(user_id)}
        assert all_leads.load_ids("sale.order", row)


def test_an_order_goes_to_the_customers_salesperson(
    salesperson: Session, all_leads: Session, colleague: Session, customer_of_colleague: int
) -> None:
    with fault(4, HIDDEN.format("create", "Sales Order", r"sale\.order")):
        salesperson.create("sale.order", partner_id=customer_of_colleague)
    for user_id in (salesperson.uid, False):
        assert salesperson.create("sale.order", partner_id=customer_of_colleague, user_id=user_id)
    order = all_leads.create("sale.order", partner_id=customer_of_colleague)
    assert owner(all_leads, "sale.order", order) == colleague.uid


def test_also_to_that_of_the_contacts_company(
    all_leads: Session, colleague: Session, customer_of_colleague: int
) -> None:
    contact = all_leads.create("res.partner", name="Juan", parent_id=customer_of_colleague)
    order = all_leads.create("sale.order", partner_id=contact)
    assert owner(all_leads, "sale.order", order) == colleague.uid


def test_a_lead_stays_with_the_user_whoever_serves_the_customer(
    salesperson: Session, customer_of_colleague: int
) -> None:
    lead = salesperson.create("crm.lead", name="x", partner_id=customer_of_colleague)
    assert owner(salesperson, "crm.lead", lead) == salesperson.uid


@pytest.mark.real_only
def test_a_lead_can_be_given_away_and_an_order_cannot(
    salesperson: Session, all_leads: Session, colleague: Session, order: int
) -> None:
    lead = salesperson.create("crm.lead", name="x")
    assert salesperson.call("crm.lead", "write", [lead], {"user_id": colleague.uid}) is True
    assert owner(all_leads, "crm.lead", lead) == colleague.uid
    with fault(4, HIDDEN.format("read", "Sales Order", r"sale\.order")):
        salesperson.call("sale.order", "write", [order], {"user_id": colleague.uid})
    assert owner(salesperson, "sale.order", order) == salesperson.uid


def test_lines_of_a_colleagues_order_are_refused(salesperson: Session, colleague: Session, partner: int) -> None:
    order = colleague.create("sale.order", partner_id=partner)
    with fault(4, HIDDEN.format("create", "Sales Order Line", r"sale\.order\.line")):
        salesperson.create("sale.order.line", order_id=order, product_id=26174)


def test_users_can_be_looked_up(salesperson: Session) -> None:
    domain = [["login", "in", [user.login for user in catalogue.USERS]], ["active", "in", [True, False]]]
    rows = salesperson.call("res.users", "search_read", domain, ["login", "name", "active", "share"])
    assert {row["login"]: (row["name"], row["active"], row["share"]) for row in rows} == {
        user.login: (user.name, user.active, user.share) for user in catalogue.USERS
    }


def test_inactive_users_are_left_out_of_a_search(salesperson: Session) -> None:
    assert salesperson.call("res.users", "search", [["login", "=", catalogue.INACTIVE.login]]) == []


def test_an_inactive_user_cannot_log_in(salesperson: Session) -> None:
    inactive = catalogue.INACTIVE
    answer = salesperson.common("authenticate", salesperson.access.db, inactive.login, inactive.password, {})
    assert answer is False
    domain = [["login", "=", inactive.login], ["active", "=", False]]
    (user_id,) = salesperson.call("res.users", "search", domain)
    with fault(3, "^Access Denied$"):
        salesperson.object(salesperson.access.db, user_id, inactive.password, "res.partner", "search_count", [[]])


def test_groups_of_oneself_and_of_others(salesperson: Session, all_leads: Session, portal: Session) -> None:
    assert salesperson.call("res.users", "has_group", [salesperson.uid], ASSIGNS_OTHERS) is False
    assert salesperson.call("res.users", "has_group", [all_leads.uid], ASSIGNS_OTHERS) is True
    assert all_leads.call("res.users", "has_group", [all_leads.uid], catalogue.GROUP_SALESPERSON) is True
    assert salesperson.call("res.users", "has_group", [salesperson.uid], "no.such") is False
    assert portal.call("res.users", "has_group", [portal.uid], catalogue.GROUP_INTERNAL) is False
    with fault(4, "current user"):
        portal.call("res.users", "has_group", [all_leads.uid], ASSIGNS_OTHERS)


@pytest.mark.parametrize("model", ["res.partner", "crm.lead", "sale.order", "sale.order.line"])
def test_rights_are_known_in_advance(salesperson: Session, without_right: Session, model: str) -> None:
    assert salesperson.call(model, "check_access_rights", "create", raise_exception=False) is True
    assert without_right.call(model, "check_access_rights", "create", raise_exception=False) is False
    with fault(4, "^You are not allowed to create "):
        without_right.call(model, "check_access_rights", "create")


@pytest.mark.real_only
@pytest.mark.parametrize(
    ("model", "rights"),
    [
        ("res.partner", ("read create write", "read")),
        ("crm.lead", ("read create write", "")),
        ("crm.lead2opportunity.partner", ("read create write", "")),
        ("sale.order", ("read create write", "")),
        ("sale.order.line", ("read create write unlink", "")),
        ("product.product", ("read", "read")),
        ("res.users", ("read", "read")),
        ("ir.model.data", ("", "")),
    ],
)
def test_rights_on_models(
    salesperson: Session, without_right: Session, model: str, rights: tuple[str, str]
) -> None:
    for session, granted in zip((salesperson, without_right), rights, strict=True):
        operations = ("read", "create", "write", "unlink")
        found = [operation for operation in operations if session.call(model, "has_access", [], operation)]
        assert found == granted.split()


@pytest.mark.real_only
def test_rights_in_advance_leave_the_rules_for_records_aside(salesperson: Session, colleague: Session) -> None:
    lead = colleague.create("crm.lead", name="x")
    assert salesperson.call("crm.lead", "has_access", [], "write") is True
    assert salesperson.call("crm.lead", "has_access", [lead], "write") is False


@pytest.mark.real_only
def test_the_portal_shows_oneself_only(portal: Session) -> None:
    (row,) = portal.call("res.users", "search_read", [], ["login", "partner_id"])
    assert row["login"] == portal.login
    assert portal.call("res.partner", "search", []) == [row["partner_id"][0]]
