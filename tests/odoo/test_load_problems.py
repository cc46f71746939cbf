"""`load` does not raise for wrong data: it returns no ids, and messages that say what is wrong."""

import pytest

from tests.odoo.client import Session, fault


def line(word: str, order: int, product: str) -> dict[str, str]:
    return {"id": f"tests.s_{word}", "order_id/.id": str(order), "product_id/.id": product}


def test_unknown_product(salesperson: Session, order: int, word: str) -> None:
    (message, *_) = salesperson.load("sale.order.line", line(word, order, "999999"))["messages"]
    assert message["type"] == "error"
    assert message["message"] == "No matching record found for database id '999999' in field 'Product'"
    assert message["field"] == "product_id"
    assert message["field_name"] == "Product"
    assert message["record"] == 0
    assert message["rows"] == {"from": 0, "to": 0}


def test_unknown_product_in_a_sub_record(salesperson: Session, partner: int, word: str) -> None:
    row = {"id": f"tests.o_{word}", "partner_id/.id": str(partner), "order_line/product_id/.id": "999999"}
    (problem,) = salesperson.problems("sale.order", row)
    assert problem == "No matching record found for database id '999999' in field 'Order Lines/Product'"


def test_unknown_order(salesperson: Session, word: str) -> None:
    problems = salesperson.problems("sale.order.line", line(word, 99999999, "26174"))
    assert problems[0] == "No matching record found for database id '99999999' in field 'Order Reference'"


@pytest.mark.real_only
def test_unknown_external_id(salesperson: Session, word: str) -> None:
    row = {"id": f"tests.l_{word}", "name": word, "partner_id/id": "no.such"}
    (problem,) = salesperson.problems("crm.lead", row)
    assert problem == "No matching record found for external id 'no.such' in field 'Contact'"


def test_unknown_salesperson(salesperson: Session, word: str) -> None:
    row = {"id": f"tests.l_{word}", "name": word, "user_id/.id": "99999999"}
    (problem,) = salesperson.problems("crm.lead", row)
    assert problem == "No matching record found for database id '99999999' in field 'Salesperson'"


def test_a_database_id_that_is_no_number(salesperson: Session, word: str) -> None:
    row = {"id": f"tests.l_{word}", "name": word, "user_id/.id": "x"}
    assert salesperson.problems("crm.lead", row) == ["Invalid database id 'x' for the field 'Salesperson'"]


def test_a_language_that_is_not_installed(salesperson: Session, word: str) -> None:
    row = {"id": f"tests.p_{word}", "name": word, "lang": "fr_FR"}
    assert salesperson.problems("res.partner", row) == ["Value 'fr_FR' not found in selection field 'Language'"]


def test_a_number_that_is_none(salesperson: Session, order: int, word: str) -> None:
    row = line(word, order, "26174") | {"product_uom_qty": "dos"}
    assert salesperson.problems("sale.order.line", row) == [
        "'dos' does not seem to be a number for field 'Quantity'"
    ]


def test_a_boolean_that_is_none(salesperson: Session, word: str) -> None:
    row = {"id": f"tests.p_{word}", "name": word, "is_company": "quizás"}
    assert salesperson.problems("res.partner", row) == ["Unknown value 'quizás' for boolean field 'Is a Company'"]


def test_a_required_value_missing(salesperson: Session, word: str) -> None:
    (message,) = salesperson.load("crm.lead", {"id": f"tests.l_{word}", "name": ""})["messages"]
    assert message["message"].startswith("Missing required value for the field 'Opportunity' (name).\n")
    assert message["field"] == "name"


def test_a_partner_without_name(salesperson: Session, word: str) -> None:
    row = {"id": f"tests.p_{word}", "email": f"{word}@example.com"}
    assert salesperson.problems("res.partner", row) == ["Contacts require a name"]


def test_a_space_in_an_external_id(salesperson: Session, word: str) -> None:
    (problem,) = salesperson.problems("res.partner", {"id": f"tests.a b {word}", "name": word})
    assert 'violates check constraint "ir_model_data_name_nospaces"' in problem
    assert salesperson.call("res.partner", "search_count", [["name", "=", word]]) == 0


def test_an_external_id_of_another_models_record(salesperson: Session, word: str) -> None:
    salesperson.load_id("res.partner", id_=f"tests.x_{word}", name=word)
    (problem,) = salesperson.problems("crm.lead", {"id": f"tests.x_{word}", "name": word})
    expected = f"For external id tests.x_{word} when trying to create/update a record of model crm.lead "
    assert problem.startswith(expected + "found record of different model res.partner")


def test_no_external_id(salesperson: Session, word: str) -> None:
    sentence = "Cannot update a record without specifying its id or xml_id"
    assert salesperson.problems("res.partner", {"id": "", "name": word}) == [sentence]


@pytest.mark.real_only
def test_an_unknown_database_id(salesperson: Session, word: str) -> None:
    sentence = "Cannot update a record without specifying its id or xml_id"
    unknown = salesperson.problems("res.partner", {".id": "99999999", "name": word})
    assert unknown == ["Unknown database identifier '99999999'", sentence]


def test_no_right_on_the_model(without_right: Session, word: str) -> None:
    (problem,) = without_right.problems("crm.lead", {"id": f"tests.l_{word}", "name": word})
    assert problem.startswith("You are not allowed to create 'Lead' (crm.lead) records.\n")


def test_a_failed_load_leaves_no_record_and_no_external_id(salesperson: Session, order: int, word: str) -> None:
    salesperson.problems("sale.order.line", line(word, order, "999999"))
    assert salesperson.value("sale.order", order, "order_line") == []
    (made,) = salesperson.load_ids("sale.order.line", line(word, order, "26174"))
    assert salesperson.value("sale.order", order, "order_line") == [made]


@pytest.mark.parametrize(
    ("model", "column"), [("res.partner", "nope"), ("crm.lead", "nope"), ("sale.order", "order_line/nope")]
)
def test_an_unknown_column_is_a_fault(salesperson: Session, word: str, model: str, column: str) -> None:
    with fault(1, r"^ValueError: Invalid field name 'nope'$"):
        salesperson.load(model, {"id": f"tests.x_{word}", column: "1"})


@pytest.mark.real_only
def test_a_boolean_instead_of_text_is_a_fault(salesperson: Session, word: str) -> None:
    with fault(1, r"^AttributeError: 'bool' object has no attribute 'lower'$"):
        salesperson.load("res.partner", {"id": f"tests.x_{word}", "name": word, "is_company": True})
