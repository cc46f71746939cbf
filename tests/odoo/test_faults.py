"""Every fault that the product distinguishes."""

import re

import pytest

from tests.odoo.client import Session, fault


def test_a_wrong_password_is_false_at_authenticate(salesperson: Session) -> None:
    database = salesperson.access.db
    assert salesperson.common("authenticate", database, salesperson.login, "wrong", {}) is False
    assert salesperson.common("authenticate", database, "nobody", "wrong", {}) is False


@pytest.mark.parametrize("password", ["wrong", ""])
def test_a_wrong_password_is_fault_3_at_a_call(salesperson: Session, password: str) -> None:
    with fault(3, r"^Access Denied$"):
        salesperson.object(salesperson.access.db, salesperson.uid, password, "res.partner", "search_count", [[]])


def test_an_unknown_user_id_is_a_missing_record(salesperson: Session) -> None:
    with fault(2, r"^Record does not exist or has been deleted\.\n\(Record: res\.users\(99999999,\), "):
        salesperson.object(salesperson.access.db, 99999999, "x", "res.partner", "search_count", [[]])


def test_an_unknown_database_is_a_traceback_that_names_it(salesperson: Session) -> None:
    expected = r'^psycopg2\.OperationalError: .*database "nowhere" does not exist$'
    with fault(1, expected):
        salesperson.common("authenticate", "nowhere", "a", "b", {})
    with fault(1, expected):
        salesperson.object("nowhere", salesperson.uid, salesperson.password, "res.partner", "search_count", [[]])


def test_no_right_on_a_model(without_right: Session) -> None:
    with fault(4, r"^You are not allowed to create 'Lead' \(crm\.lead\) records\.\n\nThis operation is allowed"):
        without_right.create("crm.lead", name="x")
    with fault(4, r"^You are not allowed to access 'Sales Order' \(sale\.order\) records\."):
        without_right.call("sale.order", "search", [])


def test_external_ids_are_not_open_to_a_salesperson(salesperson: Session) -> None:
    with fault(4, r"^You are not allowed to access 'Model Data' \(ir\.model\.data\) records\."):
        salesperson.call("ir.model.data", "search_read", [], ["name"])


def test_an_unknown_external_id(salesperson: Session) -> None:
    with fault(1, r"^ValueError: External ID not found in the system: tests\.none$"):
        salesperson.call("ir.model.data", "check_object_reference", "tests", "none")


def test_a_colleagues_record(salesperson: Session, colleague: Session) -> None:
    lead = colleague.create("crm.lead", name="x")
    with fault(4, r"doesn't have 'read' access to:\n- Lead \(crm\.lead\)\n"):
        salesperson.call("crm.lead", "read", [lead], ["name"])
    with fault(4, r"doesn't have 'read' access to:\n- Lead \(crm\.lead\)\n"):
        salesperson.call("crm.lead", "write", [lead], {"name": "y"})


def test_a_private_method(salesperson: Session) -> None:
    with fault(4, r"^Private methods \(such as 'res\.partner\._search'\) cannot be called remotely\.$"):
        salesperson.call("res.partner", "_search", [])


def test_an_unknown_method(salesperson: Session) -> None:
    with fault(1, r"^AttributeError: The method 'res\.partner\.nope' does not exist$"):
        salesperson.call("res.partner", "nope", [])


def test_an_unknown_model(salesperson: Session) -> None:
    with fault(2, r"^Object no\.model doesn't exist$"):
        salesperson.call("no.model", "search", [])


def test_an_unknown_field(salesperson: Session, partner: int) -> None:
    with fault(1, r"^ValueError: Invalid field 'nope' on 'res\.partner'$"):
        salesperson.call("res.partner", "read", [partner], ["nope"])
    with fault(1, r"^ValueError: Invalid field res\.partner\.nope in condition \('nope', '=', 1\)$"):
        salesperson.call("res.partner", "search", [["nope", "=", 1]])
    with fault(1, r"^ValueError: Invalid field 'nope' in 'crm\.lead'$"):
        salesperson.create("crm.lead", name="x", nope=1)


def test_wrong_arguments(salesperson: Session) -> None:
    with fault(1, r"^TypeError: .*search\(\) got an unexpected keyword argument 'nope'$"):
        salesperson.call("res.partner", "search", [], nope=1)
    with fault(1, r"^TypeError: .*search\(\) missing 1 required positional argument: 'domain'$"):
        salesperson.call("res.partner", "search")
    with fault(1, r"^NameError: Method not available nope$"):
        salesperson.object(
            salesperson.access.db, salesperson.uid, salesperson.password, "res.partner", "read", [], method="nope"
        )


def test_a_missing_record(salesperson: Session) -> None:
    missing = r"^Record does not exist or has been deleted\.\n\(Record: {}\(99999999,\), User: \d+\)$"
    assert salesperson.call("res.partner", "read", [99999999], ["name"]) == []
    with fault(2, missing.format(r"crm\.lead")):
        salesperson.call("crm.lead", "write", [99999999], {"name": "x"})
    with fault(2, missing.format(r"res\.partner")):
        salesperson.create("sale.order", partner_id=99999999)
    with fault(2, missing.format(r"crm\.lead2opportunity\.partner")):
        salesperson.call("crm.lead2opportunity.partner", "action_apply", [99999999])


def test_read_leaves_out_what_is_missing(salesperson: Session, partner: int) -> None:
    assert [row["id"] for row in salesperson.call("res.partner", "read", [partner, 99999999], ["name"])] == [
        partner
    ]


def test_a_missing_record_as_a_value_comes_with_a_misleading_sentence(salesperson: Session) -> None:
    expected = (
        r"^The operation cannot be completed: Another model is using the record you are trying to delete\.\n\n"
        r"The troublemaker is: 'Lead' \(crm\.lead\)\n"
    )
    with fault(2, expected + r"Thanks to the following constraint: 'Salesperson' \(user_id\)\n"):
        salesperson.create("crm.lead", name="x", user_id=99999999)
    with fault(2, expected + r"Thanks to the following constraint: 'Contact' \(partner_id\)\n"):
        salesperson.create("crm.lead", name="x", partner_id=99999999)


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        ("crm.lead", "Missing required value for the field 'Opportunity' (name)."),
        ("sale.order", "Missing required value for the field 'Customer' (partner_id)."),
        ("res.partner", "Contacts require a name"),
    ],
)
def test_a_required_value_missing(salesperson: Session, model: str, sentence: str) -> None:
    with fault(2, f"^The operation cannot be completed: {re.escape(sentence)}"):
        salesperson.create(model)


@pytest.mark.real_only
def test_a_user_error_is_its_sentence(salesperson: Session, administrator: Session, order: int) -> None:
    salesperson.call("sale.order", "write", [order], {"state": "sale"})
    with fault(2, r"^You can not delete a sent quotation or a confirmed sales order\."):
        administrator.call("sale.order", "unlink", [order])


def test_a_language_that_is_not_installed(salesperson: Session) -> None:
    with fault(2, r"^Invalid language code: fr_FR$"):
        salesperson.call("res.partner", "search_count", [], context={"lang": "fr_FR"})


@pytest.mark.real_only
def test_a_wrong_selection(salesperson: Session) -> None:
    with fault(1, r"^ValueError: Wrong value for crm\.lead\.type: 'nope'$"):
        salesperson.create("crm.lead", name="x", type="nope")


def test_an_unknown_method_of_the_common_service(salesperson: Session) -> None:
    with fault(1, r"Method not found: nope$"):
        salesperson.common("nope")
