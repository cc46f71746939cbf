import asyncio
import re

import httpx2
import pytest

UNKNOWN = "quot_000000000000"
REFUSALS = {"401", "403", "404", "413", "415", "421", "422", "429", "500", "503"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/healthz", 200),
        ("GET", "/readyz", 200),
        ("GET", "/docs", 200),
        ("GET", "/openapi.json", 200),
        ("POST", "/api/quotation/async", 422),
        ("POST", "/api/prod/quotation/async", 422),
        ("GET", f"/api/quotation/status/{UNKNOWN}", 404),
        ("GET", f"/api/dev/quotation/status/{UNKNOWN}", 404),
        ("POST", "/mcp", 400),
        ("POST", "/mcp/messages", 400),
        ("GET", "/nowhere", 404),
        ("GET", "/", 404),
    ],
)
@pytest.mark.parametrize("slash", ["", "/"])
async def test_a_trailing_slash_changes_nothing(
    http: httpx2.AsyncClient, method: str, path: str, status: int, slash: str
) -> None:
    response = await http.request(method, path.rstrip("/") + slash, headers={"Content-Type": "application/json"})

    assert response.status_code == status


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/api/quotation/async", "POST"),
        ("DELETE", f"/api/quotation/status/{UNKNOWN}/", "GET"),
        ("POST", "/healthz", "GET"),
        ("GET", "/mcp/messages/", "POST"),
        ("POST", "/mcp/sse", "GET"),
    ],
)
async def test_a_wrong_method_is_a_problem_that_names_the_right_one(
    http: httpx2.AsyncClient, method: str, path: str, allowed: str
) -> None:
    response = await http.request(method, path)

    assert response.status_code == 405
    assert response.headers["content-type"] == "application/problem+json"
    assert allowed in response.headers["Allow"].split(", ")


async def test_nothing_redirects(http: httpx2.AsyncClient) -> None:
    document = (await http.get("/openapi.json")).json()
    paths = [path.format(environment="dev", tracking_id=UNKNOWN) for path in document["paths"]]
    assert len(paths) > 5
    paths += ["/mcp", "/mcp/sse", "/mcp/messages", "/docs", "/openapi.json", "/nowhere", "/api", ""]

    async def ask(method: str, path: str) -> None:
        async with http.stream(method, path) as response:
            assert not response.has_redirect_location, (method, path)
            assert not response.is_redirect, (method, path)

    # side by side, since some are answered only when no worker has been found
    async with asyncio.TaskGroup() as group:
        for path in paths:
            for ending in ("", "/", "//"):
                for method in ("GET", "POST", "DELETE", "HEAD"):
                    group.create_task(ask(method, path + ending))


async def test_the_documentation_page_needs_no_other_host(http: httpx2.AsyncClient) -> None:
    page = (await http.get("/docs")).text
    scripts = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(scripts) >= 2
    for script in scripts:
        assert script.startswith("/")
        assert (await http.get(script)).status_code == 200


async def test_an_unknown_path_is_a_problem_that_does_not_repeat_it(http: httpx2.AsyncClient) -> None:
    response = await http.get("/api/SECRET")

    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json() == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "This path does not exist.",
    }


@pytest.mark.parametrize("path", ["/api/quotation/async", "/api/{environment}/quotation/async"])
async def test_the_openapi_document_tells_what_a_start_answers(http: httpx2.AsyncClient, path: str) -> None:
    document = (await http.get("/openapi.json")).json()

    start = document["paths"][path]["post"]
    assert set(start["responses"]) == {"200", "202", *REFUSALS, "400", "502"}
    assert start["requestBody"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/QuotationRequest"
    }
    assert list(start["responses"]["422"]["content"]) == ["application/problem+json"]
    assert "Location" in start["responses"]["202"]["headers"]


async def test_the_openapi_document_tells_what_a_status_is(http: httpx2.AsyncClient) -> None:
    document = (await http.get("/openapi.json")).json()

    read = document["paths"]["/api/quotation/status/{tracking_id}"]["get"]
    assert set(read["responses"]) == {"200", *REFUSALS}
    assert read["responses"]["200"]["content"]["application/json"]["schema"]["anyOf"] == [
        {"$ref": "#/components/schemas/SpokenStatus"},
        {"$ref": "#/components/schemas/Rejected"},
    ]
