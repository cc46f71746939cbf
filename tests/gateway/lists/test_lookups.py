"""Look-ups over REST and MCP: the real workflows, with activities that do what a test tells them."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from mcp.client.client import Client as McpClient
from mcp_types import CallToolResult
from temporalio.client import Client, WorkflowExecution

from activities.failures import RequestError
from odoo_client import (
    OdooAccessDeniedError,
    OdooAuthError,
    OdooCrowdedError,
    OdooRejectedError,
    OdooUnavailableError,
    OdooUnexpectedError,
)
from quotation import lookups, steps
from quotation.errors import ErrorCode
from quotation.lookups import PartnerQuery, ProductQuery
from quotation.messages import FoundPartner
from tests.support.requests import body
from tests.support.script import PARTNER, PRODUCT, Script
from tests.support.serving import serving

# other tests leave quotations in the queues of dev and prod
ENVIRONMENT = "taller"
START = f"/api/{ENVIRONMENT}/quotation/async"
NO_PRODUCT = RequestError(ErrorCode.PRODUCT_NOT_FOUND, "Product 1 does not exist.")
NO_USER = RequestError(ErrorCode.USER_NOT_FOUND, "User 9 is not an active internal user of Odoo.")


@pytest.fixture
async def script(temporal: Client) -> AsyncIterator[Script]:
    """The behaviour of a worker's activities."""
    script = Script()
    async with serving(temporal, ENVIRONMENT, script.activities()):
        yield script


async def call(gateway: str, tool: str, **arguments: Any) -> CallToolResult:
    async with McpClient(f"{gateway}/mcp") as client:
        return await client.call_tool(tool, arguments)


def text_of(result: CallToolResult) -> str:
    (content,) = result.content
    assert content.type == "text"
    return content.text


async def listed(temporal: Client, query: str) -> list[WorkflowExecution]:
    return [run async for run in temporal.list_workflows(query)]


async def test_rest_and_mcp_find_the_same_products(http: httpx2.AsyncClient, gateway: str, script: Script) -> None:
    rest = await http.get(f"/api/{ENVIRONMENT}/products", params={"query": " robot\tPUDU ", "limit": "5"})
    mcp = await call(gateway, "taller_search_products", query="robot PUDU", limit="5", cursor="7")

    assert rest.status_code == 200
    assert rest.json() == {"items": [PRODUCT.model_dump()], "next_cursor": "26174"}
    assert mcp.structured_content == rest.json()
    assert script.queries == [
        ProductQuery(query="robot PUDU", limit=5),
        ProductQuery(query="robot PUDU", limit=5, cursor="7"),
    ]


async def test_rest_and_mcp_find_the_same_customers(
    http: httpx2.AsyncClient, gateway: str, script: Script
) -> None:
    rest = await http.get(f"/api/{ENVIRONMENT}/partners", params={"query": "acme"})
    mcp = await call(gateway, "taller_search_partners", query="acme")

    assert rest.json() == {"items": [PARTNER.model_dump()], "next_cursor": None}
    assert set(rest.json()["items"][0]) == {"id", "name", "email", "is_company"}
    assert mcp.structured_content == rest.json()
    assert script.queries == [PartnerQuery(query="acme"), PartnerQuery(query="acme")]


@pytest.mark.parametrize("query", ["", "?query=&limit=&cursor=", "/"])
async def test_all_products_are_found_without_a_query(
    http: httpx2.AsyncClient, script: Script, query: str
) -> None:
    response = await http.get(f"/api/{ENVIRONMENT}/products{query}")

    assert response.status_code == 200
    assert script.queries == [ProductQuery(query="", limit=20, cursor=None)]


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("products?limit=0", "limit"),
        ("products?limit=101", "limit"),
        ("products?limit=2.5", "limit"),
        ("products?limit=true", "limit"),
        ("products?limit=SECRET", "limit"),
        ("products?cursor=SECRET", "cursor"),
        ("products?cursor=-1", "cursor"),
        ("products?cursor=12345678901", "cursor"),
        (f"products?query={'x' * 201}", "query"),
        ("products?query=a%00b", "query"),
        ("products?q=SECRET", "q"),
        ("partners", "query"),
        ("partners?query=", "query"),
        ("partners?query=%20a%20", "query"),
    ],
)
async def test_wrong_parameters_are_named(http: httpx2.AsyncClient, path: str, field: str) -> None:
    response = await http.get(f"/api/{path}")

    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert [error["field"] for error in response.json()["errors"]] == [field]
    assert "SECRET" not in response.text


@pytest.mark.parametrize(
    ("tool", "arguments", "words"),
    [
        ("dev_search_products", {"limit": 0}, "limit: Input should be greater than or equal to 1"),
        ("dev_search_products", {"limit": True}, "limit: must be a finite number"),
        ("dev_search_products", {"words": "SECRET"}, "words: is not a known field; did you mean query?"),
        ("dev_search_partners", {}, "query: Field required"),
        ("dev_search_partners", {"query": "S"}, "query: String should have at least 2 characters"),
    ],
)
async def test_wrong_arguments_are_told_in_words(
    gateway: str, tool: str, arguments: dict[str, Any], words: str
) -> None:
    result = await call(gateway, tool, **arguments)

    assert result.is_error
    assert words in text_of(result)
    assert "SECRET" not in text_of(result)


@pytest.mark.parametrize("path", ["products", "partners?query=acme"])
async def test_an_unknown_environment_is_not_found(http: httpx2.AsyncClient, path: str) -> None:
    response = await http.get(f"/api/staging/{path}")

    assert response.status_code == 404
    assert response.json()["detail"] == "There is no environment with that name."


async def test_without_a_worker_the_answer_is_503_in_time_and_nothing_is_left_to_do(
    http: httpx2.AsyncClient, gateway: str, temporal: Client
) -> None:
    before = time.monotonic()
    product, partner, tool, *checks = await asyncio.gather(
        http.get("/api/prod/products"),
        http.get("/api/prod/partners?query=acme"),
        call(gateway, "prod_search_products"),
        http.post("/api/prod/quotation/async?dry_run=true", json=body()),
        http.post("/api/quotation/async?dry_run=true", json=body()),
    )

    assert time.monotonic() - before < 10
    for response in (product, partner, *checks):
        assert response.status_code == 503
        assert int(response.headers["Retry-After"]) > 0
        assert response.json()["code"] == "odoo_unavailable"
        assert response.json()["detail"].startswith("Odoo cannot be reached right now")
    assert tool.is_error
    assert text_of(tool).startswith("odoo_unavailable: Odoo cannot be reached right now")
    async with asyncio.timeout(10):
        while await listed(temporal, "WorkflowType STARTS_WITH 'Lookup' AND ExecutionStatus = 'Running'"):
            await asyncio.sleep(0.2)


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (OdooUnavailableError("Odoo refused the connection."), 503, "odoo_unavailable"),
        (OdooCrowdedError("Odoo was busy with other calls for too long."), 503, "odoo_unavailable"),
        (OdooAuthError("Odoo refused the user name or the password."), 502, "odoo_auth_failed"),
        (OdooAccessDeniedError("Odoo's service user is not allowed to call it."), 502, "odoo_access_denied"),
        (OdooRejectedError("Odoo refused it."), 502, "odoo_rejected"),
        (OdooUnexpectedError("Odoo answered with ValueError."), 502, "odoo_unexpected"),
        (ZeroDivisionError("SECRET"), 502, "odoo_unexpected"),
    ],
)
async def test_what_odoo_refuses_is_told_clearly(
    http: httpx2.AsyncClient, gateway: str, script: Script, error: Exception, status: int, code: str
) -> None:
    script.fail_always(lookups.FIND_PRODUCTS, error)

    response = await http.get(f"/api/{ENVIRONMENT}/products")
    tool = await call(gateway, "taller_search_products")

    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.headers["content-type"] == "application/problem+json"
    assert len(response.json()["detail"]) > 10
    assert tool.is_error
    assert text_of(tool).startswith(f"{code}: ")
    assert "SECRET" not in response.text + text_of(tool)


async def test_an_odoo_that_is_busy_is_called_busy(http: httpx2.AsyncClient, gateway: str, script: Script) -> None:
    script.fail_always(lookups.FIND_PRODUCTS, OdooCrowdedError("Odoo was busy with other calls for too long."))

    response = await http.get(f"/api/{ENVIRONMENT}/products")
    spoken = await http.get(f"/api/{ENVIRONMENT}/products?errors=body")
    tool = await call(gateway, "taller_search_products")

    said = "Odoo is busy with other calls right now. Try again in a few seconds."
    assert response.json()["detail"] == said
    assert int(response.headers["Retry-After"]) > 0
    assert "está ocupado" in spoken.json()["spoken_status"]
    assert text_of(tool).startswith(f"odoo_unavailable: {said}")


async def test_a_short_outage_is_not_seen(http: httpx2.AsyncClient, script: Script) -> None:
    script.fail(lookups.FIND_PRODUCTS, OdooUnavailableError("Odoo refused the connection."))

    assert (await http.get(f"/api/{ENVIRONMENT}/products")).status_code == 200


async def test_a_fault_of_the_installation_is_not_waited_out(http: httpx2.AsyncClient, script: Script) -> None:
    script.fail(lookups.FIND_PRODUCTS, OdooAuthError("Odoo refused the user name or the password."))

    assert (await http.get(f"/api/{ENVIRONMENT}/products")).status_code == 502
    assert script.calls == [lookups.FIND_PRODUCTS]


async def test_an_odoo_that_hangs_is_not_waited_for(http: httpx2.AsyncClient, script: Script) -> None:
    script.hold(lookups.FIND_PRODUCTS)

    before = time.monotonic()
    response = await http.get(f"/api/{ENVIRONMENT}/products")

    assert time.monotonic() - before < 9
    assert (response.status_code, response.json()["code"]) == (503, "odoo_unavailable")
    script.release(lookups.FIND_PRODUCTS)


@pytest.mark.usefixtures("script")
async def test_lookups_are_kept_apart_and_show_no_customer_in_temporals_lists(
    http: httpx2.AsyncClient, temporal: Client
) -> None:
    await http.get(f"/api/{ENVIRONMENT}/partners?query=zarzamora")
    await http.post(f"{START}?dry_run=true", json=body(partner_name="Zarzamora"))

    async with asyncio.timeout(10):
        while len(runs := await listed(temporal, "WorkflowId STARTS_WITH 'lookup_'")) < 2:
            await asyncio.sleep(0.1)
    kinds = {"LookupProducts", "LookupPartners", "LookupCheck", "LookupLog"}
    assert {run.workflow_type for run in runs} <= kinds
    for run in runs:
        assert "zarzamora" not in run.id.lower()
        assert await run.memo() == {}
        assert all(key.name.startswith(("Build", "Temporal")) for key, *_ in run.typed_search_attributes)
    quotations = await listed(temporal, "WorkflowType = 'Quotation'")
    assert not any(run.id.startswith("lookup_") for run in quotations)


async def quotations(temporal: Client) -> int:
    return (await temporal.count_workflows("WorkflowType = 'Quotation'")).count


@pytest.mark.parametrize("partner", [None, FoundPartner(id=124258, name="Acme Corp")])
async def test_a_dry_run_checks_and_starts_nothing(
    http: httpx2.AsyncClient, gateway: str, temporal: Client, script: Script, partner: FoundPartner | None
) -> None:
    script.partner = partner
    before = await quotations(temporal)

    rest = await http.post(f"{START}?dry_run=true", json=body(user_id=9))
    mcp = await call(gateway, "taller_create_quotation", **body(user_id=9), dry_run=True)

    assert rest.status_code == 200
    answer = rest.json()
    assert answer.pop("spoken_status").startswith("Los datos de la cotización son correctos")
    assert answer == {
        "status": "checked",
        "environment": ENVIRONMENT,
        "partner": partner and partner.model_dump(),
        "products": [{"id": 26174, "name": "Robot PUDU", "default_code": "MT1"}],
        "warnings": [],
    }
    assert "location" not in rest.headers
    assert not mcp.is_error
    assert mcp.structured_content == answer
    async with McpClient(f"{gateway}/mcp") as client:
        schemas = {tool.name: tool.output_schema for tool in (await client.list_tools()).tools}
    schema = schemas["taller_create_quotation"] or {}
    Draft202012Validator(schema).validate(answer)
    assert set(schema["required"]) <= set(answer) <= set(schema["properties"])
    assert set(script.calls) == {steps.AUTHENTICATE, steps.CHECK_REQUEST}
    [request, _] = script.requests
    assert (request.normalized_email, request.product_ids, request.user_id) == ("acme@corp.test", [26174], 9)
    assert await quotations(temporal) == before


@pytest.mark.parametrize(
    ("activity", "error", "status", "code"),
    [
        (steps.CHECK_REQUEST, NO_PRODUCT, 422, "product_not_found"),
        (steps.CHECK_REQUEST, NO_USER, 422, "user_not_found"),
        (steps.CHECK_REQUEST, OdooAccessDeniedError("May not assign."), 422, "odoo_access_denied"),
        (steps.CHECK_REQUEST, OdooRejectedError("No such language."), 422, "odoo_rejected"),
        (steps.CHECK_REQUEST, OdooUnexpectedError("Odoo answered oddly."), 502, "odoo_unexpected"),
        (steps.AUTHENTICATE, OdooAuthError("Odoo refused the password."), 502, "odoo_auth_failed"),
        (steps.AUTHENTICATE, OdooUnavailableError("Odoo refused the connection."), 503, "odoo_unavailable"),
    ],
)
async def test_a_dry_run_tells_what_a_quotation_would_fail_with(
    http: httpx2.AsyncClient, gateway: str, script: Script, activity: str, error: Exception, status: int, code: str
) -> None:
    script.fail_always(activity, error)

    rest = await http.post(f"{START}?dry_run=true", json=body())
    mcp = await call(gateway, "taller_create_quotation", **body(), dry_run=True)

    assert (rest.status_code, rest.json()["code"]) == (status, code)
    assert rest.headers["content-type"] == "application/problem+json"
    assert mcp.is_error
    assert text_of(mcp) == f"{code}: {rest.json()['detail']}"


async def test_what_is_wrong_with_the_service_comes_before_what_is_wrong_with_the_request(
    http: httpx2.AsyncClient, script: Script
) -> None:
    script.fail_always(steps.AUTHENTICATE, OdooAuthError("Odoo refused the password."))
    script.fail_always(steps.CHECK_REQUEST, NO_PRODUCT)

    assert (await http.post(f"{START}?dry_run=true", json=body())).json()["code"] == "odoo_auth_failed"


@pytest.mark.parametrize("query", ["?dry_run=true", "?dry_run=perhaps"])
async def test_a_wrong_request_is_refused_before_anything_is_asked(
    http: httpx2.AsyncClient, script: Script, query: str
) -> None:
    wrong = {"email": "SECRET"} if query == "?dry_run=true" else {}

    response = await http.post(f"{START}{query}", json=body(**wrong))

    assert response.status_code == 422
    assert [error["field"] for error in response.json()["errors"]] == ["email" if wrong else "dry_run"]
    assert script.calls == []


async def test_no_dry_run_is_a_start(http: httpx2.AsyncClient, gateway: str) -> None:
    rest = await http.post(f"{START}?dry_run=false", json=body())
    mcp = await call(gateway, "taller_create_quotation", **body(), dry_run=False)

    assert rest.status_code == 202
    assert (mcp.structured_content or {})["status"] == "queued"
