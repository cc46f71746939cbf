"""The findings about an Odoo; `test_check.py` has those of the whole command."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from xmlrpc.client import dumps

import pytest

from activities.company import NOTHING, Setup
from activities.report import Finding, Kind, OdooInspection
from odoo_client import Credentials, Json2Odoo, XmlRpcOdoo
from sandbox import catalogue
from sandbox.ports import free_port
from sandbox.real_odoo import OdooAccess
from tests.support.odoo_relay import relay_to
from tests.support.scripted_odoo import VERSION, ScriptedOdoo, answer, page

OK, LIMIT, PROBLEM = Kind.OK, Kind.LIMIT, Kind.PROBLEM


@pytest.fixture
async def scripted() -> AsyncIterator[ScriptedOdoo]:
    server = ScriptedOdoo()
    await server.start()
    yield server
    await server.stop()


async def inspect(
    url: str,
    user: catalogue.User = catalogue.SALESPERSON,
    lang: str | None = None,
    setup: Setup = NOTHING,
) -> list[Finding]:
    odoo = XmlRpcOdoo(Credentials(url, "quotations", user.login, user.password), timeout=5)
    try:
        return await OdooInspection("dev", odoo, user.login, lang, setup).findings()
    finally:
        await odoo.close()


def problems(findings: list[Finding]) -> list[str]:
    return [finding.sentence for finding in findings if finding.kind is PROBLEM]


async def test_a_good_odoo_is_described(odoo_url: str) -> None:
    findings = await inspect(odoo_url, lang="es_MX")
    assert not problems(findings)
    found = {finding.sentence for finding in findings}
    assert {
        "dev: Odoo 19 answers.",
        "dev: the clock agrees with Odoo's.",
        "dev: the user may create res.partner, crm.lead, sale.order, sale.order.line.",
        "dev: the modules crm and sale are installed.",
        "dev: orders are linked to their opportunities.",
        "dev: the user may convert leads to opportunities.",
        "dev: the user may not assign quotations to other salespeople (user_id).",
        "dev: new partners have the language es_MX.",
        "dev: no mandatory field lacks a value.",
        "dev: 4 products are for sale.",
    } <= found
    assert any(one.startswith("dev: the user ventas can log in and has the id ") for one in found)
    assert any(one.startswith("dev: leads and orders are for the company '") for one in found)


async def test_a_user_with_all_documents_has_no_limit(odoo_url: str) -> None:
    findings = await inspect(odoo_url, catalogue.SALES_ALL_LEADS)
    assert {finding.kind for finding in findings} == {OK}


NO_LANGUAGE = "ODOO__DEV__LANG may be wrong: The language fr_FR of new partners is not installed in Odoo."
NO_COMPANY = (
    "ODOO__DEV__COMPANY may be wrong: The configured company does not exist in Odoo, or Odoo's service user does"
    " not belong to it."
)
NO_FIELD = (
    "ODOO__DEV__DEFAULTS may be wrong: The settings have a value for x_giro of sale.order, but Odoo has no such"
    " field."
)


@pytest.mark.parametrize(
    ("defect", "sentence"),
    [
        ({"lang": "fr_FR"}, NO_LANGUAGE),
        ({"setup": Setup("Nowhere")}, NO_COMPANY),
        ({"setup": Setup(defaults={"sale.order": {"x_giro": "Comercio"}})}, NO_FIELD),
    ],
    ids=["language", "company", "value of a field"],
)
async def test_a_wrong_setting_is_named(odoo_url: str, defect: dict[str, Any], sentence: str) -> None:
    assert sentence in problems(await inspect(odoo_url, **defect))


async def test_all_problems_are_named_at_once(odoo_url: str) -> None:
    found = problems(await inspect(odoo_url, catalogue.NO_SALES_RIGHT, lang="fr_FR"))
    assert [one.partition(": ")[0] for one in found] == [
        "ODOO__DEV__LANG may be wrong",
        "ODOO__DEV__USERNAME may be wrong",
        "ODOO__DEV__USERNAME may be wrong",
    ]


async def test_a_wrong_login_ends_the_report(odoo_url: str) -> None:
    wrong = catalogue.User("ventas", "wrong", "Nobody", ())
    findings = await inspect(odoo_url, wrong)
    assert findings[-1] == Finding(
        PROBLEM,
        "ODOO__DEV__DB, ODOO__DEV__USERNAME or ODOO__DEV__PASSWORD may be wrong: Odoo refused the user name or the"
        " password. A user with two-factor authentication needs an API key.",
    )


async def test_an_odoo_that_is_away_is_named(odoo_url: str) -> None:
    assert odoo_url
    findings = await inspect(f"http://127.0.0.1:{free_port()}")
    assert findings == [Finding(PROBLEM, "ODOO__DEV__URL may be wrong: Odoo refused the connection.")]


async def test_a_version_that_nobody_tested_is_named(scripted: ScriptedOdoo) -> None:
    scripted.always("version", answer({"server_version_info": [15, 0, 0, "final", 0, ""]}))
    assert Finding(LIMIT, "dev: Odoo 15 is not one of the tested versions (16 to 20).") in await inspect(
        scripted.url
    )


@pytest.mark.parametrize(("hours", "words"), [(-2, "ahead of"), (2, "behind")])
async def test_a_wrong_clock_is_named(scripted: ScriptedOdoo, hours: int, words: str) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(hours=hours), usegmt=True)
    content = dumps((VERSION,), methodresponse=True, allow_none=True).encode()
    scripted.always("version", page(200, content, f"Date: {date}"))
    found = problems(await inspect(scripted.url))
    assert any(
        one.startswith("dev: the clock of this machine is 7") and f" s {words} Odoo's." in one for one in found
    )


async def test_an_empty_catalogue_is_named(scripted: ScriptedOdoo) -> None:
    scripted.always("execute_kw", answer(0))
    assert "dev: Odoo has no product for sale." in problems(await inspect(scripted.url))


async def test_a_proxy_that_replaces_error_pages_is_a_problem_for_json2(odoo_url: str) -> None:
    user = catalogue.SALESPERSON
    with relay_to(OdooAccess(odoo_url, "quotations")) as relay:
        relay.replaced = {500}
        odoo = Json2Odoo(Credentials(relay.url, "quotations", user.login, user.api_key), timeout=5)
        findings = await OdooInspection("dev", odoo, user.login, has_key=True).findings()
        await odoo.close()
    told = "dev: Odoo's answer about a missing external id has status 500, which a proxy may replace"
    assert problems(findings) == [f"{told}: Odoo answered with HTTP status 500."]
