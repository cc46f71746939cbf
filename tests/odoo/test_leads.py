"""Leads, their effects on the customer, and their conversion into opportunities."""

from typing import Any

import pytest

from tests.odoo.client import Session, fault

WIZARD = "crm.lead2opportunity.partner"


@pytest.fixture
def lead(salesperson: Session, partner: int, word: str) -> int:
    return salesperson.create("crm.lead", name=f"Lead {word}", type="lead", partner_id=partner)


def active(lead: int) -> dict[str, Any]:
    return {"active_model": "crm.lead", "active_id": lead, "active_ids": [lead]}


def convert(session: Session, lead: int, partner: int) -> Any:
    values = {"name": "convert", "lead_id": lead, "action": "exist", "partner_id": partner}
    wizard = session.call(WIZARD, "create", values, context=active(lead))
    return session.call(WIZARD, "action_apply", [wizard], context=active(lead))


def test_a_new_lead_is_an_opportunity_unless_told_otherwise(salesperson: Session) -> None:
    lead = salesperson.create("crm.lead", name="x")
    assert salesperson.value("crm.lead", lead, "type") == "opportunity"
    assert salesperson.value("crm.lead", lead, "date_conversion") is False


@pytest.mark.real_only
def test_a_lead_takes_names_email_and_phone_from_its_customer(
    salesperson: Session, partner: int, word: str
) -> None:
    salesperson.call("res.partner", "write", [partner], {"phone": "123"})
    lead = salesperson.create("crm.lead", name="x", partner_id=partner)
    assert salesperson.read("crm.lead", lead, "partner_name", "contact_name", "email_from", "phone") == {
        "partner_name": f"Cliente {word}",
        "contact_name": False,
        "email_from": f"{word}@example.com",
        "phone": "123",
    }


@pytest.mark.real_only
def test_a_leads_email_and_phone_overwrite_its_customers(salesperson: Session, partner: int, word: str) -> None:
    row = {
        "id": f"tests.l_{word}",
        "name": word,
        "partner_id/.id": str(partner),
        "email_from": f"other{word}@example.com",
        "phone": "999",
    }
    salesperson.load_ids("crm.lead", row)
    assert salesperson.read("res.partner", partner, "email", "phone") == {
        "email": f"other{word}@example.com",
        "phone": "999",
    }


@pytest.mark.real_only
def test_a_lead_that_is_written_does_so_too(salesperson: Session, lead: int, partner: int, word: str) -> None:
    salesperson.call("crm.lead", "write", [lead], {"email_from": f"other{word}@example.com", "phone": "9"})
    assert salesperson.value("res.partner", partner, "email") == f"other{word}@example.com"
    assert salesperson.value("res.partner", partner, "phone") == "9"
    salesperson.call("crm.lead", "write", [lead], {"email_from": False, "phone": False})
    assert salesperson.value("res.partner", partner, "phone") == "9"


def test_a_lead_without_email_and_phone_leaves_its_customer_alone(
    salesperson: Session, partner: int, word: str
) -> None:
    before = salesperson.call("res.partner", "read", [partner], ["name", "email", "phone", "write_date"])
    row = {"id": f"tests.l_{word}", "name": word, "partner_id/.id": str(partner), "contact_name": "Juan"}
    (lead,) = salesperson.load_ids("crm.lead", row | {"type": "lead"})
    convert(salesperson, lead, partner)
    assert salesperson.call("res.partner", "read", [partner], ["name", "email", "phone", "write_date"]) == before
    assert salesperson.value("crm.lead", lead, "contact_name") == "Juan"


def test_the_wizard_makes_an_opportunity_of_the_same_record(
    salesperson: Session, lead: int, partner: int, word: str
) -> None:
    window = convert(salesperson, lead, partner)
    assert window["res_id"] == lead
    assert window["res_model"] == "crm.lead"
    found = salesperson.read(
        "crm.lead", lead, "type", "partner_id", "user_id", "name", "date_conversion", "active"
    )
    assert found.pop("date_conversion")
    assert found == {
        "type": "opportunity",
        "partner_id": [partner, f"Cliente {word}"],
        "user_id": [salesperson.uid, "Valeria Ventas"],
        "name": f"Lead {word}",
        "active": True,
    }


def test_the_wizard_is_created_and_its_lead_read_in_one_call(
    salesperson: Session, lead: int, partner: int, word: str
) -> None:
    contact = salesperson.create("res.partner", name="Ana", parent_id=partner, phone="55 1")
    salesperson.call(
        "res.partner", "write", [salesperson.create("res.partner", name="x", parent_id=partner)], {"active": False}
    )
    values = {"name": "convert", "lead_id": lead, "action": "exist", "partner_id": False}
    of_customer: dict[str, Any] = {
        "name": {},
        "commercial_partner_id": {"fields": {"display_name": {}}},
        "child_ids": {"fields": {"name": {}, "phone": {}}},
    }
    of_lead = {"type": {}, "active": {}, "description": {}, "partner_id": {"fields": of_customer}}
    tree = {"lead_id": {"fields": of_lead}, "partner_id": {}}
    (wizard,) = salesperson.call(WIZARD, "web_save", [], values, tree, context=active(lead))
    name = f"Cliente {word}"
    assert wizard == {
        "id": wizard["id"],
        "partner_id": False,
        "lead_id": {
            "id": lead,
            "type": "lead",
            "active": True,
            "description": False,
            "partner_id": {
                "id": partner,
                "name": name,
                "commercial_partner_id": {"id": partner, "display_name": name},
                "child_ids": [{"id": contact, "name": "Ana", "phone": "55 1"}],
            },
        },
    }
    salesperson.call(WIZARD, "action_apply", [wizard["id"]], context=active(lead))
    assert salesperson.value("crm.lead", lead, "type") == "opportunity"


def test_the_wizard_can_be_applied_again(salesperson: Session, lead: int, partner: int) -> None:
    convert(salesperson, lead, partner)
    assert convert(salesperson, lead, partner)["res_id"] == lead
    assert salesperson.value("crm.lead", lead, "type") == "opportunity"


def test_told_to_convert_the_wizard_leaves_the_customers_other_leads(
    salesperson: Session, lead: int, partner: int
) -> None:
    other = salesperson.create("crm.lead", name="other", type="lead", partner_id=partner)
    convert(salesperson, lead, partner)
    assert salesperson.value("crm.lead", other, "type") == "lead"


@pytest.mark.real_only
def test_left_alone_the_wizard_merges_and_deletes(salesperson: Session, lead: int, partner: int) -> None:
    convert(salesperson, lead, partner)
    other = salesperson.create("crm.lead", name="other", type="lead", partner_id=partner)
    wizard = salesperson.call(WIZARD, "create", {}, context=active(other))
    assert salesperson.read(WIZARD, wizard, "name", "action") == {"name": "merge", "action": "exist"}
    window = salesperson.call(WIZARD, "action_apply", [wizard], context=active(other))
    assert window["res_id"] == lead
    assert salesperson.call("crm.lead", "read", [other], ["name"]) == []


@pytest.mark.real_only
def test_left_alone_with_one_lead_the_wizard_converts(salesperson: Session, lead: int, partner: int) -> None:
    wizard = salesperson.call(WIZARD, "create", {}, context=active(lead))
    assert salesperson.value(WIZARD, wizard, "name") == "convert"
    salesperson.call(WIZARD, "action_apply", [wizard], context=active(lead))
    assert salesperson.value("crm.lead", lead, "type") == "opportunity"
    assert salesperson.value("crm.lead", lead, "partner_id")[0] == partner


def test_without_active_ids_the_wizard_fails(salesperson: Session, lead: int, partner: int) -> None:
    values = {"name": "convert", "lead_id": lead, "action": "exist", "partner_id": partner}
    wizard = salesperson.call(WIZARD, "create", values)
    with fault(1, r"^IndexError: "):
        salesperson.call(WIZARD, "action_apply", [wizard])
    assert salesperson.value("crm.lead", lead, "type") == "lead"


def test_the_wizard_refuses_a_colleagues_lead(
    salesperson: Session, all_leads: Session, colleague: Session, lead: int, partner: int
) -> None:
    all_leads.call("crm.lead", "write", [lead], {"user_id": colleague.uid})
    with fault(4, r"doesn't have 'read' access to:\n- Lead \(crm\.lead\)"):
        convert(salesperson, lead, partner)
    assert all_leads.value("crm.lead", lead, "type") == "lead"


def test_the_wizard_leaves_an_archived_lead_a_lead(salesperson: Session, lead: int, partner: int) -> None:
    salesperson.call("crm.lead", "write", [lead], {"active": False})
    convert(salesperson, lead, partner)
    assert salesperson.value("crm.lead", lead, "type") == "lead"


@pytest.mark.real_only
def test_the_wizard_for_a_deleted_lead(
    salesperson: Session, administrator: Session, lead: int, partner: int
) -> None:
    administrator.call("crm.lead", "unlink", [lead])
    with fault(2, r"Thanks to the following constraint: 'Associated Lead' \(lead_id\)"):
        convert(salesperson, lead, partner)


@pytest.mark.real_only
def test_convert_opportunity_empties_the_customer(salesperson: Session, lead: int, partner: int) -> None:
    with fault(1, r"^AttributeError: 'int' object has no attribute 'id'$"):
        salesperson.call("crm.lead", "convert_opportunity", [lead], partner)
    salesperson.call("crm.lead", "convert_opportunity", [lead], partner=False)
    assert salesperson.value("crm.lead", lead, "partner_id") is False
    assert salesperson.value("crm.lead", lead, "date_conversion")


def test_writing_the_type_leaves_the_conversion_date_empty(salesperson: Session, lead: int) -> None:
    salesperson.call("crm.lead", "write", [lead], {"type": "opportunity"})
    assert salesperson.value("crm.lead", lead, "date_conversion") is False


@pytest.mark.real_only
def test_another_customer_changes_the_names(salesperson: Session, lead: int, word: str) -> None:
    person = salesperson.create("res.partner", name=f"Juana {word}")
    salesperson.call("crm.lead", "write", [lead], {"partner_id": person})
    assert salesperson.read("crm.lead", lead, "contact_name", "partner_name") == {
        "contact_name": f"Juana {word}",
        "partner_name": f"Cliente {word}",
    }


def test_orders_of_an_opportunity(salesperson: Session, lead: int, partner: int, word: str) -> None:
    row = {"id": f"tests.o_{word}", "partner_id/.id": str(partner), "opportunity_id/.id": str(lead)}
    (order,) = salesperson.load_ids("sale.order", row)
    assert salesperson.value("crm.lead", lead, "order_ids") == [order]
    assert salesperson.value("sale.order", order, "opportunity_id") == [lead, f"Lead {word}"]
