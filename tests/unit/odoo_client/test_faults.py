import re
from dataclasses import dataclass, field
from typing import Any

import pytest

from odoo_client import (
    OdooAccessDeniedError,
    OdooAuthError,
    OdooBusyError,
    OdooError,
    OdooRejectedError,
    OdooUnavailableError,
    OdooUnexpectedError,
    OdooUnknownReferenceError,
    XmlRpcOdoo,
)
from tests.unit.odoo_client.conftest import NewClient
from tests.unit.odoo_client.server import ScriptedOdoo, answer, fault

PASSWORD = "hunter2-the-password"
NAME = "Compañía Secreta S.A."
EMAIL = "Compras.Secretas@acme.mx"
PHONE = "+52 55 8765 4321"
SENT = {"name": NAME, "email": EMAIL, "child_ids": [[0, 0, {"phone": PHONE}]]}


def traceback(*last_lines: str) -> str:
    """What Odoo sends for an application error: a traceback whose lines may show anything."""
    return "\n".join(
        [
            "Traceback (most recent call last):",
            '  File "/usr/lib/python3/dist-packages/odoo/addons/rpc/controllers/xmlrpc.py", line 137, in xmlrpc_2',
            "    response = self._xmlrpc(service)",
            f"    ^^^^^^^^ # {PASSWORD} {NAME} {EMAIL}",
            '  File "/usr/lib/python3/dist-packages/odoo/service/model.py", line 80, in dispatch',
            "    security.check(db, uid, passwd)",
            *last_lines,
            "",
        ]
    )


@dataclass
class Case:
    """A fault, what it means, and words that its sentence must have."""

    name: str
    code: int
    text: str
    kind: type[OdooError]
    words: list[str] = field(default_factory=list)


DEADLOCK = (
    "psycopg2.errors.DeadlockDetected: deadlock detected",
    "DETAIL:  Process 4242 waits for ShareLock on transaction 771; blocked by process 4243.",
    "Process 4243 waits for ShareLock on transaction 770; blocked by process 4242.",
    "HINT:  See server log for query details.",
    'CONTEXT:  while updating tuple (0,12) in relation "res_partner"',
)
FOREIGN_KEY = (
    "psycopg2.errors.SerializationFailure: could not serialize access due to concurrent update",
    'CONTEXT:  SQL statement "SELECT 1 FROM ONLY "public"."res_partner" x WHERE "id" = $1 FOR KEY SHARE OF x"',
)

# the rows of shared/facts/odoo.md, with the faults of PostgreSQL that contract and Odoo's own retries name
# ruff: noqa: E501  # one case a line
CASES = [
    Case("wrong password", 3, "Access Denied", OdooAuthError),
    Case("no right", 4, f"You are not allowed to create 'Lead' (crm.lead) records.\n\n{NAME}", OdooAccessDeniedError),
    Case("private method", 4, "Private methods (such as 'res.partner._x') cannot be called remotely.", OdooAccessDeniedError),
    Case("no database", 1, traceback('psycopg2.OperationalError: connection to server at "127.0.0.1", port 5432 failed: FATAL:  database "acme" does not exist'), OdooAuthError, ["database"]),
    Case("no model", 2, "Object res.partner doesn't exist", OdooRejectedError, ["Object res.partner doesn't exist"]),
    Case("no field", 1, traceback(f"ValueError: Invalid field '{NAME}' in 'res.partner'"), OdooUnexpectedError, ["ValueError"]),
    Case("no method", 1, traceback("AttributeError: The method 'res.partner.x' does not exist"), OdooUnexpectedError, ["AttributeError"]),
    Case("missing record", 2, "Record does not exist or has been deleted.\n(Record: crm.lead(9,), User: 7)", OdooRejectedError, ["crm.lead(9,)"]),
    Case("missing field", 2, "Missing required value for the field 'Name' (name).\nModel: 'Lead' (crm.lead)", OdooRejectedError, ["Missing required value"]),
    Case("validation", 2, f"The e-mail {EMAIL} of <b>{NAME}</b> is wrong", OdooRejectedError, ["The e-mail", "is wrong"]),
    Case("validation in other letters", 2, f"The e-mail {EMAIL.lower()} is wrong", OdooRejectedError, ["is wrong"]),
    Case("validation of a nested value", 2, f"The number {PHONE} is wrong", OdooRejectedError, ["The number"]),
    Case("a password in a warning", 2, f"Something about {PASSWORD}", OdooRejectedError, ["Something about"]),
    Case("language", 2, "Invalid language code: es_MX", OdooRejectedError, ["Invalid language code: es_MX"]),
    Case("conflict", 1, traceback("psycopg2.errors.SerializationFailure: could not serialize access due to concurrent update"), OdooBusyError),
    Case("conflict with a foreign key", 1, traceback(*FOREIGN_KEY), OdooBusyError),
    Case("deadlock", 1, traceback(*DEADLOCK), OdooBusyError),
    Case("lock", 1, traceback('psycopg2.errors.LockNotAvailable: could not obtain lock on row in relation "res_partner"'), OdooBusyError),
    Case("database away", 1, traceback("psycopg2.OperationalError: server closed the connection unexpectedly", "\tThis probably means the server terminated abnormally", "\tbefore or while processing the request."), OdooUnavailableError),
    Case("database restarts", 1, traceback('psycopg2.OperationalError: connection to server at "10.0.0.5", port 5432 failed: FATAL:  the database system is starting up'), OdooUnavailableError),
    Case("connection is gone", 1, traceback("psycopg2.InterfaceError: connection already closed"), OdooUnavailableError),
    Case("pool is full", 1, traceback("psycopg2.pool.PoolError: The Connection Pool Is Full"), OdooUnavailableError),
    Case("no external id", 1, traceback(f"ValueError: External ID not found in the system: durable_quotations.{NAME}"), OdooUnknownReferenceError),
    Case("data on the last line", 1, traceback("odoo.exceptions.CustomError: no place for", f"{NAME.split(maxsplit=1)[0]}"), OdooUnexpectedError, ["CustomError"]),
    Case("no traceback", 1, "", OdooUnexpectedError),
    Case("no exception", 1, f"«{NAME}»", OdooUnexpectedError),
    Case("a new code", 99, traceback(f"KeyError: {NAME}"), OdooUnexpectedError, ["KeyError"]),
    Case("a long reason", 2, "very wrong " * 1000, OdooRejectedError, ["very wrong"]),
]  # fmt: skip  # one case a line


def assert_is_clean(error: OdooError) -> None:
    """An error is one short sentence without traceback, secret, or what was sent."""
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


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_a_fault_becomes_an_error_with_a_clean_sentence(
    new_client: NewClient, server: ScriptedOdoo, case: Case
) -> None:
    server.always("execute_kw", fault(case.code, case.text))
    with pytest.raises(OdooError) as raised:
        await new_client(password=PASSWORD).call("res.partner", "create", SENT, returns=int)
    assert type(raised.value) is case.kind
    assert_is_clean(raised.value)
    assert all(word in str(raised.value) for word in case.words)


async def test_a_record_that_is_missing_on_read_is_no_fault(odoo: XmlRpcOdoo, server: ScriptedOdoo) -> None:
    server.always("execute_kw", answer([]))
    assert await odoo.call("crm.lead", "read", [9], ["name"], returns=list) == []


def test_a_busy_odoo_is_an_unavailable_one() -> None:
    # whoever knows only the one treats the other right
    assert issubclass(OdooBusyError, OdooUnavailableError)
    assert issubclass(OdooUnknownReferenceError, OdooRejectedError)


@pytest.mark.parametrize(
    "sent",
    [("positional", NAME), ("listed", [[NAME]]), ("named", {"values": {"name": NAME}})],
    ids=lambda one: one[0],
)
async def test_no_way_to_send_a_value_lets_it_into_the_sentence(
    odoo: XmlRpcOdoo, server: ScriptedOdoo, sent: tuple[str, Any]
) -> None:
    server.always("execute_kw", fault(2, f"{NAME} is taken, so is {NAME}"))
    arguments, named = ((), sent[1]) if sent[0] == "named" else ((sent[1],), {})
    with pytest.raises(OdooRejectedError) as raised:
        await odoo.call("res.partner", "create", *arguments, returns=int, **named)
    assert NAME not in str(raised.value)
    assert "is taken, so is" in str(raised.value)


async def test_of_two_values_the_longer_is_taken_out_first(odoo: XmlRpcOdoo, server: ScriptedOdoo) -> None:
    server.always("execute_kw", fault(2, "Acme Corporation Mexicana is taken"))
    values = {"a": "Acme", "b": "Acme Corporation Mexicana"}
    with pytest.raises(OdooRejectedError) as raised:
        await odoo.call("res.partner", "create", values, returns=int)
    assert "Corporation" not in str(raised.value)
