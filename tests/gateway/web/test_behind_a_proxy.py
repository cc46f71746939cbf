"""The gateway behind a proxy that strips a path prefix, and asked by probes and balancers."""

import asyncio
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx2
import pytest
from mcp.client.client import Client

from tests.gateway.conftest import StartGateway
from tests.support import callers
from tests.support.callers import ANA, bearer
from tests.support.issuer import Issuer, serve_issuer
from tests.support.requests import unique_body

WELL_KNOWN = "/.well-known/oauth-protected-resource"
START = "/api/quotation/async"


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with serve_issuer("https://quotations.test/cotiza/mcp") as issuer:
        yield issuer


@pytest.fixture(scope="module")
def prefixed(serve_gateway: StartGateway, issuer: Issuer) -> Iterator[str]:
    settings = {"GATEWAY_OAUTH_ISSUER": issuer.url, "GATEWAY_OAUTH_AUDIENCE": issuer.audience}
    with serve_gateway(**callers.SETTINGS, **settings, GATEWAY_ROOT_PATH="cotiza/") as url:
        yield url


async def assert_all_addresses_have(http: httpx2.AsyncClient, prefix: str) -> None:
    started = await http.post(START, json=unique_body())
    url = f"{prefix}/api/quotation/status/{started.json()['tracking_id']}"
    cancelled = await http.post(f"/api/quotation/{started.json()['tracking_id']}/cancel")
    document = (await http.get("/openapi.json")).json()
    page = (await http.get("/docs")).text

    assert started.status_code == 202
    assert started.headers["Location"] == started.json()["status_url"] == url
    assert cancelled.json()["status_url"] == url
    assert document.get("servers", [{"url": ""}])[0]["url"] == prefix
    addresses = re.findall(r"""(?:src|href|url)\s*[=:]\s*["'](/[^"']*)["']""", page)
    assert addresses
    assert all(address.startswith(f"{prefix}/") for address in addresses), addresses
    for address in addresses:
        assert (await http.get(address.removeprefix(prefix))).status_code == 200


async def test_every_address_has_the_prefix(prefixed: str) -> None:
    async with callers.rest(prefixed, bearer(ANA)) as http:
        await assert_all_addresses_have(http, "/cotiza")


async def test_a_proxy_that_does_not_strip_the_prefix_is_served_too(prefixed: str) -> None:
    async with callers.rest(prefixed, bearer(ANA)) as http:
        assert (await http.get("/cotiza/healthz")).status_code == 200
        assert (await http.post(f"/cotiza{START}", json=unique_body())).status_code == 202
        assert (await http.get("/cotizar/healthz")).status_code == 404


async def test_clients_find_the_issuer_under_the_prefix(prefixed: str, issuer: Issuer) -> None:
    async with callers.rest(prefixed) as http:
        challenge = (await http.post("/mcp")).headers["www-authenticate"]
        [url] = re.findall('resource_metadata="([^"]*)"', challenge)
        metadata = await http.get(urlsplit(url).path.removeprefix("/cotiza"))

    assert url == f"https://quotations.test/cotiza{WELL_KNOWN}/mcp"
    assert metadata.json()["resource"] == issuer.audience


async def test_a_stream_s_messages_have_the_prefix(prefixed: str) -> None:
    async with callers.rest(prefixed, bearer(ANA)) as http, http.stream("GET", "/mcp/sse") as stream:
        async for line in stream.aiter_lines():
            if line.startswith("data: "):
                break

    assert line.startswith("data: /cotiza/mcp/messages/?session_id=")


async def test_a_trusted_proxy_s_prefix_counts(gateway: str) -> None:
    async with callers.rest(gateway, {"X-Forwarded-Prefix": "/ventas/", "X-Forwarded-For": "203.0.113.7"}) as http:
        await assert_all_addresses_have(http, "/ventas")
    async with callers.rest(gateway) as http:
        await assert_all_addresses_have(http, "")


@pytest.mark.parametrize("prefix", ["//attacker.example", "/a/../b", "https://attacker.example", "/a b", '/"', ""])
async def test_a_prefix_that_leads_elsewhere_is_none(gateway: str, prefix: str) -> None:
    async with callers.rest(gateway, {"X-Forwarded-Prefix": prefix}) as http:
        started = await http.post(START, json=unique_body())

    assert started.json()["status_url"].startswith("/api/")


async def test_nobody_else_may_name_a_prefix(serve_gateway: StartGateway) -> None:
    with serve_gateway(FORWARDED_ALLOW_IPS="203.0.113.7") as url:
        async with callers.rest(url, {"X-Forwarded-Prefix": "/ventas"}) as http:
            started = await http.post(START, json=unique_body())

    assert started.json()["status_url"].startswith("/api/")


async def test_a_prefix_like_one_of_our_own_paths(serve_gateway: StartGateway) -> None:
    with serve_gateway(GATEWAY_ROOT_PATH="/api") as url:
        async with callers.rest(url) as http:
            started = await http.post(START, json=unique_body())
        async with Client(f"{url}/mcp") as client:
            assert (await client.list_tools()).tools

    assert started.json()["status_url"].startswith("/api/api/quotation/status/")


PATHS = ["/healthz", "/readyz", "/metrics", "/docs", "/openapi.json", "/api/quotations", "/healthz/"]


@pytest.mark.parametrize("path", [*PATHS, "/api/quotation/status/quot_000000000000", "/nowhere"])
async def test_head_is_answered_as_get_without_a_body(http: httpx2.AsyncClient, path: str) -> None:
    head, get = await http.head(path), await http.get(path)

    assert head.status_code == get.status_code
    assert head.headers["content-type"] == get.headers["content-type"]
    assert head.content == b""
    assert int(head.headers["content-length"]) > 0


@pytest.mark.parametrize("path", ["/mcp/sse", "/mcp/sse/", "/api/quotation/quot_000000000000/events", START])
async def test_head_of_what_is_no_document(http: httpx2.AsyncClient, path: str) -> None:
    assert (await http.head(path)).status_code == 405


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/metrics/"])
@pytest.mark.parametrize("host", ["10.0.0.7:8000", "anything.example", "[fd00::7]:8000", ""])
async def test_probes_and_metrics_are_asked_by_any_host(keyed: str, path: str, host: str) -> None:
    async with callers.rest(keyed, {"Host": host}) as http:
        probed = await http.get(path)
        scraped = await http.get(path, headers=bearer(ANA))
        other = await http.get("/api/quotations", headers=bearer(ANA))

    assert probed.status_code == (401 if path.startswith("/metrics") else 200)
    assert scraped.status_code == 200
    assert other.status_code == 421


async def test_a_probe_without_a_name(gateway: str) -> None:
    url = urlsplit(gateway)
    for path in ("/healthz", "/metrics"):
        reader, writer = await asyncio.open_connection(url.hostname, url.port)
        writer.write(f"GET {path} HTTP/1.0\r\n\r\n".encode())
        assert (await reader.read()).startswith(b"HTTP/1.1 200 ")
        writer.close()


async def test_a_balancer_may_use_a_connection_again_that_was_idle(gateway: str) -> None:
    address = httpx2.URL(gateway)
    reader, writer = await asyncio.open_connection(address.host, address.port)
    for pause in (6.5, 0):
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: 10.1.2.3\r\n\r\n")
        answer = await reader.readuntil(b'"}')
        assert answer.startswith(b"HTTP/1.1 200 ")
        # longer than servers keep connections by default
        await asyncio.sleep(pause)
    writer.close()
