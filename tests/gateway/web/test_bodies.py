import gzip
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from tests.support import callers
from tests.support.callers import ANA

PATH = "/api/quotation/async"
JSON = {"Content-Type": "application/json"}
LIMIT = 256 * 1024


def assert_is_problem(response: httpx2.Response, *statuses: int) -> None:
    assert response.status_code in statuses, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["status"] == response.status_code


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"SECRET",
        b"[]",
        b'["SECRET"]',
        b'"SECRET"',
        b"1",
        b"null",
        b"{'SECRET': 1}",
        b'{"partner_name": "\xff\xfeSECRET"}',
        b'{"partner_name": "\\ud800SECRET"}',
        b'{"\\ud800": "SECRET"}',
        b'{"product_id": NaN}',
        b'{"product_price": Infinity}',
        b'{"product_id": ' + b"9" * 5000 + b"}",
        b'{"product_id": 1' + b"0" * 400 + b"}",
        b'{"product_price": 1' + b"0" * 400 + b"}",
        b'{"product_qty": 1e99999}',
        b"[" * 100_000,
        b'{"lines":' * 20_000 + b"1" + b"}" * 20_000,
    ],
)
async def test_a_body_that_is_no_valid_json_object_is_refused(http: httpx2.AsyncClient, body: bytes) -> None:
    response = await http.post(PATH, content=body, headers=JSON)

    assert_is_problem(response, 400, 422)
    assert "SECRET" not in response.text


@pytest.mark.parametrize("path", [PATH, "/api/prod/quotation/async", "/api/nowhere/quotation/async"])
@pytest.mark.parametrize("body", [b"{", b"SECRET", b"[]", b"\xff"])
async def test_such_a_refusal_can_be_in_the_body_of_a_200(
    http: httpx2.AsyncClient, path: str, body: bytes
) -> None:
    response = await http.post(path, params={"errors": "body"}, content=body, headers=JSON)

    assert (response.status_code, response.json()["status"]) == (200, "rejected")
    assert response.json()["spoken_status"]
    assert "SECRET" not in response.text


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/x-www-form-urlencoded", ";;"])
async def test_a_web_page_s_form_starts_nothing(
    http: httpx2.AsyncClient, request_body: dict[str, Any], content_type: str | None
) -> None:
    headers = {"Content-Type": content_type} if content_type else {}

    response = await http.post(PATH, content=json.dumps(request_body), headers=headers)

    assert_is_problem(response, 422)
    assert "application/json" in response.json()["detail"]


async def test_a_body_of_256_kib_is_read(http: httpx2.AsyncClient, request_body: dict[str, Any]) -> None:
    body = json.dumps(request_body).encode().ljust(LIMIT)

    response = await http.post(PATH, content=body, headers=JSON)

    assert response.status_code == 202


@pytest.mark.parametrize("size", [LIMIT + 1, 20_000_000])
@pytest.mark.parametrize(
    "path",
    [
        PATH,
        "/api/prod/quotation/async",
        "/api/quotation/quot_000000000000/cancel",
        "/api/quotation/quot_000000000000/retry",
        "/mcp",
        "/mcp/messages/",
        "/healthz",
        "/nowhere",
    ],
)
async def test_a_larger_body_is_too_large(http: httpx2.AsyncClient, path: str, size: int) -> None:
    response = await http.post(path, content=b" " * size, headers=JSON)

    assert_is_problem(response, 413)


async def test_a_larger_body_of_unknown_length_is_too_large(http: httpx2.AsyncClient) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(5):
            yield b" " * 60_000

    response = await http.post(PATH, content=chunks(), headers=JSON)

    assert_is_problem(response, 413)


async def test_a_key_sends_no_larger_bodies_and_without_one_none_is_read(keyed: str) -> None:
    async with callers.rest(keyed) as http:
        body = b" " * (LIMIT + 1)
        for path in (PATH, "/mcp", "/mcp/messages/"):
            assert_is_problem(await http.post(path, content=body, headers={**JSON, **callers.bearer(ANA)}), 413)
            assert_is_problem(await http.post(path, content=body, headers=JSON), 401)


async def test_the_gateway_serves_on_after_a_body_that_was_too_large(
    http: httpx2.AsyncClient, request_body: dict[str, Any]
) -> None:
    await http.post(PATH, content=b" " * 1_000_000, headers=JSON)

    response = await http.post(PATH, json=request_body)

    assert response.status_code == 202


@pytest.mark.parametrize(
    ("content_type", "encoding"),
    [
        ("application/json", "utf-8-sig"),
        ("application/json", "utf-16"),
        ("application/json; charset=utf-8", "utf-8-sig"),
        ("application/json; charset=ISO-8859-1", "latin-1"),
        ("application/json;charset=windows-1252", "cp1252"),
        # it says so, and is not
        ("application/json; charset=iso-8859-1", "utf-8"),
    ],
)
async def test_a_body_may_have_a_byte_order_mark_or_name_its_charset(
    http: httpx2.AsyncClient, request_body: dict[str, Any], content_type: str, encoding: str
) -> None:
    sent = json.dumps(request_body | {"lead_name": "Cotización"}, ensure_ascii=False).encode(encoding)
    plain = json.dumps(request_body | {"lead_name": "Cotización"}).encode()
    key = {"Idempotency-Key": f"{content_type} {encoding}"}

    first = await http.post(PATH, content=sent, headers={"Content-Type": content_type} | key)
    second = await http.post(PATH, content=plain, headers=JSON | key)

    assert (first.status_code, second.status_code) == (202, 202), first.text
    assert first.json()["tracking_id"] == second.json()["tracking_id"]


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=punycode"])
async def test_a_body_in_another_charset_is_told_to_be_utf_8(http: httpx2.AsyncClient, content_type: str) -> None:
    response = await http.post(
        PATH, content='{"x": "ó"}'.encode("latin-1"), headers={"Content-Type": content_type}
    )

    assert_is_problem(response, 400)
    assert "UTF-8" in response.json()["detail"]


@pytest.mark.parametrize("path", [PATH, "/mcp"])
async def test_a_compressed_body_is_refused_as_such(
    http: httpx2.AsyncClient, request_body: dict[str, Any], path: str
) -> None:
    body = gzip.compress(json.dumps(request_body).encode())

    for coding in ("gzip", "identity, GZIP"):
        response = await http.post(path, content=body, headers=JSON | {"Content-Encoding": coding})
        assert_is_problem(response, 415)
        assert response.headers["Accept-Encoding"] == "identity"
    plain = await http.post(PATH, json=request_body, headers={"Content-Encoding": "identity"})
    assert plain.status_code == 202


async def test_a_body_may_be_the_json_text_of_a_request_or_its_envelope(
    http: httpx2.AsyncClient, request_body: dict[str, Any]
) -> None:
    retell = {"name": "crear_cotizacion", "call": {"call_id": "c1"}, "args": request_body}
    flat = request_body | {"call": {"call_id": "c1"}, "execution_message": "Un momento."}
    key = {"Idempotency-Key": "an envelope"}
    started = {
        (await http.post(PATH, json=body, headers=key)).json()["tracking_id"]
        for body in (request_body, json.dumps(request_body), retell, flat, {"input": json.dumps(request_body)})
    }
    assert len(started) == 1
