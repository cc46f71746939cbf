"""The customer whom a caller means, and what the record does not hold, on each Odoo."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from activities.checks import CheckActivities
from activities.lead import LeadActivities
from activities.partner import PartnerActivities
from odoo_client import Credentials, XmlRpcOdoo
from quotation.messages import CheckedRequest, CheckRequest, LeadToConvert, NewLead, NewPartner, Said
from sandbox.real_odoo import OdooAccess
from tests.odoo.client import Session, unique

DIFFERS = ["partner_name_differs"]


@pytest.fixture
async def client(odoo: OdooAccess) -> AsyncIterator[XmlRpcOdoo]:
    client = XmlRpcOdoo(Credentials(odoo.url, odoo.db, odoo.username, odoo.password))
    yield client
    await client.close()


@pytest.fixture
def new(salesperson: Session, word: str) -> Any:
    """Create a customer whose name and address have the word."""

    def create(name: str, **values: Any) -> int:
        values = {"email": f"info@{word}.example", "is_company": True} | values
        return salesperson.create("res.partner", name=name and f"{name} {word}", **values)

    return create


async def check(client: XmlRpcOdoo, word: str, name: str, contact: str = "", phone: str = "") -> CheckedRequest:
    said = Said(partner_name=f"{name} {word}", contact_name=contact, phone=phone)
    request = CheckRequest(normalized_email=f"info@{word}.example", product_ids=[26174], user_id=0, said=said)
    return await CheckActivities(client).check_request(request)


def found(checked: CheckedRequest) -> tuple[int | None, list[str]]:
    partner = checked.partner.id if checked.partner else None
    return partner, [warning.code for warning in checked.warnings]


async def test_of_several_the_one_of_that_name_is_meant(client: XmlRpcOdoo, new: Any, word: str) -> None:
    first, second, third = new("Taller López"), new("Óptica  Núñez"), new("Optica Nunez")

    assert found(await check(client, word, "optica NUNEZ")) == (second, [])
    assert found(await check(client, word, "Taller Lopez")) == (first, [])
    assert found(await check(client, word, "Panadería")) == (first, DIFFERS)
    assert third > second


async def test_a_company_comes_before_its_addresses(client: XmlRpcOdoo, new: Any, word: str) -> None:
    company = new("Aceros", email=False)
    address = new("Bodega", parent_id=company, type="delivery", is_company=False)
    contact = new("Juana", parent_id=company, is_company=False)

    assert found(await check(client, word, "Otra")) == (contact, DIFFERS)
    assert found(await check(client, word, "Bodega")) == (address, [])
    # the order for a contact is the company's
    assert found(await check(client, word, "Aceros")) == (contact, [])


async def test_an_archived_customer_is_not_meant(
    client: XmlRpcOdoo, salesperson: Session, new: Any, word: str
) -> None:
    archived, active = new("Aceros"), new("Otra")
    salesperson.call("res.partner", "write", [archived], {"active": False})

    assert found(await check(client, word, "Aceros")) == (active, DIFFERS)


@pytest.mark.parametrize(
    ("contact", "phone", "facts"),
    [
        ("", "", []),
        ("JOSE PEREZ", "+52 (55) 1234-5678", []),
        ("José Pérez", "5512345678", []),
        ("", "55 8765 4321", []),
        ("Ana Ruiz", "", ["Contacto: Ana Ruiz"]),
        ("José Pérez", "5512345679", ["Teléfono: 5512345679"]),
        ("Ana Ruiz", "ext. 7", ["Contacto: Ana Ruiz", "Teléfono: ext. 7"]),
    ],
)
async def test_what_the_record_does_not_hold_is_told(
    client: XmlRpcOdoo, new: Any, word: str, contact: str, phone: str, facts: list[str]
) -> None:
    company = new("Aceros", phone="55 1234 5678")
    new("x", parent_id=company, is_company=False, email=False, phone="+52 55 8765 4321")
    contact_id = new("x", parent_id=company, is_company=False, email=False)
    client_name = {"name": "José Pérez"}
    await client.call("res.partner", "write", [contact_id], client_name, returns=bool)

    assert (await check(client, word, "Aceros", contact, phone)).missing_facts == facts


async def test_another_name_is_a_fact_too(client: XmlRpcOdoo, new: Any, word: str) -> None:
    new("Aceros")
    assert (await check(client, word, "Otra")).missing_facts == [f"Nombre: Otra {word}"]


async def test_a_salesperson_reads_the_facts_in_the_lead_and_the_customer_stays_as_it_was(
    client: XmlRpcOdoo, salesperson: Session, new: Any, word: str
) -> None:
    customer = new("Aceros", phone="55 1234 5678")
    fields = ("name", "email", "phone", "child_ids", "write_date")
    before = salesperson.read("res.partner", customer, *fields)
    checked = await check(client, word, "Aceros", "<b>Ana & Co</b>", "55 0000 0000")
    lead = NewLead(
        external_id=f"durable_quotations.{word}",
        name="Cotización",
        partner_id=customer,
        contact_name="<b>Ana & Co</b>",
        user_id=None,
        missing_facts=checked.missing_facts,
    )

    lead_id = await LeadActivities(client).create_lead(lead)

    html = salesperson.value("crm.lead", lead_id, "description")
    assert "<li>Contacto: &lt;b&gt;Ana &amp; Co&lt;/b&gt;</li>" in html
    assert "<li>Teléfono: 55 0000 0000</li>" in html
    assert salesperson.read("res.partner", customer, *fields) == before
    # what a salesperson writes there stays
    salesperson.call("crm.lead", "write", [lead_id], {"description": "<p>Llamé</p>"})
    assert await LeadActivities(client).create_lead(lead) == lead_id
    assert salesperson.value("crm.lead", lead_id, "description") == "<p>Llamé</p>"


async def lead_of(client: XmlRpcOdoo, word: str, phone: str, contact: str = "Ana") -> LeadToConvert:
    """Return the lead of a caller for a customer that was new when the checks looked for it."""
    name = f"Aceros {word}"
    new = NewPartner(name=name, email=f"info@{word}.example", phone=phone, contact_name=contact, generation=1)
    lead = NewLead(
        external_id=f"durable_quotations.{unique()}",
        name="Cotización",
        partner_id=await PartnerActivities(client).get_or_create_partner(new),
        contact_name=contact,
        user_id=None,
    )
    return LeadToConvert(
        lead_id=await LeadActivities(client).create_lead(lead),
        said=Said(partner_name=name, contact_name=contact, phone=phone),
    )


def notes(session: Session, lead: LeadToConvert) -> str:
    return session.value("crm.lead", lead.lead_id, "description") or ""


async def test_the_facts_of_two_callers_for_one_new_customer_are_kept(
    client: XmlRpcOdoo, salesperson: Session, word: str
) -> None:
    first, second = [await lead_of(client, word, phone) for phone in ("55 1111 1111", "55 2222 2222")]
    for lead in (first, second):
        assert await LeadActivities(client).convert_to_opportunity(lead) == lead.lead_id

    assert notes(salesperson, first) == ""
    assert "Teléfono: 55 2222 2222" in notes(salesperson, second)
    assert "Contacto" not in notes(salesperson, second)
    assert salesperson.value("crm.lead", second.lead_id, "type") == "opportunity"


async def test_facts_are_noted_once_below_what_a_salesperson_wrote(
    client: XmlRpcOdoo, salesperson: Session, word: str
) -> None:
    await lead_of(client, word, "55 1111 1111")
    lead = await lead_of(client, word, "55 2222 2222", """<b>Ana "Lú"  O'Hara & Co</b>""")
    salesperson.call("crm.lead", "write", [lead.lead_id], {"description": "<p>Llamé</p>"})

    await LeadActivities(client).convert_to_opportunity(lead)
    noted = notes(salesperson, lead)
    await LeadActivities(client).convert_to_opportunity(lead)

    assert noted.startswith("<p>Llamé</p>")
    assert "&amp; Co&lt;/b&gt;" in noted
    assert "Teléfono: 55 2222 2222" in noted
    assert notes(salesperson, lead) == noted


async def test_without_a_customer_there_is_nothing_to_compare(
    client: XmlRpcOdoo, salesperson: Session, word: str
) -> None:
    lead = await lead_of(client, word, "55 1111 1111")
    salesperson.call("crm.lead", "write", [lead.lead_id], {"partner_id": False})
    assert await LeadActivities(client).convert_to_opportunity(lead) == lead.lead_id
    assert notes(salesperson, lead) == ""


async def test_an_older_workflow_has_the_facts_noted_with_the_lead(
    client: XmlRpcOdoo, salesperson: Session, word: str
) -> None:
    first = await lead_of(client, word, "55 1111 1111")
    assert first.said
    partner = salesperson.value("crm.lead", first.lead_id, "partner_id")[0]
    lead = NewLead(
        external_id=f"durable_quotations.{word}",
        name="Cotización",
        partner_id=partner,
        contact_name="Ana",
        user_id=None,
        said=first.said.model_copy(update={"phone": "55 2222 2222"}),
    )
    lead_id = await LeadActivities(client).create_lead(lead)
    assert "Teléfono: 55 2222 2222" in salesperson.value("crm.lead", lead_id, "description")
