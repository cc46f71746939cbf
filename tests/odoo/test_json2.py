"""JSON-2 as the stand-in and a real Odoo speak it: statuses, names of exceptions, headers, values."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from odoo_client import Odoo, OdooLoginRefusedError, key_ends
from sandbox import catalogue, real_odoo
from sandbox.real_odoo import OdooAccess, Protocol
from tests.odoo.client import ONCE
from tests.odoo.told import clients

WERKZEUG, EXCEPTIONS = "werkzeug.exceptions", "odoo.exceptions"
LEAD = {"name": "x"}
NO_KEY = "User not authenticated, use an API Key with a Bearer Authorization header."


class Api:
    """Calls as the plain salesperson."""

    def __init__(self, odoo: OdooAccess) -> None:
        self.url = f"{odoo.url}/json/2"
        self.headers = {"Authorization": f"bearer {odoo.api_key}", "X-Odoo-Database": odoo.db}

    def post(self, call: str, headers: dict[str, str] | None = None, **arguments: Any) -> httpx2.Response:
        model, _, method = call.rpartition(".")
        headers = self.headers | (headers or {})
        return httpx2.post(f"{self.url}/{model}/{method}", json=arguments, headers=headers, timeout=30)

    def call(self, call: str, **arguments: Any) -> Any:
        response = self.post(call, **arguments)
        assert response.status_code == 200, response.text
        assert response.headers["content-type"].startswith("application/json")
        return response.json()


@pytest.fixture(scope="module")
def api(odoo: OdooAccess) -> Api:
    return Api(odoo)


# ruff: noqa: E501  # one case a line
@pytest.mark.parametrize(
    ("status", "name", "message", "call", "arguments"),
    [
        (404, f"{WERKZEUG}.NotFound", "the model 'no.model' does not exist", "no.model.search", {"domain": []}),
        (404, f"{WERKZEUG}.NotFound", "The method 'crm.lead.nope' does not exist", "crm.lead.nope", {}),
        (422, f"{WERKZEUG}.UnprocessableEntity", "missing a required argument: 'domain'", "crm.lead.search", {}),
        (422, f"{WERKZEUG}.UnprocessableEntity", "got an unexpected keyword argument 'nope'", "crm.lead.search", {"domain": [], "nope": 1}),
        (422, f"{WERKZEUG}.UnprocessableEntity", "cannot call crm.lead.search with ids", "crm.lead.search", {"ids": [1], "domain": []}),
        (403, f"{EXCEPTIONS}.AccessError", "Private methods (such as 'crm.lead._search') cannot", "crm.lead._search", {"domain": []}),
        (403, f"{EXCEPTIONS}.AccessError", "You are not allowed to access 'Model Data'", "ir.model.data.search_read", {"domain": [], "fields": ["id"]}),
        (404, f"{EXCEPTIONS}.MissingError", "Record does not exist or has been deleted.\n(Record: crm.lead(", "crm.lead.write", {"ids": [99999999], "vals": LEAD}),
        (422, f"{EXCEPTIONS}.ValidationError", "The operation cannot be completed: Missing required", "crm.lead.create", {"vals_list": [{}]}),
        (422, f"{EXCEPTIONS}.UserError", "Invalid language code: fr_FR", "res.partner.search_count", {"domain": [], "context": {"lang": "fr_FR"}}),
        (500, "builtins.ValueError", "External ID not found in the system: tests.none", "ir.model.data.check_object_reference", {"module": "tests", "xml_id": "none"}),
        (500, "builtins.ValueError", "Invalid field 'nope' on 'crm.lead'", "crm.lead.read", {"ids": [], "fields": ["nope"]}),
    ],
)  # fmt: skip
def test_an_error_has_a_status_and_the_name_of_its_exception(
    api: Api, *, status: int, name: str, message: str, call: str, arguments: dict[str, Any]
) -> None:
    response = api.post(call, **arguments)
    told = response.json()
    assert (response.status_code, told["name"]) == (status, name)
    assert told["message"].startswith(message)
    assert set(told) == {"name", "message", "arguments", "context", "debug"}
    assert told["debug"].startswith("Traceback (most recent call last):\n")


@pytest.mark.parametrize(("key", "message"), [("Bearer " + "0" * 40, "Invalid apikey"), ("", NO_KEY)])
def test_a_key_is_required_at_each_call(api: Api, key: str, message: str) -> None:
    response = api.post("crm.lead.search_count", {"Authorization": key}, domain=[])
    told = response.json()
    assert (response.status_code, told["name"], told["message"]) == (401, f"{WERKZEUG}.Unauthorized", message)


def test_another_database_is_a_page(api: Api) -> None:
    response = api.post("crm.lead.search_count", {"X-Odoo-Database": "nowhere"}, domain=[])
    assert response.status_code == 404
    assert "X-Odoo-Database" in response.text
    assert not response.cookies
    health = httpx2.get(f"{api.url.removesuffix('/json/2')}/web/health", params={"db_server_status": "1"})
    assert (health.status_code, health.json()["db_server_status"]) == (200, True)


def test_values_keep_their_types(api: Api, order: int, partner: int) -> None:
    fields = ["name", "amount_total", "origin", "partner_id", "order_line", "date_order"]
    (row,) = api.call("sale.order.read", ids=[order], fields=fields)
    assert type(row["amount_total"]) is float
    assert row["origin"] is False
    assert row["partner_id"][0] == partner
    assert row["order_line"] == []
    assert len(row["date_order"]) == len("2026-11-23 23:59:59")
    assert api.call("sale.order.read", ids=order, fields=["name"]) == [{"id": order, "name": row["name"]}]


@pytest.mark.parametrize("character", [*"\t\n\x7f\x85\u200b\u2028ñ😀&<>", "\ufffe", "\r"])
def test_more_characters_arrive_than_over_xml(api: Api, character: str) -> None:
    (partner,) = api.call("res.partner.create", vals_list=[{"name": f"a{character}b"}])
    assert api.call("res.partner.read", ids=[partner], fields=["name"])[0]["name"] == f"a{character}b"


def test_load_creates_once(api: Api, word: str) -> None:
    fields = ["id", "name"]
    first = api.call("res.partner.load", fields=fields, data=[[f"tests.{word}", word]], context=ONCE)
    again = api.call("res.partner.load", fields=fields, data=[[f"tests.{word}", "another"]], context=ONCE)
    assert first["ids"] == again["ids"]
    assert api.call("res.partner.read", ids=first["ids"], fields=["name"])[0]["name"] == word


def test_the_user_of_a_key_is_in_its_context(api: Api, odoo: OdooAccess) -> None:
    (user,) = api.call("res.users.search_read", domain=[["login", "=", odoo.username]], fields=["id"])
    assert api.call("res.users.context_get")["uid"] == user["id"]


def test_a_user_sees_own_keys_only_and_nothing_of_them_tells_which(api: Api) -> None:
    mine = api.call("res.users.context_get")["uid"]
    rows = api.call("res.users.apikeys.search_read", domain=[], fields=["user_id", "scope", "expiration_date"])
    assert [(row["user_id"][0], row["scope"], row["expiration_date"]) for row in rows] == [(mine, False, False)]
    assert api.post("res.users.apikeys.read", ids=[], fields=["index"]).status_code == 500


@pytest.fixture
async def colleague_client(odoo: OdooAccess) -> AsyncIterator[Odoo]:
    colleague = catalogue.COLLEAGUE
    async with clients(OdooAccess(odoo.url, odoo.db, protocol=Protocol.JSON2)) as new:
        yield new(username=colleague.login, password=colleague.api_key)


def end_keys(odoo: OdooAccess, end: datetime | None) -> None:
    value = f"'{end:%Y-%m-%d %H:%M:%S}'" if end else "NULL"
    owner = f"(SELECT id FROM res_users WHERE login = '{catalogue.COLLEAGUE.login}')"  # noqa: S608
    statement = f"UPDATE res_users_apikeys SET expiration_date = {value} WHERE user_id = {owner}"  # noqa: S608
    real_odoo.execute_sql(statement, odoo.db)


@pytest.mark.real_only
async def test_a_key_has_an_end_and_is_refused_after_it(colleague_client: Odoo, odoo: OdooAccess) -> None:
    if OdooAccess.from_environment() is not None:
        pytest.skip("the Odoo named by ODOO_TEST_URL is not ours to disturb")
    assert await key_ends(colleague_client) == [None]
    end = datetime.now(UTC).replace(microsecond=0) + timedelta(days=10)
    try:
        end_keys(odoo, end)
        assert await key_ends(colleague_client) == [end]
        end_keys(odoo, end - timedelta(days=20))
        with pytest.raises(OdooLoginRefusedError):
            await key_ends(colleague_client)
    finally:
        end_keys(odoo, None)


def test_an_address_with_the_database_makes_no_session(api: Api) -> None:
    # with a session's cookie Odoo refuses another database in the header
    version = httpx2.get(f"{api.url.removesuffix('/json/2')}/web/version", headers=api.headers)
    assert version.json()["version_info"][0] == 19
    assert not version.cookies
