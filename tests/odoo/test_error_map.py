"""The error of the product's client for each fault, from the stand-in and from a real Odoo.

`test_error_map_real.py` has the faults of a real Odoo only, `tests/unit/odoo_client` those that neither can show.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from odoo_client import Odoo, OdooBusyError, OdooRejectedError, create_once
from sandbox.real_odoo import OdooAccess, Protocol
from tests.odoo.client import Session
from tests.odoo.told import Client, clients, told

REJECTED, DENIED, UNEXPECTED = "odoo_rejected", "odoo_access_denied", "odoo_unexpected"


@pytest.fixture(params=Protocol)
def protocol(request: pytest.FixtureRequest) -> Protocol:
    """Each protocol in turn."""
    protocol: Protocol = request.param
    return protocol


@pytest_asyncio.fixture
async def client(odoo: OdooAccess, protocol: Protocol) -> AsyncIterator[Client]:
    async with clients(replace(odoo, protocol=protocol)) as new:
        yield new


@pytest.fixture
def ventas(client: Client) -> Odoo:
    """The product's client in the name of the product's usual user."""
    return client()


def line(word: str, **cells: str) -> dict[str, str]:
    return {"id": f"tests.s_{word}"} | {name.replace("__", "/."): cell for name, cell in cells.items()}


# who we are


@pytest.mark.parametrize("protocol", [Protocol.XMLRPC], indirect=True)
@pytest.mark.parametrize("wrong", [{"password": "wrong"}, {"username": "nobody"}])
async def test_a_wrong_login(client: Client, wrong: dict[str, str]) -> None:
    with told(
        "wrong login",
        "odoo_auth_failed",
        "Odoo refused the user name or the password. A user with two-factor authentication needs an API key.",
    ):
        await client(**wrong).call("res.partner", "search_count", [], returns=int)


@pytest.mark.parametrize("protocol", [Protocol.JSON2], indirect=True)
async def test_a_wrong_key(client: Client) -> None:
    with told("wrong key", "odoo_auth_failed", "Odoo refused the API key. It may have ended or been removed."):
        await client(password="0123456789abcdef").call("res.partner", "search_count", [], returns=int)


async def test_a_missing_database(client: Client) -> None:
    with told("no database", "odoo_auth_failed", "Odoo has no database with the configured name."):
        await client(db="nowhere").login()


async def test_an_address_that_has_no_odoo(client: Client, protocol: Protocol) -> None:
    name = {Protocol.XMLRPC: "XML-RPC", Protocol.JSON2: "JSON-2 (Odoo 19 or newer)"}[protocol]
    sentence = f"No Odoo with {name} was found at the configured address (HTTP status 404)."
    with told("not found", "odoo_unavailable", sentence):
        await client(path="/nowhere").login()


# what we may


@pytest.mark.parametrize(("method", "arguments"), [("create", [{"name": "x"}]), ("search", [[]]), ("_search", [])])
async def test_a_missing_right(client: Client, without_right: Session, method: str, arguments: list[Any]) -> None:
    with told("no right", DENIED, f"Odoo's service user is not allowed to run crm.lead.{method}."):
        await client(without_right).call("crm.lead", method, *arguments, returns=object)


async def test_a_missing_right_in_load(client: Client, without_right: Session, word: str) -> None:
    with told("no right in load", DENIED, "Odoo's service user is not allowed to create crm.lead."):
        await create_once(client(without_right), "crm.lead", [{"id": f"tests.l_{word}", "name": word}])


@pytest.mark.parametrize("model", ["crm.lead", "sale.order"])
async def test_a_colleagues_record_in_load(
    ventas: Odoo, colleague: Session, partner: int, word: str, model: str
) -> None:
    row = {"id": f"tests.r_{word}", "partner_id/.id": str(partner), "user_id/.id": str(colleague.uid)}
    if model == "crm.lead":
        row["name"] = word
    with told("no right in load", DENIED, f"Odoo's service user is not allowed to create {model}."):
        await create_once(ventas, model, [row])


async def test_a_colleagues_record(ventas: Odoo, colleague: Session, word: str) -> None:
    lead = colleague.create("crm.lead", name=word)
    with told("no right", DENIED, "Odoo's service user is not allowed to run crm.lead.write."):
        await ventas.call("crm.lead", "write", [lead], {"name": "x"}, returns=bool)


# what others do at the same time


@pytest.mark.usefixtures("overlapping")
async def test_twenty_at_once_make_one_record_and_those_in_the_way_are_told_to_try_again(
    client: Client, salesperson: Session, word: str
) -> None:
    odoo, busy, number = client(), 0, 0
    # the two workers of a real Odoo do not meet in every round
    while not busy:
        number += 1
        row = {"id": f"tests.p{number}_{word}", "name": word}
        calls = [create_once(odoo, "res.partner", [row]) for _ in range(20)]
        outcomes = await asyncio.gather(*calls, return_exceptions=True)
        (record,) = salesperson.call("res.partner", "search", [["name", "=", word]])
        errors = [outcome for outcome in outcomes if outcome != [record]]
        assert {type(error) for error in errors} <= {OdooBusyError}
        assert {str(error) for error in errors} <= {"Odoo was busy with another change to the same record."}
        assert await create_once(odoo, "res.partner", [row]) == [record]
        salesperson.call("res.partner", "write", [record], {"name": "x"})
        busy += len(errors)


# what we asked for


async def test_an_unknown_product_in_load(ventas: Odoo, order: int, word: str) -> None:
    sentence = (
        "Odoo refused to create sale.order.line: "
        "No matching record found for database id '999999' in field 'Product'"
    )
    with told("refused", REJECTED, sentence):
        row = line(word, order_id__id=str(order), product_id__id="999999")
        await create_once(ventas, "sale.order.line", [row])


async def test_an_unknown_order_and_product_in_load(ventas: Odoo, word: str) -> None:
    sentence = (
        "Odoo refused to create sale.order.line: "
        "No matching record found for database id '99999999' in field 'Order Reference'"
    )
    with told("refused", REJECTED, sentence):
        row = line(word, order_id__id="99999999", product_id__id="999999")
        await create_once(ventas, "sale.order.line", [row])


async def test_a_line_without_order_in_load(ventas: Odoo, word: str) -> None:
    with told(
        "unknown exception in load",
        UNEXPECTED,
        "Odoo failed with ValueError while trying to create sale.order.line.",
    ):
        await create_once(ventas, "sale.order.line", [line(word, product_id__id="26174")])


async def test_a_missing_record(ventas: Odoo) -> None:
    uid = await ventas.login()
    sentence = (
        "Odoo refused to run crm.lead.write: Record does not exist or has been deleted. "
        f"(Record: crm.lead(99999999,), User: {uid})"
    )
    with told("refused", REJECTED, sentence):
        await ventas.call("crm.lead", "write", [99999999], {"name": "Acme"}, returns=bool)


async def test_a_missing_record_on_read_is_no_error(ventas: Odoo) -> None:
    assert await ventas.call("crm.lead", "read", [99999999], ["name"], returns=list) == []


@pytest.mark.parametrize(
    ("field", "label"), [("user_id", "'Salesperson' (user_id)"), ("partner_id", "'Contact' (partner_id)")]
)
async def test_a_value_that_names_a_missing_record(ventas: Odoo, word: str, field: str, label: str) -> None:
    sentence = f"Odoo refused to run crm.lead.create: the record that {label} names does not exist."
    with told("reference to nothing", REJECTED, sentence):
        await ventas.call("crm.lead", "create", {"name": word, field: 99999999}, returns=int)


async def test_a_language_that_is_not_installed(ventas: Odoo, word: str) -> None:
    sentence = "Odoo refused to run res.partner.search_count: Invalid language code: …"
    with told("refused", REJECTED, sentence):
        await ventas.call("res.partner", "search_count", [], context={"lang": "fr_FR"}, returns=int)
    sentence = "Odoo refused to create res.partner: Value '…' not found in selection field 'Language'"
    with told("refused", REJECTED, sentence):
        await create_once(ventas, "res.partner", [{"id": f"tests.p_{word}", "name": word, "lang": "fr_FR"}])


async def test_an_unknown_external_id(ventas: Odoo) -> None:
    with told("unknown external id", REJECTED, "Odoo has no record with this external id."):
        await ventas.call("ir.model.data", "check_object_reference", "tests", "none", returns=list)


@pytest.mark.parametrize(
    ("row", "method", "arguments", "exceptions"),
    [
        ("unknown method", "nope", [], ("AttributeError", "NotFound")),
        ("unknown exception", "read", [[1], ["nope"]], ("ValueError", "ValueError")),
        ("unknown exception", "search", [[["nope", "=", "Acme"]]], ("ValueError", "ValueError")),
        ("unknown method", "search", [], ("TypeError", "UnprocessableEntity")),
    ],
)
async def test_an_unknown_method_field_or_argument(
    ventas: Odoo, protocol: Protocol, row: str, method: str, arguments: list[Any], exceptions: tuple[str, str]
) -> None:
    exception = dict(zip(Protocol, exceptions, strict=True))[protocol]
    sentence = f"Odoo failed with {exception} while trying to run res.partner.{method}."
    with told(row, UNEXPECTED, sentence):
        await ventas.call("res.partner", method, *arguments, returns=object)


async def test_an_unknown_column_in_load(ventas: Odoo, word: str) -> None:
    with told("unknown exception", UNEXPECTED, "Odoo failed with ValueError while trying to run crm.lead.load."):
        await create_once(ventas, "crm.lead", [{"id": f"tests.l_{word}", "nope": "Acme"}])


async def test_an_unknown_model(ventas: Odoo) -> None:
    with told("no model", "odoo_unavailable", "Odoo has no no.model: a module is not installed."):
        await ventas.call("no.model", "search", [], returns=list)


async def test_a_required_value_missing(ventas: Odoo, word: str) -> None:
    reason = "Missing required value for the field 'Opportunity' (name). Model: 'Lead' (crm.lead)"
    with told("refused", REJECTED, f"Odoo refused to run crm.lead.create: {reason}"):
        await ventas.call("crm.lead", "create", {}, returns=int)
    with told("refused", REJECTED, f"Odoo refused to create crm.lead: {reason}"):
        await create_once(ventas, "crm.lead", [{"id": f"tests.l_{word}", "name": ""}])


async def test_a_partner_without_name(ventas: Odoo, word: str) -> None:
    with told("refused", REJECTED, "Odoo refused to create res.partner: Contacts require a name"):
        await create_once(ventas, "res.partner", [{"id": f"tests.p_{word}", "email": f"{word}@example.com"}])


@pytest.mark.real_only
@pytest.mark.parametrize("protocol", [Protocol.XMLRPC], indirect=True)
async def test_a_user_error(client: Client, administrator: Session, order: int) -> None:
    administrator.call("sale.order", "write", [order], {"state": "sale"})
    sentence = (
        "Odoo refused to run sale.order.unlink: You can not delete a sent quotation or a confirmed sales order. "
        "You must first cancel it."
    )
    with told("refused", REJECTED, sentence):
        await client(administrator).call("sale.order", "unlink", [order], returns=bool)


async def test_a_row_that_the_database_refuses_is_not_shown(ventas: Odoo, word: str) -> None:
    sentence = 'Odoo refused to create res.partner: new row for relation "…" violates check constraint "…"'
    with told("refused", REJECTED, sentence):
        await create_once(ventas, "res.partner", [{"id": f"tests.a b {word}", "name": "Acme Corp"}])


async def test_an_external_id_of_another_models_record(ventas: Odoo, word: str) -> None:
    await create_once(ventas, "res.partner", [{"id": f"tests.x_{word}", "name": word}])
    sentence = (
        r"^Odoo refused to create crm\.lead: For external id … when trying to create/update a record of model "
        r"crm\.lead found record of different model res\.partner"
    )
    with pytest.raises(OdooRejectedError, match=sentence):
        await create_once(ventas, "crm.lead", [{"id": f"tests.x_{word}", "name": "Acme"}])


async def test_an_answer_of_another_type(ventas: Odoo) -> None:
    with told(
        "strange answer",
        UNEXPECTED,
        "Odoo gave an unexpected answer when asked to run res.partner.search_count.",
    ):
        await ventas.call("res.partner", "search_count", [], returns=list)
