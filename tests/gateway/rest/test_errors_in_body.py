"""With `?errors=body` a voice agent can speak about every refusal under `/api`, whoever refuses."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest

from activities.failures import RequestError
from odoo_client import OdooRejectedError
from quotation import steps
from quotation.errors import ErrorCode
from sandbox.ports import free_port
from tests.gateway.conftest import StartGateway
from tests.support import callers
from tests.support.callers import ANA, bearer
from tests.support.quotations import final, start
from tests.support.requests import unique_body
from tests.support.script import Script
from tests.support.scripted_worker import ENVIRONMENT, StartWork

UNKNOWN = "quot_000000000000"
START = "/api/quotation/async"


def assert_rejected(answer: httpx2.Response, code: str, *words: str) -> dict[str, Any]:
    body: dict[str, Any] = answer.json()
    assert (answer.status_code, body["status"]) == (200, "rejected"), answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-request-id"]
    assert body.keys() == {"status", "error", "spoken_status"}
    assert body["error"].keys() == {"code", "message", "errors"}
    assert body["error"]["code"] == code
    assert all(word in body["spoken_status"] for word in words), body
    return body


async def ask(http: httpx2.AsyncClient, method: str, path: str, **options: Any) -> httpx2.Response:
    """Ask twice: the same refusal has its own status without the parameter."""
    plain = await http.request(method, path, **options)
    assert plain.status_code >= 400, plain.text
    return await http.request(method, f"{path}{'&' if '?' in path else '?'}errors=body", **options)


@pytest.mark.parametrize(
    ("method", "path", "code", "word"),
    [
        ("GET", "/api", "not_found", "dirección"),
        ("GET", "/api/nowhere", "not_found", "dirección"),
        ("GET", "/api/nowhere/products", "not_found", "ambiente"),
        ("GET", START, "method_not_allowed", "operación"),
        ("DELETE", "/api/products", "method_not_allowed", "operación"),
        ("GET", "/api/products?limit=0", "unprocessable_entity", "No fue posible"),
        ("GET", "/api/partners?query=a", "unprocessable_entity", "No fue posible"),
        ("GET", "/api/quotations?cursor=x", "unprocessable_entity", "No fue posible"),
        ("GET", f"/api/quotation/status/{UNKNOWN}/", "not_found", "número de seguimiento"),
        ("GET", f"/api/quotation/{UNKNOWN}/events", "not_found", "número de seguimiento"),
        ("POST", f"/api/quotation/{UNKNOWN}/cancel", "not_found", "número de seguimiento"),
        ("POST", f"/api/quotation/{UNKNOWN}/retry", "not_found", "número de seguimiento"),
    ],
)
async def test_every_path_refuses_in_words(
    http: httpx2.AsyncClient, method: str, path: str, code: str, word: str
) -> None:
    assert_rejected(await ask(http, method, path), code, word)


async def test_what_cannot_be_done_is_said(
    http: httpx2.AsyncClient, start_work: StartWork, script: Script
) -> None:
    script.fail_always(steps.CREATE_LEAD, OdooRejectedError("No such stage."))
    await start_work()
    ended = await start(http, ENVIRONMENT)
    await final(http, ended)

    assert_rejected(await ask(http, "POST", f"/api/quotation/{ended}/cancel"), "conflict", "ya terminó")


async def test_a_dry_run_speaks_the_reason(
    http: httpx2.AsyncClient, start_work: StartWork, script: Script
) -> None:
    script.fail_always(steps.AUTHENTICATE, RequestError(ErrorCode.PRODUCT_NOT_FOUND, "There is no such product."))
    await start_work()
    path = f"/api/{ENVIRONMENT}/quotation/async"

    refused = await ask(http, "POST", f"{path}?dry_run=true", json=unique_body())
    script.recover(steps.AUTHENTICATE)
    checked = await http.post(path, json=unique_body(), params={"dry_run": "true", "errors": "body"})

    assert_rejected(refused, "product_not_found", "el producto no existe")
    assert (checked.json()["status"], checked.status_code) == ("checked", 200)
    assert "correctos" in checked.json()["spoken_status"]


async def test_an_answer_that_is_no_refusal_stays_as_it_is(http: httpx2.AsyncClient) -> None:
    started = await http.post(START, json=unique_body(), params={"errors": "body"})
    cancelled = await http.post(
        f"/api/quotation/{started.json()['tracking_id']}/cancel", params={"errors": "body"}
    )

    assert (started.status_code, started.json()["status"]) == (202, "queued")
    assert (cancelled.status_code, cancelled.json()["spoken_status"]) == (
        202,
        "Ya pedí que se cancele la cotización.",
    )


@pytest.mark.parametrize("query", ["", "errors=", "errors=BODY", "errors=body&errors=body", "a=1&errors=body"])
async def test_ways_to_ask(http: httpx2.AsyncClient, query: str) -> None:
    answer = await http.get(f"/api/quotation/status/{UNKNOWN}?{query}")

    assert answer.status_code == (200 if "body" in query.lower() else 404)


async def test_other_paths_know_nothing_of_it(http: httpx2.AsyncClient) -> None:
    assert (await http.get("/apis?errors=body")).status_code == 404
    assert (await http.get("/nowhere?errors=body")).status_code == 404


async def test_a_body_that_is_too_large(http: httpx2.AsyncClient) -> None:
    body = {**unique_body(), "notes": "x" * 300_000}

    assert_rejected(await ask(http, "POST", START, json=body), "request_entity_too_large", "demasiado grande")


@pytest.mark.parametrize("headers", [{}, bearer("wrong"), {"X-API-Key": "wrong"}])
async def test_a_missing_key(keyed: str, headers: dict[str, str]) -> None:
    async with callers.rest(keyed, headers) as http:
        answer = await ask(http, "GET", "/api/products")

    assert_rejected(answer, "unauthorized", "acceso")


async def test_an_environment_that_the_key_does_not_open(keyed: str) -> None:
    async with callers.rest(keyed, bearer(ANA)) as http:
        assert_rejected(await ask(http, "GET", "/api/prod/products"), "forbidden", "permiso")


async def test_a_host_that_is_not_ours(keyed: str) -> None:
    async with callers.rest(keyed, bearer(ANA) | {"Host": "attacker.example"}) as http:
        assert_rejected(await ask(http, "GET", "/api/products"), "misdirected_request", "No fue posible")


async def test_a_caller_over_the_limit(serve_gateway: StartGateway) -> None:
    with serve_gateway(**callers.SETTINGS, GATEWAY_RATE_LIMIT="1") as url:
        async with callers.rest(url, bearer(ANA)) as http:
            await http.get("/api/quotations")
            answer = await ask(http, "GET", "/api/quotations")

    assert_rejected(answer, "too_many_requests", "demasiadas solicitudes")
    assert int(answer.headers["Retry-After"]) > 0


@pytest.fixture
def lonely(serve_gateway: StartGateway) -> Iterator[str]:
    """A gateway whose Temporal is not there."""
    with serve_gateway(ready="healthz", TEMPORAL_ADDRESS=f"127.0.0.1:{free_port()}") as url:
        yield url


async def test_an_outage(lonely: str) -> None:
    async with callers.rest(lonely) as http:
        answer = await http.post(START, json=unique_body(), params={"errors": "body"})

    assert_rejected(answer, "service_unavailable", "no responde")
    assert int(answer.headers["Retry-After"]) > 0


@pytest.mark.parametrize(
    ("path", "status"), [(f"{START}?errors=body", 200), (START, 431), ("/nowhere?errors=body", 431)]
)
async def test_a_header_that_is_too_large(gateway: str, path: str, status: int) -> None:
    url = urlsplit(gateway)
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    writer.write(f"POST {path} HTTP/1.1\r\nHost: localhost\r\nX-Long: {'x' * 40_000}\r\n\r\n".encode())
    answer = (await reader.read()).decode()
    writer.close()

    head, _, body = answer.partition("\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {status} ")
    assert "x-request-id: " in head.lower()
    if status == 200:
        assert json.loads(body)["error"]["code"] == "request_header_fields_too_large"
