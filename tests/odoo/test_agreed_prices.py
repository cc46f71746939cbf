"""Agreed prices where Odoo's prices include tax, their currency, and the company's terms beside notes."""

from collections.abc import AsyncIterator, Iterator, Mapping
from decimal import Decimal
from typing import Any

import pytest

from activities.checks import CheckActivities
from activities.company import Setup
from activities.failures import RequestError
from activities.lead import LeadActivities
from activities.order import OrderActivities
from odoo_client import Credentials, XmlRpcOdoo
from quotation.messages import CheckedRequest, CheckRequest, NewLead, NewLine, NewLines, NewOrder, OrderTotals
from quotation.stored.request import StoredLine
from sandbox import real_odoo
from sandbox.real_odoo import OdooAccess
from tests.odoo.client import Session, unique
from tests.support.odoo_relay import OdooRelay, relay_to

PUDU = 26174


@pytest.fixture(scope="module")
def shop(real_database: OdooAccess) -> Iterator[OdooAccess]:
    """A database of its own, whose taxes, price lists and terms disturb no other test."""
    del real_database  # skips the tests where there is no real Odoo
    access = real_odoo.fresh_database()
    yield access
    real_odoo.drop_database(access.db)


@pytest.fixture(scope="module")
def boss(shop: OdooAccess) -> Session:
    return Session(shop, shop.admin_username, shop.admin_password)


@pytest.fixture
async def client(shop: OdooAccess) -> AsyncIterator[XmlRpcOdoo]:
    client = XmlRpcOdoo(Credentials(shop.url, shop.db, shop.username, shop.password))
    yield client
    await client.close()


@pytest.fixture(scope="module")
def taxes(boss: Session) -> dict[str, int]:
    """Taxes by name; all but one are included in prices."""

    def tax(name: str, amount: float, kind: str = "percent", included: str = "tax_included") -> int:
        values = {"name": name, "amount": amount, "amount_type": kind, "price_include_override": included}
        return boss.create("account.tax", type_tax_use="sale", **values)

    return {
        "included": tax("IVA 15 incl.", 15),
        "fixed": tax("Reciclaje 3 incl.", 3, "fixed"),
        "division": tax("Division 10 incl.", 10, "division"),
        "excluded": tax("IVA 5", 5, included="tax_excluded"),
    }


def product(boss: Session, *taxes: int) -> int:
    return boss.create("product.product", name=unique(), list_price=1150, taxes_id=[[6, 0, list(taxes)]])


def line(product_id: int, price: float, quantity: float = 1) -> StoredLine:
    return StoredLine(product_id=product_id, product_qty=Decimal(str(quantity)), product_price=Decimal(str(price)))


async def check(
    client: XmlRpcOdoo, *lines: StoredLine, email: str = "", currency: str = "", setup: Setup | None = None
) -> CheckedRequest:
    request = CheckRequest(
        normalized_email=email or f"{unique()}@acme.test",
        product_ids=[one.product_id for one in lines],
        user_id=0,
        lines=lines,
        currency=currency,
    )
    return await CheckActivities(client, None, setup or Setup()).check_request(request)


def codes(checked: CheckedRequest) -> list[str]:
    return [warning.code for warning in checked.warnings]


async def order(client: XmlRpcOdoo, partner: int, *lines: StoredLine, notes: str = "") -> tuple[int, OrderTotals]:
    word = unique()
    orders = OrderActivities(client, "https://odoo.test")
    leads = LeadActivities(client)
    lead = await leads.create_lead(
        NewLead(external_id=f"t.l_{word}", name=word, partner_id=partner, contact_name="", user_id=None)
    )
    numbered = [
        NewLine(external_id=f"t.n{number}_{word}", number=number, requested=one)
        for number, one in enumerate(lines, start=1)
    ]
    new = NewOrder(
        external_id=f"t.o_{word}",
        partner_id=partner,
        opportunity_id=lead,
        origin=word,
        user_id=None,
        notes=notes,
        lines=numbered,
    )
    created = await orders.create_sale_order(new)
    missing = NewLines(order_id=created.id, lines=numbered, partner_id=partner, totals=created.totals)
    return created.id, await orders.add_product_lines(missing)


@pytest.fixture
def customer(boss: Session, word: str) -> int:
    return boss.create("res.partner", name=word, email=f"{word}@acme.test", is_company=True)


CASES: list[tuple[list[str], float, float, float | None]] = [
    (["included"], 1000, 1, 1150.0),
    (["included"], 1000, 2.5, 1150.0),
    (["included"], 3.33, 1000, 3.8295),
    (["included"], 0.01, 1, None),
    (["included", "excluded"], 1000, 3, 1150.0),
    (["fixed"], 1000, 3, 1003.0),
    (["division"], 900, 2, 1000.0),
    (["fixed", "included"], 1000, 2, None),
    (["included"], 999999999.99, 1, None),
    (["excluded"], 1000, 2, 1000.0),
    ([], 1000, 2, 1000.0),
]
"""Names of taxes, an agreed price, a quantity and the unit price that Odoo needs, if it is worth naming."""


async def test_an_agreed_price_is_what_the_customer_pays_without_tax(
    client: XmlRpcOdoo, boss: Session, taxes: dict[str, int], customer: int
) -> None:
    agreed = [
        line(product(boss, *(taxes[name] for name in names)), price, quantity)
        for names, price, quantity, _ in CASES
    ]

    assert codes(await check(client, *agreed)) == []
    _, totals = await order(client, customer, *agreed)

    lines = [totals.lines[number] for number in range(1, len(CASES) + 1)]
    assert [one.subtotal for one in lines] == [round(price * quantity, 2) for _, price, quantity, _ in CASES]
    assert [one.price_unit for one, (*_, unit) in zip(lines, CASES, strict=True) if unit] == [
        unit for *_, unit in CASES if unit
    ]
    assert totals.amount_untaxed == pytest.approx(sum(one.subtotal for one in lines))


async def test_each_line_has_its_own_tax_and_a_free_one_stays_free(
    client: XmlRpcOdoo, boss: Session, taxes: dict[str, int], customer: int
) -> None:
    lines = [
        line(product(boss, taxes["included"]), 100, 2),
        line(PUDU, 50),
        line(product(boss, taxes["fixed"]), 0),
    ]
    _, totals = await order(client, customer, *lines)
    assert [totals.lines[number].price_unit for number in (1, 2, 3)] == [115.0, 50.0, 0.0]
    assert totals.lines[1].subtotal == 200.0


async def test_the_customer_s_fiscal_position_counts(
    client: XmlRpcOdoo, boss: Session, taxes: dict[str, int], customer: int
) -> None:
    position = boss.create("account.fiscal.position", name=f"Sin IVA {unique()}")
    boss.call("res.partner", "write", [customer], {"property_account_position_id": position})
    exempt = boss.create(
        "account.tax",
        name=f"Exento {unique()}",
        amount=0,
        type_tax_use="sale",
        fiscal_position_ids=[[6, 0, [position]]],
        original_tax_ids=[[6, 0, [taxes["included"]]]],
    )
    assert exempt
    _, totals = await order(client, customer, line(product(boss, taxes["included"]), 1000))
    assert (totals.lines[1].price_unit, totals.amount_untaxed) == (1000.0, 1000.0)


async def test_a_price_that_cannot_be_had_is_told_before_the_first_write(
    client: XmlRpcOdoo, boss: Session, taxes: dict[str, int], shop: OdooAccess
) -> None:
    def cents_only(args: list[Any], _: Mapping[str, Any]) -> Any:
        # Odoo 16 to 18 round unit prices to the digits of "Product Price"
        for command in args[1].get("order_line", []):
            command[2]["price_unit"] = round(command[2]["price_unit"], 2)
        return boss.call("sale.order", "onchange", *args)

    agreed = line(product(boss, taxes["included"]), 3.33, 1000)
    with relay_to(shop) as relay:
        relay.answers["sale.order.onchange"] = cents_only
        through = XmlRpcOdoo(relay.credentials)
        checked = await check(through, line(PUDU, 5), agreed)
        await through.close()
    [warning] = checked.warnings
    assert warning.code == "price_includes_tax"
    assert warning.message.endswith("line 2.")
    assert codes(await check(client, agreed)) == []


async def test_without_included_taxes_it_costs_no_call(odoo: OdooAccess) -> None:
    with relay_to(odoo) as relay:
        relay.answers["account.tax.search_count"] = lambda *_: 0
        client = XmlRpcOdoo(relay.credentials)
        for _ in range(2):
            await check(client, line(PUDU, 5))
        await client.close()
    assert relay.counted["account.tax.search_count"] == 1
    assert relay.counted["sale.order.onchange"] == 0


# Currencies.


@pytest.fixture(scope="module")
def euros(boss: Session) -> int:
    """A price list in euros, while the company's currency is the dollar."""
    boss.call("res.config.settings", "execute", [boss.create("res.config.settings", group_product_pricelist=True)])
    (euro,) = boss.call("res.currency", "search", [["name", "=", "EUR"]], context={"active_test": False})
    boss.call("res.currency", "write", [euro], {"active": True})
    return boss.create("product.pricelist", name="Euros", currency_id=euro, sequence=100)


async def test_the_currency_of_an_agreed_price_is_checked(
    client: XmlRpcOdoo, boss: Session, euros: int, customer: int, word: str
) -> None:
    boss.call("res.partner", "write", [customer], {"property_product_pricelist": euros})
    email = f"{word}@acme.test"

    assert codes(await check(client, line(PUDU, 100), email=email)) == ["other_currency"]
    assert codes(await check(client, line(PUDU, 100), email=email, currency="EUR")) == []
    assert codes(await check(client, line(PUDU, 0), email=email)) == []
    assert codes(await check(client, line(PUDU, -1), email=email)) == []
    for price in (100, -1):
        with pytest.raises(RequestError, match=r"^The order would be in EUR, not in USD\.$") as caught:
            await check(client, line(PUDU, price), email=email, currency="USD")
        assert caught.value.code == "currency_mismatch"
    _, totals = await order(client, customer, line(PUDU, 100))
    assert (totals.currency, totals.amount_untaxed) == ("EUR", 100.0)


async def test_a_new_customer_s_currency_is_known_too(client: XmlRpcOdoo, boss: Session, euros: int) -> None:
    assert codes(await check(client, line(PUDU, 100))) == []
    assert codes(await check(client, line(PUDU, 100), currency="USD")) == []
    with pytest.raises(RequestError, match="would be in USD, not in MXN"):
        await check(client, line(PUDU, 100), currency="MXN")
    (spain,) = boss.call("res.country", "search", [["code", "=", "ES"]])
    group = boss.create("res.country.group", name="Zona euro", country_ids=[[6, 0, [spain]]])
    boss.call("product.pricelist", "write", [euros], {"country_group_ids": [[6, 0, [group]]]})
    try:
        setup = Setup(None, {"res.partner": {"country_id": spain}})
        assert codes(await check(client, line(PUDU, 100), currency="EUR", setup=setup)) == []
        assert codes(await check(client, line(PUDU, 100), setup=setup)) == ["other_currency"]
    finally:
        boss.call("product.pricelist", "write", [euros], {"country_group_ids": [[5]]})


# Terms.


@pytest.fixture
def terms(boss: Session) -> Iterator[None]:
    boss.call("ir.config_parameter", "set_param", "account.use_invoice_terms", "True")
    boss.call("res.company", "write", [1], {"invoice_terms": "<p>Pago a 30 días</p>"})
    yield
    boss.call("ir.config_parameter", "set_param", "account.use_invoice_terms", "")


@pytest.mark.usefixtures("terms")
async def test_the_company_s_terms_stand_beside_the_notes(
    client: XmlRpcOdoo, boss: Session, customer: int
) -> None:
    with_notes, _ = await order(client, customer, line(PUDU, 1), notes="Entrega <urgente>\nen lunes")
    assert boss.value("sale.order", with_notes, "note") == (
        "<p>Entrega &lt;urgente&gt;<br>en lunes</p><p>Pago a 30 días</p>"
    )
    without, _ = await order(client, customer, line(PUDU, 1))
    assert boss.value("sale.order", without, "note") == "<p>Pago a 30 días</p>"


async def test_without_terms_the_notes_stand_alone(client: XmlRpcOdoo, boss: Session, customer: int) -> None:
    alone, _ = await order(client, customer, line(PUDU, 1), notes="Hola")
    assert boss.value("sale.order", alone, "note") == "<span>Hola</span>"


def onchange_of_16(relay: OdooRelay, boss: Session) -> None:
    """Answer as `BaseModel.onchange` in `odoo/models.py` of 16.0: fields as paths, a one2many begins with (5,)."""

    def version(*_: Any) -> Any:
        return {"server_version": "16.0", "server_version_info": [16, 0, 0, "final", 0, ""]}

    def onchange(args: list[Any], kwargs: Mapping[str, Any]) -> Any:
        ids, values, names, paths = args
        assert all(isinstance(rule, str) for rule in paths.values())
        spec: dict[str, Any] = {}
        for path in paths:
            name, _, inner = path.partition(".")
            spec.setdefault(name, {})
            if inner:
                spec[name].setdefault("fields", {})[inner] = {}
        answer = boss.call("sale.order", "onchange", ids, values, names, spec, **kwargs)["value"]
        if "order_line" in answer:
            answer["order_line"] = [[5], *answer["order_line"]]
        return {"value": answer}

    relay.answers |= {"version": version, "sale.order.onchange": onchange}
    relay.answers["res.partner.onchange"] = lambda *_: {"value": {"property_product_pricelist": [1, "Default"]}}


@pytest.mark.usefixtures("terms")
async def test_odoo_16_is_asked_in_its_own_form(
    shop: OdooAccess, boss: Session, taxes: dict[str, int], customer: int
) -> None:
    agreed = line(product(boss, taxes["included"]), 1000)
    with relay_to(shop) as relay:
        onchange_of_16(relay, boss)
        through = XmlRpcOdoo(relay.credentials)
        assert codes(await check(through, agreed, currency="USD")) == []
        order_id, totals = await order(through, customer, agreed, notes="Hola")
        await through.close()
    assert relay.counted["sale.order.onchange"] > 0
    assert (totals.lines[1].price_unit, totals.amount_untaxed) == (1150.0, 1000.0)
    assert boss.value("sale.order", order_id, "note") == "<p>Hola</p><p>Pago a 30 días</p>"
