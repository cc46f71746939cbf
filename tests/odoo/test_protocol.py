"""XML-RPC's values and characters, and Odoo's addresses."""

import xmlrpc.client
from typing import Any

import httpx2
import pytest

from sandbox.real_odoo import OdooAccess
from tests.odoo.client import Session, fault


def test_version(salesperson: Session) -> None:
    assert salesperson.common("version") == {
        "server_version": "19.0",
        "server_version_info": [19, 0, 0, "final", 0, ""],
        "server_serie": "19.0",
        "protocol_version": 1,
    }


def test_health(odoo: OdooAccess) -> None:
    answer = httpx2.get(f"{odoo.url}/web/version")
    assert answer.status_code == 200
    assert answer.json()["version"] == "19.0"


@pytest.mark.parametrize("character", ["\ufffe", "\uffff", "\x0b", "\x1f"])
def test_characters_that_xml_cannot_carry(salesperson: Session, character: str) -> None:
    with fault(1, r"^xml\.parsers\.expat\.ExpatError: not well-formed"):
        salesperson.create("res.partner", name=f"a{character}b")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("\r", "\n"), ("\r\n", "\n"), ("\n", "\n"), *((one, one) for one in "\t\x7f\x85\u200b\u2028ñ😀&<>")],
)
def test_characters_that_arrive(salesperson: Session, sent: str, kept: str) -> None:
    partner = salesperson.create("res.partner", name=f"a{sent}b")
    assert salesperson.value("res.partner", partner, "name") == f"a{kept}b"


def test_values_keep_their_types(salesperson: Session, partner: int, order: int) -> None:
    row = salesperson.read("sale.order", order, "id", "name", "amount_total", "origin", "partner_id", "order_line")
    assert row["id"] == order
    assert isinstance(row["name"], str)
    assert isinstance(row["amount_total"], float)
    assert row["origin"] is False
    assert row["partner_id"][0] == partner
    assert row["order_line"] == []
    date = salesperson.value("sale.order", order, "date_order")
    assert len(date) == len("2026-11-23 23:59:59")


def test_none_may_be_sent(salesperson: Session, word: str) -> None:
    partner = salesperson.create("res.partner", name=word, phone=None)
    assert salesperson.value("res.partner", partner, "phone") is False


@pytest.mark.real_only
def test_execute_takes_its_arguments_one_by_one(salesperson: Session, partner: int) -> None:
    access = salesperson.access
    rows = salesperson.object(
        access.db,
        salesperson.uid,
        salesperson.password,
        "res.partner",
        "read",
        [partner],
        ["active"],
        method="execute",
    )
    assert rows == [{"id": partner, "active": True}]


def test_one_id_may_stand_for_a_list(salesperson: Session, partner: int) -> None:
    assert salesperson.call("res.partner", "read", partner, ["active"]) == [{"id": partner, "active": True}]


def post(odoo: OdooAccess, body: bytes) -> Any:
    answer = httpx2.post(f"{odoo.url}/xmlrpc/2/object", content=body, headers={"Content-Type": "text/xml"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/xml")
    return xmlrpc.client.loads(answer.content)


def test_what_is_no_xml_is_a_fault(odoo: OdooAccess) -> None:
    with fault(1, r"^xml\.parsers\.expat\.ExpatError: "):
        post(odoo, b"nonsense")


def test_too_few_parameters_are_a_fault(odoo: OdooAccess) -> None:
    with fault(1, r"^ValueError: not enough values to unpack"):
        post(odoo, xmlrpc.client.dumps((odoo.db,), "execute_kw").encode())


def test_other_addresses_are_not_there(odoo: OdooAccess) -> None:
    assert httpx2.get(f"{odoo.url}/nowhere").status_code == 404
    assert httpx2.get(f"{odoo.url}/xmlrpc/2/object").status_code == 405
