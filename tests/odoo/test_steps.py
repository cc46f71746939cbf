"""The activities with records that people have edited meanwhile, on each Odoo."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from activities.checks import CheckActivities
from activities.lead import LeadActivities
from activities.order import OrderActivities
from odoo_client import Credentials, XmlRpcOdoo
from quotation.messages import CheckRequest, LeadToConvert, NewLead, NewLine, NewLines, NewOrder
from quotation.stored.request import StoredLine
from sandbox.real_odoo import OdooAccess
from tests.odoo.client import Session


@pytest.fixture
async def client(odoo: OdooAccess) -> AsyncIterator[XmlRpcOdoo]:
    client = XmlRpcOdoo(Credentials(odoo.url, odoo.db, odoo.username, odoo.password))
    yield client
    await client.close()


@pytest.fixture
def lead(salesperson: Session, partner: int, word: str) -> int:
    return salesperson.create("crm.lead", name=f"Lead {word}", type="lead", partner_id=partner)


async def test_a_lead_becomes_an_opportunity_of_its_partner(
    client: XmlRpcOdoo, salesperson: Session, lead: int, partner: int
) -> None:
    assert await LeadActivities(client).convert_to_opportunity(LeadToConvert(lead_id=lead)) == lead

    assert salesperson.value("crm.lead", lead, "type") == "opportunity"
    assert salesperson.value("crm.lead", lead, "partner_id")[0] == partner
    assert salesperson.value("crm.lead", lead, "date_conversion")


@pytest.mark.parametrize("changed", ["another", "none"])
async def test_the_customer_that_somebody_gave_the_lead_stays(
    client: XmlRpcOdoo, salesperson: Session, administrator: Session, lead: int, word: str, changed: str
) -> None:
    another = administrator.create("res.partner", name=f"Otro {word}", email=f"otro-{word}@acme.test")
    edited: dict[str, Any] = {"partner_id": another if changed == "another" else False}
    administrator.call("crm.lead", "write", [lead], edited)
    administrator.call("crm.lead", "write", [lead], {"email_from": f"lead-{word}@acme.test", "phone": "999"})
    fields = ("partner_id", "email_from", "phone", "user_id", "name")
    before = salesperson.read("crm.lead", lead, *fields)

    assert await LeadActivities(client).convert_to_opportunity(LeadToConvert(lead_id=lead)) == lead

    assert salesperson.value("crm.lead", lead, "type") == "opportunity"
    assert salesperson.read("crm.lead", lead, *fields) == before


async def test_an_archived_lead_is_left_alone_and_is_no_opportunity(
    client: XmlRpcOdoo, salesperson: Session, lead: int
) -> None:
    salesperson.call("crm.lead", "write", [lead], {"active": False})

    assert await LeadActivities(client).convert_to_opportunity(LeadToConvert(lead_id=lead)) is None

    assert salesperson.read("crm.lead", lead, "type", "active") == {"type": "lead", "active": False}


@pytest.mark.parametrize("whose", ["colleague", "own", "nobody"])
async def test_the_salesperson_of_a_contact_s_company_counts_as_its_own(
    client: XmlRpcOdoo, administrator: Session, salesperson: Session, colleague: Session, word: str, whose: str
) -> None:
    company = administrator.create("res.partner", name=f"Empresa {word}", is_company=True)
    email = f"contacto-{word}@acme.test"
    administrator.create("res.partner", name=f"Contacto {word}", email=email, parent_id=company)
    user_id = {"colleague": colleague.uid, "own": salesperson.uid, "nobody": False}[whose]
    administrator.call("res.partner", "write", [company], {"user_id": user_id})
    request = CheckRequest(normalized_email=email, product_ids=[26174], user_id=0)

    checked = await CheckActivities(client).check_request(request)

    # Odoo would give the order to the colleague and refuse it
    assert checked.own_user_id == (salesperson.uid if whose == "colleague" else None)
    assert checked.salesperson_id == checked.own_user_id


@pytest.mark.parametrize("whose", ["colleague", "own", "nobody"])
async def test_the_lead_has_the_salesperson_of_the_order(
    odoo: OdooAccess, administrator: Session, all_leads: Session, colleague: Session, word: str, whose: str
) -> None:
    user_id = {"colleague": colleague.uid, "own": all_leads.uid, "nobody": False}[whose]
    email = f"{word}@acme.test"
    customer = administrator.create("res.partner", name=word, email=email, user_id=user_id)
    client = XmlRpcOdoo(Credentials(odoo.url, odoo.db, all_leads.login, all_leads.password))
    checked = await CheckActivities(client).check_request(
        CheckRequest(normalized_email=email, product_ids=[26174], user_id=0)
    )

    lead = await LeadActivities(client).create_lead(
        NewLead(
            external_id=f"t.l_{word}",
            name=word,
            partner_id=customer,
            contact_name="",
            user_id=checked.salesperson_id,
        )
    )
    order = await OrderActivities(client, "https://odoo.test").create_sale_order(
        NewOrder(
            external_id=f"t.o_{word}",
            partner_id=customer,
            opportunity_id=lead,
            origin=word,
            user_id=checked.salesperson_id,
            notes="",
        )
    )
    await client.close()

    expected = user_id or all_leads.uid
    assert administrator.value("crm.lead", lead, "user_id")[0] == expected
    assert administrator.value("sale.order", order.id, "user_id")[0] == expected


async def test_a_line_with_a_long_description_has_a_short_name(
    client: XmlRpcOdoo, administrator: Session, salesperson: Session, order: int, word: str
) -> None:
    product = administrator.create("product.product", name=f"Robot {word} {'muy largo ' * 2000}")
    requested = StoredLine(product_id=product, product_qty=Decimal(1), product_price=Decimal(-1))
    line = NewLine(external_id=f"__test__.line_{word}", number=1, requested=requested)

    totals = await OrderActivities(client, "https://odoo.test").add_product_lines(
        NewLines(order_id=order, lines=[line])
    )

    name = totals.lines[1].name
    assert name.startswith(f"Robot {word}")
    assert len(name) <= 160
    # the order itself keeps all of it
    assert len(salesperson.value("sale.order.line", totals.lines[1].line_id, "name")) >= len(name)
