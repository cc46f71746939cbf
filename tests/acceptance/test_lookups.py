"""Look-ups and dry runs over REST and MCP, by way of Temporal, in a real Odoo."""

import asyncio
import secrets
from typing import Any

import httpx2
import pytest
from mcp import Client

from sandbox.catalogue import COLLEAGUE
from sandbox.system import System
from tests.support import quotations
from tests.support.odoo_view import OdooView
from tests.support.requests import unique_body


async def told(client: Client, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the answer of a tool, which a busy machine may not have in time at first."""
    async with asyncio.timeout(60):
        while (answer := await client.call_tool(tool, arguments)).is_error:
            assert "odoo_unavailable" in str(answer.content)
    return answer.structured_content or {}


async def answered(http: httpx2.AsyncClient, method: str, path: str, **options: Any) -> httpx2.Response:
    """Return the answer of an address, as `told`."""
    async with asyncio.timeout(60):
        while (response := await http.request(method, path, **options)).status_code == 503:
            assert response.json()["code"] == "odoo_unavailable"
    return response


async def test_a_model_finds_the_product_and_the_customer_it_quotes(
    workers: System, http: httpx2.AsyncClient, view: OdooView
) -> None:
    word = secrets.token_hex(6)
    known = view.call("res.partner", "create", {"name": f"Aceros {word}", "email": f"Compras@{word}.test"})
    async with Client(f"{workers.gateway_url}/mcp") as client:
        products = await told(client, "dev_search_products", {"query": "pudu ROBOT"})
        partners = await told(client, "dev_search_partners", {"query": word})
        [product] = products["items"]
        [partner] = partners["items"]
        request = unique_body(email=partner["email"], product_id=product["id"])
        dry = await told(client, "dev_create_quotation", request | {"dry_run": True})

    assert product == {
        "id": 26174,
        "name": "Robot PUDU",
        "default_code": "MT1",
        "barcode": "7501000261741",
        "list_price": 15950.0,
        "currency": "USD",
    }
    assert partner == {"id": known, "name": f"Aceros {word}", "email": f"compras@{word}.test", "is_company": False}
    assert dry["partner"] == {"id": known, "name": f"Aceros {word}"}
    status = await quotations.final(http, await quotations.start(http, **request))
    assert status["result"]["partner_id"] == known


@pytest.mark.usefixtures("workers")
async def test_pages_over_rest_hold_every_product_once(http: httpx2.AsyncClient) -> None:
    found: list[int] = []
    cursor = ""
    while cursor is not None:
        page = {"query": "r", "limit": 1, "cursor": cursor}
        response = await answered(http, "GET", "/api/dev/products", params=page)
        assert response.status_code == 200, response.text
        found += [item["id"] for item in response.json()["items"]]
        cursor = response.json()["next_cursor"]

    whole = await answered(http, "GET", "/api/products", params={"query": "r", "limit": 100})
    everything = whole.json()["items"]
    assert found == [item["id"] for item in everything]
    assert {26174, 26175, 26176, 26177} <= set(found)
    assert not {26178, 26179} & set(found)


@pytest.mark.usefixtures("workers")
async def test_a_dry_run_writes_nothing(http: httpx2.AsyncClient, view: OdooView) -> None:
    request = unique_body(lines=[{"product_id": 26174}, {"product_id": 26175}], product_id=None)

    response = await answered(http, "POST", "/api/quotation/async?dry_run=true", json=request)

    assert response.status_code == 200
    answer = response.json()
    assert answer.pop("spoken_status")
    assert answer == {
        "status": "checked",
        "environment": "development",
        "partner": None,
        "products": [
            {"id": 26175, "name": "Robot KettyBot", "default_code": "KT1"},
            {"id": 26174, "name": "Robot PUDU", "default_code": "MT1"},
        ],
        "warnings": [],
    }
    assert view.counts(request) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("environment", "fields", "answer"),
    [
        ("dev", {"product_id": 999999}, (422, "product_not_found")),
        ("dev", {"product_id": 26178}, (422, "product_not_found")),
        ("dev", {"user_id": 999999}, (422, "user_not_found")),
        ("dev", {"user_id": COLLEAGUE}, (422, "odoo_access_denied")),
        ("wrong", {}, (502, "odoo_auth_failed")),
        ("norights", {}, (422, "odoo_access_denied")),
    ],
)
@pytest.mark.usefixtures("workers")
async def test_a_dry_run_finds_what_a_quotation_would_fail_with(
    http: httpx2.AsyncClient, view: OdooView, environment: str, fields: Any, answer: Any
) -> None:
    if fields.get("user_id") is COLLEAGUE:
        fields = {"user_id": view.user_id(COLLEAGUE.login)}

    path = f"/api/{environment}/quotation/async?dry_run=true"
    response = await answered(http, "POST", path, json=unique_body(**fields))

    assert (response.status_code, response.json()["code"]) == answer
    failed = await quotations.final(http, await quotations.start(http, environment, **unique_body(**fields)))
    assert failed["error"]["code"] == answer[1]
    assert failed["error"]["message"] == response.json()["detail"]


async def test_a_wrong_password_is_told_as_one(workers: System, http: httpx2.AsyncClient) -> None:
    response = await answered(http, "GET", "/api/wrong/products")

    assert (response.status_code, response.json()["code"]) == (502, "odoo_auth_failed")
    assert workers.odoo.username not in response.text


@pytest.mark.usefixtures("workers")
async def test_a_retry_names_one_of_several_products(http: httpx2.AsyncClient, view: OdooView) -> None:
    word = secrets.token_hex(6)
    ids = [view.call("product.product", "create", {"name": f"Robot {word} {size}"}) for size in ("alfa", "beta")]
    request = unique_body(product_id=None, lines=[{"product": "MT1"}, {"product": f"los robots {word}"}])
    dry = await answered(http, "POST", "/api/quotation/async?dry_run=true", json=request)
    tracking_id = await quotations.start(http, **request)
    failed = await quotations.final(http, tracking_id)

    assert (dry.status_code, dry.json()["code"]) == (422, "product_ambiguous")
    assert failed["error"] == {"code": "product_ambiguous", "message": dry.json()["detail"], "step": "auth"}
    assert all(f"{one} Robot {word}" in failed["error"]["message"] for one in ids)
    assert view.counts(request) == (0, 0, 0, 0)

    lines = [{"product": "mt1"}, {"product": f"robot {word} beta"}]
    response = await http.post(f"/api/quotation/{tracking_id}/retry", json={"lines": lines})

    assert response.status_code == 202, response.text
    status = await quotations.final(http, tracking_id)
    assert [line["product_id"] for line in status["result"]["lines"]] == [26174, ids[1]]
    assert view.counts(request) == (1, 1, 1, 2)


@pytest.mark.usefixtures("workers")
async def test_a_retry_gives_the_id_of_the_product(http: httpx2.AsyncClient, view: OdooView) -> None:
    request = unique_body(product="robots", product_qty=2, product_id=None)
    tracking_id = await quotations.start(http, **request)
    failed = await quotations.final(http, tracking_id)
    assert failed["error"]["code"] == "product_ambiguous"

    response = await http.post(f"/api/quotation/{tracking_id}/retry", json={"product_id": 26175})

    assert response.status_code == 202, response.text
    status = await quotations.final(http, tracking_id)
    assert [(line["product_id"], line["quantity"]) for line in status["result"]["lines"]] == [(26175, 2.0)]
    assert "'KT1'" in status["result"]["steps"]["product"]
    assert view.counts(request) == (1, 1, 1, 1)
