"""The findings of `worker.py --check` about an Odoo are the same for the stand-in and a real one."""

import pytest

from activities.report import Finding, Kind, OdooInspection
from odoo_client import Credentials, Json2Odoo, XmlRpcOdoo
from sandbox import catalogue
from sandbox.real_odoo import OdooAccess, Protocol


@pytest.fixture(params=Protocol)
def protocol(request: pytest.FixtureRequest) -> Protocol:
    """Each protocol in turn."""
    protocol: Protocol = request.param
    return protocol


async def inspect(
    odoo: OdooAccess, protocol: Protocol, user: catalogue.User, lang: str | None = None, username: str = ""
) -> list[Finding]:
    has_key = protocol is Protocol.JSON2
    kind, secret = (Json2Odoo, user.api_key) if has_key else (XmlRpcOdoo, user.password)
    client = kind(Credentials(odoo.url, odoo.db, user.login, secret))
    try:
        return await OdooInspection("dev", client, username or user.login, lang, has_key=has_key).findings()
    finally:
        await client.close()


def sentences(findings: list[Finding], kind: Kind) -> list[str]:
    return [finding.sentence for finding in findings if finding.kind is kind]


async def test_a_salesperson_has_no_problem_and_one_limit(odoo: OdooAccess, protocol: Protocol) -> None:
    findings = await inspect(odoo, protocol, catalogue.SALESPERSON, "es_MX")
    assert not sentences(findings, Kind.PROBLEM)
    assert sentences(findings, Kind.LIMIT) == [
        "dev: the user may not assign quotations to other salespeople (user_id)."
    ]
    assert {
        "dev: Odoo 19 answers.",
        "dev: the clock agrees with Odoo's.",
        "dev: new partners have the language es_MX.",
        "dev: the modules crm and sale are installed.",
        "dev: orders are linked to their opportunities.",
        "dev: the user may create res.partner, crm.lead, sale.order, sale.order.line.",
        "dev: the user may convert leads to opportunities.",
        "dev: no mandatory field lacks a value.",
    } <= set(sentences(findings, Kind.OK))


async def test_a_user_of_all_leads_has_no_limit(odoo: OdooAccess, protocol: Protocol) -> None:
    findings = await inspect(odoo, protocol, catalogue.SALES_ALL_LEADS)
    assert {finding.kind for finding in findings} == {Kind.OK}
    about_key = [one.sentence for one in findings if "API_KEY" in one.sentence]
    assert about_key == (["dev: ODOO__DEV__API_KEY does not end."] if protocol is Protocol.JSON2 else [])


async def test_a_key_of_another_user_is_a_problem(odoo: OdooAccess) -> None:
    findings = await inspect(odoo, Protocol.JSON2, catalogue.SALES_ALL_LEADS, username="ventas")
    assert sentences(findings, Kind.PROBLEM) == [
        "ODOO__DEV__USERNAME or ODOO__DEV__API_KEY may be wrong: the API key is that of the user ventas_todos."
    ]


async def test_missing_rights_are_not_taken_for_missing_modules(odoo: OdooAccess, protocol: Protocol) -> None:
    problems = sentences(await inspect(odoo, protocol, catalogue.NO_SALES_RIGHT), Kind.PROBLEM)
    assert "ODOO__DEV__USERNAME may be wrong: Odoo's service user is not allowed to convert leads." in problems
    assert problems[0].startswith(
        "ODOO__DEV__USERNAME may be wrong: Odoo's service user is not allowed to create "
    )
    assert not [problem for problem in problems if "installed" in problem]
