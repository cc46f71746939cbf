"""The findings of `worker.py --check` about an Odoo are the same for the stand-in and a real one."""

from activities.report import Finding, Kind, OdooInspection
from odoo_client import Credentials, XmlRpcOdoo
from sandbox import catalogue
from sandbox.real_odoo import OdooAccess


async def inspect(odoo: OdooAccess, user: catalogue.User, lang: str | None = None) -> list[Finding]:
    client = XmlRpcOdoo(Credentials(odoo.url, odoo.db, user.login, user.password))
    try:
        return await OdooInspection("dev", client, user.login, lang).findings()
    finally:
        await client.close()


def sentences(findings: list[Finding], kind: Kind) -> list[str]:
    return [finding.sentence for finding in findings if finding.kind is kind]


async def test_a_salesperson_has_no_problem_and_one_limit(odoo: OdooAccess) -> None:
    findings = await inspect(odoo, catalogue.SALESPERSON, "es_MX")
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


async def test_a_user_of_all_leads_has_no_limit(odoo: OdooAccess) -> None:
    findings = await inspect(odoo, catalogue.SALES_ALL_LEADS)
    assert {finding.kind for finding in findings} == {Kind.OK}


async def test_missing_rights_are_not_taken_for_missing_modules(odoo: OdooAccess) -> None:
    problems = sentences(await inspect(odoo, catalogue.NO_SALES_RIGHT), Kind.PROBLEM)
    assert "ODOO__DEV__USERNAME may be wrong: Odoo's service user is not allowed to convert leads." in problems
    assert problems[0].startswith(
        "ODOO__DEV__USERNAME may be wrong: Odoo's service user is not allowed to create "
    )
    assert not [problem for problem in problems if "installed" in problem]
