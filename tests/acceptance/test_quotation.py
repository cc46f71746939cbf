"""A quotation over REST, by way of Temporal, into a real Odoo and S3."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from sandbox.catalogue import COLLEAGUE, SALESPERSON
from sandbox.system import BUCKET, System
from tests.support import quotations
from tests.support.odoo_view import OdooView
from tests.support.requests import unique_body

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


@pytest.mark.usefixtures("workers")
async def test_a_request_becomes_a_sale_order(http: httpx2.AsyncClient, view: OdooView) -> None:
    request = unique_body(notes="Entrega <urgente>\nen planta 2", product_qty=2)
    tracking_id = await quotations.start(http, **request)
    status = await quotations.final(http, tracking_id)
    assert (status["status"], status["step"], status["progress"]) == ("completed", "done", "Completado")
    result = status["result"]

    [partner] = view.find(
        "res.partner", ["email", "=", request["email"]], fields=("name", "is_company", "phone", "child_ids")
    )
    assert (partner["name"], partner["is_company"], partner["phone"]) == ("Acme Corp", True, "+52 55 1234 5678")
    [contact] = view.find("res.partner", ["parent_id", "=", partner["id"]], fields=("name",))
    assert contact["name"] == "John Doe"
    [lead] = view.find(
        "crm.lead", ["name", "=", request["lead_name"]], fields=("type", "partner_id", "date_conversion")
    )
    assert (lead["type"], lead["partner_id"][0]) == ("opportunity", partner["id"])
    assert lead["date_conversion"]
    [order] = view.find(
        "sale.order",
        ["origin", "=", request["lead_name"]],
        fields=("name", "partner_id", "opportunity_id", "amount_total", "note", "order_line", "user_id"),
    )
    assert (order["partner_id"][0], order["opportunity_id"][0]) == (partner["id"], lead["id"])
    assert "Entrega &lt;urgente&gt;<br>en planta 2" in order["note"]
    [line] = view.find("sale.order.line", ["order_id", "=", order["id"]], fields=("product_id", "product_uom_qty"))
    assert (line["product_id"][0], line["product_uom_qty"]) == (26174, 2.0)

    assert (result["partner_id"], result["lead_id"], result["opportunity_id"]) == (
        partner["id"],
        lead["id"],
        lead["id"],
    )
    assert (result["sale_order_id"], result["sale_order_name"]) == (order["id"], order["name"])
    assert result["amount_total"] == order["amount_total"] == 36685.0
    assert result["lines"][0]["line_id"] == line["id"]
    assert result["sale_order_url"] == f"https://erp.example/odoo/sales/{order['id']}"
    assert set(result["steps"]) == {"partner", "lead", "opportunity", "sale_order", "product"}


async def test_the_log_lies_in_s3_and_in_the_folder(
    workers: System, http: httpx2.AsyncClient, s3: "S3Client"
) -> None:
    tracking_id = await quotations.start(http)
    status = await quotations.final(http, tracking_id)
    created = status["created_at"]
    key = f"mcp-odoo-logs/{created[:4]}/{created[5:7]}/{tracking_id}.log"
    path = workers.folder / "quotation-logs" / f"{created[:10]}_{tracking_id}.log"
    async with asyncio.timeout(20):
        while b'"completed"' not in (stored := _object(s3, key)):
            await asyncio.sleep(0.1)
    assert path.read_bytes() == stored


@pytest.mark.usefixtures("workers")
async def test_lines_with_and_without_a_price_keep_their_order(http: httpx2.AsyncClient, view: OdooView) -> None:
    lines = [
        {"product_id": 26174, "product_price": 13000},
        {"product_id": 26175},
        {"product_id": 26176, "product_qty": 0.5, "product_price": 0},
    ]
    tracking_id = await quotations.start(http, lines=lines, product_id=None)
    result = (await quotations.final(http, tracking_id))["result"]
    assert [(line["product_id"], line["price_unit"]) for line in result["lines"]] == [
        (26174, 13000.0),
        (26175, 12900.0),
        (26176, 0.0),
    ]
    domain = [["order_id", "=", result["sale_order_id"]]]
    rows = view.call("sale.order.line", "search_read", domain, ["product_id"], order="sequence")
    assert [row["product_id"][0] for row in rows] == [26174, 26175, 26176]


@pytest.mark.usefixtures("workers")
async def test_a_known_partner_is_used_and_never_changed(http: httpx2.AsyncClient, view: OdooView) -> None:
    request = unique_body()
    known = view.call(
        "res.partner",
        "create",
        {"name": "ACME de México", "email": f'"Juan" <{request["email"].upper()}>', "phone": "55 0000 0000"},
    )
    status = await quotations.final(http, await quotations.start(http, **request))
    assert status["result"]["partner_id"] == known
    assert status["result"]["steps"]["partner"] == f"Partner existente: ACME de México (ID: {known})"
    [partner] = view.find("res.partner", ["id", "=", known], fields=("name", "email", "phone", "child_ids"))
    assert (partner["name"], partner["phone"], partner["child_ids"]) == ("ACME de México", "55 0000 0000", [])
    assert partner["email"] == f'"Juan" <{request["email"].upper()}>'


@pytest.mark.usefixtures("workers")
async def test_an_archived_partner_is_left_alone_and_replaced(http: httpx2.AsyncClient, view: OdooView) -> None:
    request = unique_body()
    first = await quotations.final(http, await quotations.start(http, **request))
    view.call("res.partner", "write", [first["result"]["partner_id"]], {"active": False})
    second = await quotations.final(http, await quotations.start(http, **request))
    third = await quotations.final(http, await quotations.start(http, **request))
    assert second["status"] == "completed"
    assert second["result"]["partner_id"] != first["result"]["partner_id"]
    assert third["result"]["partner_id"] == second["result"]["partner_id"]
    [archived] = view.find("res.partner", ["id", "=", first["result"]["partner_id"]], fields=("active",))
    assert archived["active"] is False


@pytest.mark.usefixtures("workers")
async def test_a_colleagues_customer_gets_an_order_of_the_service(
    http: httpx2.AsyncClient, view: OdooView
) -> None:
    request = unique_body()
    values = {"name": "Acme", "email": request["email"], "user_id": view.user_id(COLLEAGUE.login)}
    view.call("res.partner", "create", values)
    status = await quotations.final(http, await quotations.start(http, **request))
    assert status["status"] == "completed"
    [order] = view.find("sale.order", ["id", "=", status["result"]["sale_order_id"]], fields=("user_id",))
    assert order["user_id"][0] == view.user_id(SALESPERSON.login)


@pytest.mark.usefixtures("workers")
async def test_many_quotations_for_one_new_customer_make_one_partner(
    http: httpx2.AsyncClient, view: OdooView
) -> None:
    email = unique_body()["email"]
    ids = await asyncio.gather(*(quotations.start(http, email=email) for _ in range(8)))
    finals = await asyncio.gather(*(quotations.final(http, tracking_id) for tracking_id in ids))
    assert {status["status"] for status in finals} == {"completed"}
    assert len(view.find("res.partner", ["email", "=", email])) == 1
    assert len({status["result"]["partner_id"] for status in finals}) == 1
    assert len({status["result"]["sale_order_id"] for status in finals}) == 8


@pytest.mark.parametrize(
    ("environment", "fields", "code"),
    [
        ("dev", {"product_id": 999999}, "product_not_found"),
        ("dev", {"product_id": 26178}, "product_not_found"),
        ("dev", {"product_id": 26179}, "product_not_found"),
        ("dev", {"user_id": 999999}, "user_not_found"),
        ("dev", {"user_id": 2}, "odoo_access_denied"),
        ("wrong", {}, "odoo_auth_failed"),
        ("norights", {}, "odoo_access_denied"),
    ],
)
@pytest.mark.usefixtures("workers")
async def test_what_cannot_succeed_fails_and_leaves_nothing(
    http: httpx2.AsyncClient, view: OdooView, environment: str, fields: dict[str, Any], code: str
) -> None:
    request = unique_body(**fields)
    status = await quotations.final(http, await quotations.start(http, environment, **request), seconds=15)
    assert (status["status"], status["error"]["code"], status["error"]["step"]) == ("failed", code, "auth")
    assert len(status["error"]["message"]) > 20
    assert "Traceback" not in status["error"]["message"]
    assert not view.find("res.partner", ["email", "=", request["email"]])
    assert not view.find("crm.lead", ["name", "=", request["lead_name"]])


async def test_no_log_of_a_process_holds_a_secret_or_a_customers_data(
    workers: System, http: httpx2.AsyncClient
) -> None:
    request = unique_body(partner_name="Zarzamora Confidencial", phone="+52 55 9999 0001", notes="nota reservada")
    await quotations.final(http, await quotations.start(http, **request))
    await quotations.final(http, await quotations.start(http, "wrong", **request))
    written = workers.logs()
    assert "odoo_auth_failed" in written
    for secret in (
        workers.odoo.password,
        "a-wrong-password",
        request["email"],
        "Zarzamora",
        "9999 0001",
        "nota reservada",
    ):
        assert secret not in written


def _object(s3: "S3Client", key: str) -> bytes:
    try:
        return s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    except s3.exceptions.NoSuchKey:
        return b""


def test_the_folder_of_local_logs_has_no_drafts(system: System) -> None:
    # a worker may be writing one
    assert set(system.stop_workers()) <= {0}
    folder: Path = system.folder / "quotation-logs"
    assert [path for path in folder.iterdir() if path.suffix == ".tmp"] == []
