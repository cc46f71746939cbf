"""Test each row of `odoo_client/faults.py` with a server that speaks the protocol."""

import re
from typing import Any

import pytest

from odoo_client import (
    Odoo,
    OdooBusyError,
    OdooError,
    OdooRejectedError,
    OdooUnavailableError,
    OdooUnexpectedError,
    OdooUnknownReferenceError,
    create_once,
)
from odoo_client.faults import TABLE, Said
from tests.support.scripted_odoo import ScriptedOdoo, answer, fault
from tests.unit.conftest import NewClient
from tests.unit.odoo_client.cases import EMAIL, FAULTS, LOADS, NAME, PASSWORD, PHONE, SENT, Case, kind_of
from tests.unit.odoo_client.test_connections import CONNECTIONS, STATUSES

ELSEWHERE = {"refused by the proxy", "no slot", "wrong login", "strange answer", "unreadable reply"}
ELSEWHERE |= {"no key", "wrong key", "no database over JSON-2", "database away over JSON-2"}
"""Rows that other tests of this folder cover."""


def assert_is_clean(error: OdooError) -> None:
    """Check that an error is one short sentence without traceback, secret or sent value."""
    text = str(error)
    assert "\n" not in text
    assert not re.search(
        r"Traceback|File \"|line \d+|dist-packages|<b>|127\.0\.0\.1|10\.0\.0\.5|\bwaits for\b", text
    )
    assert PASSWORD not in text
    for secret in (NAME, EMAIL, PHONE, *NAME.split()[:2]):
        assert secret.lower() not in text.lower()
    assert len(text) < 400
    assert error.__cause__ is None
    assert error.__context__ is None or error.__suppress_context__


@pytest.mark.parametrize("case", FAULTS, ids=lambda case: case.id)
async def test_a_fault_becomes_an_error_with_a_clean_sentence(
    new_client: NewClient, server: ScriptedOdoo, case: Case
) -> None:
    server.always("execute_kw", fault(case.code, case.said))
    with pytest.raises(OdooError) as raised:
        await new_client(password=PASSWORD).call("res.partner", "create", SENT, returns=int)
    assert type(raised.value) is kind_of(case.row)
    assert str(raised.value) == case.sentence
    assert_is_clean(raised.value)


@pytest.mark.parametrize("case", LOADS, ids=lambda case: case.id)
async def test_a_refused_load_becomes_an_error_with_a_clean_sentence(
    new_client: NewClient, server: ScriptedOdoo, case: Case
) -> None:
    messages = [{"type": "error", "message": case.said, "record": 0}] if case.said else []
    server.always("execute_kw", answer({"ids": False, "messages": messages, "nextrow": 0}))
    row = {"id": "durable_quotations.x.lead", "name": NAME, "email_from": EMAIL, "partner_id/.id": "999999"}
    with pytest.raises(OdooError) as raised:
        await create_once(new_client(password=PASSWORD), "crm.lead", [row])
    assert type(raised.value) is kind_of(case.row)
    assert str(raised.value) == case.sentence
    assert_is_clean(raised.value)


def test_every_row_has_a_test() -> None:
    shown = {case.row for case in FAULTS + LOADS} | set(STATUSES.values()) | set(CONNECTIONS) | ELSEWHERE
    assert shown == {row.name for row in TABLE}


def test_every_row_has_a_name_of_its_own() -> None:
    names = [row.name for row in TABLE]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("said", list(Said))
def test_whatever_is_said_has_a_row(said: Said) -> None:
    assert any(row.match(said, "nobody has ever said this") for row in TABLE)


def test_a_busy_odoo_is_an_unavailable_one() -> None:
    # a caller that knows only the base class handles both
    assert issubclass(OdooBusyError, OdooUnavailableError)
    assert issubclass(OdooUnknownReferenceError, OdooRejectedError)


@pytest.mark.parametrize("message", ["could not serialize access", "deadlock detected", "duplicate key"])
async def test_what_a_customer_wrote_is_no_sign(odoo: Odoo, server: ScriptedOdoo, message: str) -> None:
    said = f"Value '{message}' not found in selection field 'Language'"
    server.always("execute_kw", answer({"ids": False, "messages": [{"type": "error", "message": said}]}))
    with pytest.raises(OdooRejectedError):
        await create_once(odoo, "crm.lead", [{"id": "m.x", "name": message}])


async def test_a_consequence_is_not_the_reason(odoo: Odoo, server: ScriptedOdoo) -> None:
    said = [
        "No matching record found for database id '999999' in field 'Product'",
        "Unknown error during import: <class 'OverflowError'>: cannot convert float infinity to integer",
    ]
    messages = [{"type": "error", "message": one} for one in said]
    server.always("execute_kw", answer({"ids": False, "messages": messages}))
    with pytest.raises(OdooRejectedError, match=r"in field 'Product'$"):
        await create_once(odoo, "sale.order.line", [{"id": "m.x", "product_id/.id": "999999"}])


async def test_a_record_that_is_missing_on_read_is_no_fault(odoo: Odoo, server: ScriptedOdoo) -> None:
    server.always("execute_kw", answer([]))
    assert await odoo.call("crm.lead", "read", [9], ["name"], returns=list) == []


@pytest.mark.parametrize(
    "sent",
    [("positional", NAME), ("listed", [[NAME]]), ("named", {"values": {"name": NAME}})],
    ids=lambda one: one[0],
)
async def test_no_way_to_send_a_value_lets_it_into_the_sentence(
    odoo: Odoo, server: ScriptedOdoo, sent: tuple[str, Any]
) -> None:
    server.always("execute_kw", fault(2, f"{NAME.lower()} is taken, so is {NAME}"))
    arguments, named = ((), sent[1]) if sent[0] == "named" else ((sent[1],), {})
    with pytest.raises(OdooRejectedError) as raised:
        await odoo.call("res.partner", "create", *arguments, returns=int, **named)
    assert str(raised.value).endswith(": … is taken, so is …")


async def test_of_two_values_the_longer_is_taken_out_first(odoo: Odoo, server: ScriptedOdoo) -> None:
    server.always("execute_kw", fault(2, "acme corporation mexicana is taken"))
    values = {"a": "Acme", "b": "Acme Corporation Mexicana"}
    with pytest.raises(OdooRejectedError) as raised:
        await odoo.call("res.partner", "create", values, returns=int)
    assert "corporation" not in str(raised.value)


async def test_an_unknown_exception_is_unexpected(odoo: Odoo, server: ScriptedOdoo) -> None:
    server.always("execute_kw", fault(1, "Traceback (most recent call last):\nValueError: Invalid field"))
    with pytest.raises(
        OdooUnexpectedError, match=r"^Odoo failed with ValueError while trying to run crm\.lead\.load\.$"
    ):
        await create_once(odoo, "crm.lead", [{"id": "m.x", "nope": "1"}])


@pytest.mark.parametrize("piece", ["x", "<", "“", "\n", 'database "', "\n- (a.b", "a."])
@pytest.mark.parametrize("code", [1, 2])
async def test_a_fault_of_millions_of_characters_becomes_an_error(
    odoo: Odoo, server: ScriptedOdoo, piece: str, code: int
) -> None:
    server.always("execute_kw", fault(code, "psycopg2.OperationalError: " + piece * 1_000_000))
    with pytest.raises(OdooError):
        await odoo.call("res.partner", "create", SENT, returns=int)


async def test_a_sign_is_looked_for_in_the_beginning_of_a_text(odoo: Odoo, server: ScriptedOdoo) -> None:
    server.always("execute_kw", fault(2, "x" * 4000 + '"ir_model_data_module_name_uniq'))
    with pytest.raises(OdooRejectedError):
        await odoo.call("res.partner", "create", SENT, returns=int)
