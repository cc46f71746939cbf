"""Fields that a company has made mandatory: filled from the settings, or named before the first write."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from activities.checks import CheckActivities
from activities.company import Setup
from activities.lead import LeadActivities
from activities.order import OrderActivities
from activities.partner import PartnerActivities
from odoo_client import Credentials, OdooRejectedError, XmlRpcOdoo
from quotation.messages import CheckRequest, NewLead, NewLine, NewLines, NewOrder, NewPartner
from quotation.stored.request import StoredLine
from sandbox import real_odoo
from sandbox.real_odoo import OdooAccess
from tests.odoo.client import Session, unique
from tests.support.odoo_relay import relay_to

PUDU = 26174


def field(model: str, name: str, label: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"model": model, "name": name, "field_description": label, "ttype": kind} | more


FIELDS = [
    field("res.partner", "x_rfc", "RFC", "char"),
    field("crm.lead", "x_canal", "Canal", "selection", selection_ids=[[0, 0, {"value": "voz", "name": "Voz"}]]),
    field("crm.lead", "x_score", "Puntos", "integer"),
    field("crm.lead", "x_limit", "Límite", "float"),
    field("sale.order", "x_giro", "Giro", "text"),
    field("sale.order", "x_country", "País", "many2one", relation="res.country", on_delete="restrict"),
    field("sale.order", "x_day", "Día", "date"),
    field("sale.order", "x_ok", "Aprobado", "boolean"),
    field("sale.order.line", "x_when", "Entrega", "datetime"),
]
VALUES: dict[str, dict[str, Any]] = {
    "res.partner": {"x_rfc": "XAXX010101000"},
    "crm.lead": {"x_canal": "voz", "x_score": 0, "x_limit": 1.5},
    "sale.order": {"x_giro": "Comercio", "x_country": "Mexico", "x_day": "2026-12-31", "x_ok": False},
    "sale.order.line": {"x_when": "2026-12-31 10:00:00"},
}


def without(model: str, name: str) -> Setup:
    """The settings without the value for one field."""
    return Setup(None, {**VALUES, model: {key: value for key, value in VALUES[model].items() if key != name}})


def with_more(model: str, **more: Any) -> Setup:
    return Setup(None, {**VALUES, model: VALUES[model] | more})


@pytest.fixture(scope="module")
def strict(real_database: OdooAccess) -> Iterator[OdooAccess]:
    """A database of its own, since a mandatory field would disturb all other tests."""
    del real_database  # skips the tests where there is no real Odoo
    access = real_odoo.fresh_database()
    yield access
    real_odoo.drop_database(access.db)


@pytest.fixture(scope="module")
def boss(strict: OdooAccess) -> Session:
    return Session(strict, strict.admin_username, strict.admin_password)


@pytest.fixture
async def client(strict: OdooAccess) -> AsyncIterator[XmlRpcOdoo]:
    client = XmlRpcOdoo(Credentials(strict.url, strict.db, strict.username, strict.password))
    yield client
    await client.close()


@pytest.fixture(scope="module", autouse=True)
def mandatory(boss: Session) -> None:
    """Add the mandatory fields, all in one call: Odoo loads its models anew each time."""
    models = boss.call("ir.model", "search_read", [["model", "in", list(VALUES)]], ["model"])
    ids = {row["model"]: row["id"] for row in models}
    common = {"required": True, "state": "manual"}
    boss.call(
        "ir.model.fields", "create", [common | field | {"model_id": ids[field["model"]]} for field in FIELDS]
    )


def request(**more: Any) -> CheckRequest:
    values = {"normalized_email": f"{unique()}@acme.test", "product_ids": [PUDU], "user_id": 0}
    return CheckRequest(**(values | more))


async def problem(client: XmlRpcOdoo, setup: Setup, **more: Any) -> str:
    with pytest.raises(OdooRejectedError) as caught:
        await CheckActivities(client, None, setup).check_request(request(**more))
    return str(caught.value)


async def make(client: XmlRpcOdoo, setup: Setup, word: str) -> dict[str, int]:
    """Create all records of a quotation as the activities do, and return their ids."""
    partners, leads = PartnerActivities(client, setup=setup), LeadActivities(client, setup)
    orders = OrderActivities(client, "https://odoo.test", setup)
    partner = await partners.get_or_create_partner(
        NewPartner(name=word, email=f"{word}@acme.test", phone="", contact_name="Ana", generation=1)
    )
    lead = await leads.create_lead(
        NewLead(external_id=f"t.l_{word}", name=word, partner_id=partner, contact_name="Ana", user_id=None)
    )
    lines = [NewLine(external_id=f"t.n_{word}", number=1, requested=StoredLine(product_id=PUDU))]
    new = NewOrder(
        external_id=f"t.o_{word}",
        partner_id=partner,
        opportunity_id=lead,
        origin=word,
        user_id=None,
        notes="",
        lines=lines,
    )
    created = await orders.create_sale_order(new)
    order = created.id
    totals = await orders.add_product_lines(NewLines(order_id=order, lines=lines, totals=created.totals))
    return {
        "res.partner": partner,
        "crm.lead": lead,
        "sale.order": order,
        "sale.order.line": totals.lines[1].line_id,
    }


async def test_each_missing_value_is_named_before_the_first_write(client: XmlRpcOdoo, boss: Session) -> None:
    partners = boss.call("res.partner", "search_count", [])
    expected = [
        f"Odoo requires a value for '{one['field_description']}' ({one['name']}) of {one['model']},"
        " and the settings have none."
        for one in FIELDS
    ]
    assert await problem(client, Setup()) == " ".join(expected)
    assert await problem(client, without("sale.order", "x_giro")) == expected[4]
    assert boss.call("res.partner", "search_count", []) == partners


async def test_a_default_in_odoo_is_enough_as_soon_as_it_is_there(client: XmlRpcOdoo, boss: Session) -> None:
    setup = without("sale.order", "x_giro")
    assert "(x_giro) of sale.order" in await problem(client, setup)
    boss.call("ir.default", "set", "sale.order", "x_giro", "Servicios")
    try:
        await CheckActivities(client, None, setup).check_request(request())
        made = await make(client, setup, unique())
        assert boss.value("sale.order", made["sale.order"], "x_giro") == "Servicios"
    finally:
        ours = boss.call("ir.default", "search", [["field_id.name", "=", "x_giro"]])
        boss.call("ir.default", "unlink", ours)


async def test_the_settings_fill_every_record(client: XmlRpcOdoo, boss: Session, word: str) -> None:
    setup = Setup(None, VALUES)
    await CheckActivities(client, None, setup).check_request(request())

    made = await make(client, setup, word)

    assert boss.read("crm.lead", made["crm.lead"], *VALUES["crm.lead"]) == VALUES["crm.lead"]
    order = boss.read("sale.order", made["sale.order"], *VALUES["sale.order"])
    assert order["x_country"][1] == "Mexico"
    assert order | {"x_country": "Mexico"} == VALUES["sale.order"]
    assert boss.value("sale.order.line", made["sale.order.line"], "x_when") == "2026-12-31 10:00:00"
    [contact] = boss.value("res.partner", made["res.partner"], "child_ids")
    for one in (made["res.partner"], contact):
        assert boss.value("res.partner", one, "x_rfc") == "XAXX010101000"


async def test_a_field_of_new_customers_is_no_obstacle_for_a_known_one(
    client: XmlRpcOdoo, boss: Session, word: str
) -> None:
    boss.create("res.partner", name=word, email=f"{word}@acme.test", x_rfc="X")
    setup = without("res.partner", "x_rfc")
    assert "(x_rfc) of res.partner" in await problem(client, setup)
    checked = await CheckActivities(client, None, setup).check_request(
        request(normalized_email=f"{word}@acme.test")
    )
    assert checked.partner


async def test_each_wrong_setting_is_named_before_the_first_write(client: XmlRpcOdoo) -> None:
    wrong = {
        "x_giro": (3, "must be text."),
        "x_day": ("mañana", "must have the form 2026-12-31."),
        "x_ok": ("sí", "must be true or false."),
        "x_country": ("Nadie", "must name exactly one record of res.country."),
        "user_id": (999999, "must name exactly one record of res.users."),
        "order_line": (1, "cannot be set, because its type is one2many."),
    }
    values = {name: value for name, (value, _) in wrong.items()}
    sentence = await problem(client, with_more("sale.order", x_nada=1, **values))
    for name, (_, end) in wrong.items():
        assert f"({name}) of sale.order {end}" in sentence
    assert "The settings have a value for x_nada of sale.order, but Odoo has no such field." in sentence


async def test_what_the_quotation_fills_is_not_overwritten(client: XmlRpcOdoo, boss: Session, word: str) -> None:
    setup = with_more("sale.order", origin="otro", client_order_ref="R1")
    made = await make(client, setup, word)
    assert boss.read("sale.order", made["sale.order"], "origin", "client_order_ref") == {
        "origin": word,
        "client_order_ref": "R1",
    }


async def test_the_fields_are_asked_for_once(strict: OdooAccess) -> None:
    with relay_to(strict) as relay:
        client = XmlRpcOdoo(relay.credentials)
        for _ in range(2):
            await CheckActivities(client, None, Setup(None, VALUES)).check_request(request())
        await client.close()
    asked = [name for name in relay.counted if name.endswith((".fields_get", ".default_get"))]
    assert asked
    assert {relay.counted[name] for name in asked} == {1}
