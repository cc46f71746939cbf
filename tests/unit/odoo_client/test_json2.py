"""JSON-2: the same errors as over XML-RPC, and what it has of its own."""

import asyncio
import dataclasses
import re
from typing import Any

import pytest

from odoo_client import (
    Json2Odoo,
    OdooAuthError,
    OdooError,
    OdooLoginRefusedError,
    OdooMissingError,
    OdooRejectedError,
    OdooUnavailableError,
    OdooUnexpectedError,
    create_once,
)
from odoo_client.protocols.arguments import NAMES, named
from tests.support.scripted_odoo import (
    UID,
    Reply,
    ScriptedOdoo,
    json_answer,
    json_error,
    late,
    page,
)
from tests.unit.conftest import NewClient
from tests.unit.house import MODULES
from tests.unit.odoo_client.cases import EMAIL, FAULTS, NAME, PASSWORD, SENT, Case, kind_of, row_named, traceback
from tests.unit.odoo_client.test_connections import STATUSES
from tests.unit.odoo_client.test_faults import assert_is_clean
from tests.unit.odoo_client.test_login import Clock

OF_XMLRPC_ONLY = {"no exception", "unknown fault", "words", "a new code"}
"""Faults without the name of an exception, or with a number that XML-RPC does not have."""

NO_DATABASE = b"<h1>Not Found</h1><!-- Alternatively, use the X-Odoo-Database header. -->"


def wrong_key(debug: str = "") -> Reply:
    return json_error(401, "werkzeug.exceptions.Unauthorized", "Invalid apikey", debug)


@pytest.fixture
def odoo(new_client: NewClient) -> Json2Odoo:
    client = new_client(protocol=Json2Odoo, password=PASSWORD)
    assert isinstance(client, Json2Odoo)
    return client


async def count(odoo: Json2Odoo) -> int:
    return await odoo.call("crm.lead", "search_count", [], returns=int)


# the request


async def test_a_call_names_its_arguments(odoo: Json2Odoo, server: ScriptedOdoo) -> None:
    await odoo.call("crm.lead", "write", [5], {"name": "Señal"}, returns=bool, context={"lang": "es_MX"})
    call = server.calls[-1]
    assert call.path == "/json/2/crm.lead/write"
    assert call.params == ({"ids": [5], "vals": {"name": "Señal"}, "context": {"lang": "es_MX"}},)
    assert call.headers["authorization"] == f"Bearer {PASSWORD}"
    assert call.headers["x-odoo-database"] == "acme"
    assert call.headers["content-type"] == "application/json"


@pytest.mark.parametrize("value", [None, False, 0, "", [], {"a": [1.5, None]}, "🤖 <b>&amp;</b> \r\n"])
async def test_a_value_arrives_as_it_is_and_comes_back(odoo: Json2Odoo, server: ScriptedOdoo, value: Any) -> None:
    server.always("res.partner.write", json_answer(value))
    answered: object = await odoo.call("res.partner", "write", [1], {"x": value}, returns=object)
    assert answered == value
    assert server.calls[-1].params[0]["vals"] == {"x": value}


def test_every_method_that_the_product_calls_has_its_names() -> None:
    calls = r'(?:call|cached_call)\(\s*(?:[\w.]+|"[\w.]+"),\s*"(\w+)"'
    modules = [module for module in MODULES if {"activities", "odoo_client"} & {*module.parts}]
    called = {name for module in modules for name in re.findall(calls, module.read_text())}
    assert called - {"context_get"} == set(NAMES)


def test_too_many_arguments_are_refused() -> None:
    with pytest.raises(TypeError, match="get_installed has 0 named arguments, but 1 were given"):
        named("get_installed", ["es_MX"])


# the login


async def test_the_key_names_the_user_once(odoo: Json2Odoo, server: ScriptedOdoo) -> None:
    server.always("res.users.context_get", late(0.05, json_answer({"uid": UID})))
    await asyncio.gather(*(count(odoo) for _ in range(5)))
    assert await odoo.login() == UID
    assert server.count("res.users.context_get") == 1


@pytest.mark.parametrize("answer", [{}, {"uid": False}, {"uid": "7"}, {"uid": True}, [], None])
async def test_an_answer_without_a_user_is_no_wrong_key(
    odoo: Json2Odoo, server: ScriptedOdoo, answer: object
) -> None:
    server.always("res.users.context_get", json_answer(answer))
    with pytest.raises(OdooUnexpectedError):
        await odoo.login()


async def test_a_refused_key_is_not_tried_again_for_half_a_minute(
    new_client: NewClient, server: ScriptedOdoo
) -> None:
    clock = Clock()
    odoo = new_client(protocol=Json2Odoo, clock=clock)
    server.always("json2", wrong_key())
    server.always("res.users.context_get", wrong_key())
    for pause in (0, 29):
        clock.now += pause
        with pytest.raises(OdooLoginRefusedError, match=r"^Odoo refused the API key\."):
            await odoo.call("crm.lead", "search_count", [], returns=int)
    assert len(server.calls) == 1
    clock.now += 1
    with pytest.raises(OdooLoginRefusedError):
        await odoo.login()
    assert len(server.calls) == 2


async def test_a_key_that_ends_between_two_calls_is_refused_once(odoo: Json2Odoo, server: ScriptedOdoo) -> None:
    await odoo.login()
    server.always("json2", wrong_key())
    server.always("res.users.context_get", wrong_key())
    for _ in range(3):
        with pytest.raises(OdooLoginRefusedError):
            await count(odoo)
    assert (server.count("crm.lead.search_count"), server.count("res.users.context_get")) == (1, 2)


async def test_a_key_that_a_proxy_takes_away_is_told(odoo: Json2Odoo, server: ScriptedOdoo) -> None:
    sentence = "User not authenticated, use an API Key with a Bearer Authorization header."
    server.always("json2", json_error(401, "werkzeug.exceptions.Unauthorized", sentence))
    with pytest.raises(OdooAuthError, match="did not reach Odoo") as raised:
        await count(odoo)
    assert type(raised.value) is kind_of("no key")


async def test_the_key_follows_no_redirect(odoo: Json2Odoo, server: ScriptedOdoo) -> None:
    server.always("res.users.context_get", page(307, b"", f"Location: {server.url}/elsewhere"))
    with pytest.raises(OdooMissingError):
        await odoo.login()
    assert len(server.calls) == 1


# errors


@pytest.mark.parametrize(
    "case", [case for case in FAULTS if case.id not in OF_XMLRPC_ONLY], ids=lambda case: case.id
)
async def test_an_exception_is_the_error_that_its_fault_is(
    odoo: Json2Odoo, server: ScriptedOdoo, case: Case
) -> None:
    status, name, message = case.as_exception
    server.always("res.partner.create", json_error(status, name, message, traceback(name)))
    with pytest.raises(OdooError) as raised:
        await odoo.call("res.partner", "create", SENT, returns=int)
    assert type(raised.value) is kind_of(case.row)
    assert str(raised.value) == case.sentence
    assert_is_clean(raised.value)


@pytest.mark.parametrize(
    ("row", "status", "name", "message"),
    [
        ("refused", 409, "odoo.addons.sale.SomeError", "No."),
        ("refused", 500, "odoo.exceptions.RedirectWarning", "Go there."),
        ("refused", 404, "odoo.exceptions.MissingError", "Record does not exist or has been deleted."),
        ("no model", 404, "werkzeug.exceptions.NotFound", "the model 'crm.lead' does not exist"),
        ("unknown method", 404, "werkzeug.exceptions.NotFound", "The method 'crm.lead.x' does not exist"),
        ("unknown method", 422, "werkzeug.exceptions.UnprocessableEntity", "missing a required argument: 'x'"),
        ("unknown method", 422, "werkzeug.exceptions.UnprocessableEntity", "cannot call crm.lead.x with ids"),
        ("other status", 422, "werkzeug.exceptions.UnprocessableEntity", "x"),
        ("forbidden by a proxy", 403, "odoo.http.SessionExpiredException", "Session expired"),
        ("forbidden by a proxy", 403, "werkzeug.exceptions.Forbidden", f"401\n{NAME}"),
        ("not found", 404, "werkzeug.exceptions.NotFound", "Did you mean POST /json/2/<model>/<method>?"),
        ("too large", 413, "werkzeug.exceptions.RequestEntityTooLarge", "x"),
        ("server in trouble", 429, "werkzeug.exceptions.TooManyRequests", "x"),
    ],
)
async def test_an_exception_that_only_json2_names(
    odoo: Json2Odoo, server: ScriptedOdoo, *, row: str, status: int, name: str, message: str
) -> None:
    server.always("json2", json_error(status, name, message))
    with pytest.raises(OdooError) as raised:
        await count(odoo)
    assert type(raised.value) is kind_of(row)
    assert_is_clean(raised.value)


@pytest.mark.parametrize(("status", "row"), STATUSES.items())
@pytest.mark.parametrize(
    "content",
    [b"<html>oops</html>", b'{"message": "no Route matched", "name": "kong.x"}', b'"Not found"'],
    ids=["html", "json", "text"],
)
async def test_a_proxys_answer_is_its_status(
    odoo: Json2Odoo, server: ScriptedOdoo, status: int, row: str, content: bytes
) -> None:
    server.always("json2", page(status, b"" if status == 204 else content))
    with pytest.raises(OdooError) as raised:
        await count(odoo)
    words = {"status": status, "deed": "run crm.lead.search_count", "protocol": "JSON-2 (Odoo 19 or newer)"}
    assert type(raised.value) is kind_of(row)
    assert str(raised.value) == row_named(row).sentence.format(**words)
    assert_is_clean(raised.value)


@pytest.mark.parametrize("content", [b"", b"<html>oops</html>", b'{"a": ', b"\xff", b"[" * 100_000])
async def test_a_reply_that_is_not_json_is_an_outage(
    odoo: Json2Odoo, server: ScriptedOdoo, content: bytes
) -> None:
    server.then("json2", page(200, content))
    with pytest.raises(OdooUnavailableError, match="could not be read"):
        await count(odoo)


@pytest.mark.parametrize(("status", "row"), [(200, "no database over JSON-2"), (500, "database away over JSON-2")])
async def test_an_odoo_without_the_database_tells_whether_postgresql_is_away(
    odoo: Json2Odoo, server: ScriptedOdoo, status: int, row: str
) -> None:
    server.always("json2", page(404, NO_DATABASE))
    server.always("/web/health", page(status, b"{}"))
    with pytest.raises(OdooError) as raised:
        await count(odoo)
    assert type(raised.value) is kind_of(row)
    assert str(raised.value) == row_named(row).sentence


async def test_a_refused_load_is_the_same_answer(odoo: Json2Odoo, server: ScriptedOdoo) -> None:
    messages = [{"type": "error", "message": f"Value '{NAME}' not found in selection field 'Language'"}]
    server.always("res.partner.load", json_answer({"ids": False, "messages": messages, "nextrow": 0}))
    with pytest.raises(OdooRejectedError, match="Value '…' not found"):
        await create_once(odoo, "res.partner", [{"id": "m.x", "name": NAME}])


async def test_the_traceback_reaches_nobody(
    odoo: Json2Odoo, server: ScriptedOdoo, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    server.always("json2", json_error(500, "builtins.ValueError", EMAIL, traceback(f"ValueError: {NAME}")))
    with pytest.raises(OdooUnexpectedError) as raised:
        await odoo.call("crm.lead", "search_count", [], returns=int)
    seen = "".join([str(raised.value), repr(vars(raised.value)), *caplog.messages])
    assert not re.search(rf"Traceback|\.py|{re.escape(EMAIL)}|{NAME}", seen)
    assert raised.value.__cause__ is None
    assert raised.value.__context__ is None


# the version


async def test_the_version_needs_no_key(odoo: Json2Odoo, server: ScriptedOdoo) -> None:
    assert [await odoo.major_version() for _ in range(3)] == [19, 19, 19]
    assert [call.path for call in server.calls] == ["/web/version"]
    assert odoo.clock_difference is None


async def test_an_odoo_before_19_is_told(odoo: Json2Odoo, server: ScriptedOdoo) -> None:
    server.always("/web/version", page(404, b"<html>"))
    with pytest.raises(OdooMissingError, match=r"^No Odoo with JSON-2 \(Odoo 19 or newer\) was found"):
        await odoo.major_version()


def test_credentials_show_no_key(server: ScriptedOdoo) -> None:
    assert "k3y" not in repr(dataclasses.replace(server.credentials("k3y")))
