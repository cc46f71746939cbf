"""The page of a quotation, as people reach it by its link, and the links in every status."""

import re
import sys
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from grpc import StatusCode
from mcp.client.client import Client as McpClient
from mcp.client.stdio import StdioServerParameters, stdio_client
from temporalio.client import Client

from gateway.access.page_links import PageLinks
from quotation.identity import new_tracking_id
from tests.gateway.conftest import ServeBehind, StartGateway
from tests.support import callers
from tests.support.callers import ANA, BOB, bearer, local
from tests.support.requests import unique_body
from tests.support.temporal_relay import Relay

Json = dict[str, Any]

START = "/api/quotation/async"


async def start(http: httpx2.AsyncClient, **fields: Any) -> Json:
    response = await http.post(START, json=unique_body(**fields))
    assert response.status_code == 202, response.text
    started: Json = response.json()
    return started


def assert_is_private(response: httpx2.Response) -> None:
    headers = response.headers
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert "noindex" in headers["X-Robots-Tag"]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "*" not in policy


async def test_a_link_opens_the_page_without_a_key(keyed: str) -> None:
    async with callers.rest(keyed, bearer(ANA)) as ana, callers.rest(keyed) as anyone:
        started = await start(ana)
        page = await anyone.get(local(started["page_url"]))

    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert started["tracking_id"] in page.text
    assert_is_private(page)


async def test_the_page_holds_nothing_inline_and_nothing_from_other_hosts(http: httpx2.AsyncClient) -> None:
    page = (await http.get(local((await start(http))["page_url"]))).text

    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page)
    addresses = re.findall(r'(?:src|href)="([^"#][^"]*)"', page)
    assert len(addresses) > 2
    for address in addresses:
        assert address.startswith("/static/")
        file = await http.get(address)
        assert file.status_code == 200
        assert "immutable" in file.headers["Cache-Control"]
        # of another version of the gateway
        other = await http.get(address.replace("?v=", "?v=0"))
        assert other.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("query", ["", "?until=2099-01-01&signature=AAAAAAAAAAAAAAAAAAAAAA", "?signature=&until="])
@pytest.mark.parametrize("path", ["", "/events"])
async def test_without_a_valid_link_nothing_is_shown(keyed: str, query: str, path: str) -> None:
    async with callers.rest(keyed, bearer(ANA)) as ana, callers.rest(keyed) as anyone:
        tracking_id = (await start(ana))["tracking_id"]
        # a key is not a link: a page is what the link opens
        for client in (anyone, ana):
            refused = await client.get(f"/quotation/{tracking_id}{path}{query}")
            assert refused.status_code == 403
            assert tracking_id not in refused.text
            assert "development" not in refused.text
            assert_is_private(refused)


async def test_a_link_opens_one_quotation_and_nothing_else(keyed: str) -> None:
    async with callers.rest(keyed, bearer(ANA)) as ana, callers.rest(keyed) as anyone:
        one, other = await start(ana), await start(ana)
        link = local(one["page_url"])
        query = urlsplit(link).query

        assert (await anyone.get(link.replace(one["tracking_id"], other["tracking_id"]))).status_code == 403
        for path in (one["status_url"], "/api/quotations", f"/api/quotation/{one['tracking_id']}/events"):
            assert (await anyone.get(f"{path}?{query}")).status_code == 401
        for act in ("cancel", "retry"):
            assert (await anyone.post(f"/api/quotation/{one['tracking_id']}/{act}?{query}")).status_code == 401
        assert (await anyone.post(link)).status_code == 405


async def test_another_secret_s_link_opens_nothing(keyed: str, serve_gateway: StartGateway) -> None:
    async with callers.rest(keyed, bearer(ANA)) as ana:
        link = local((await start(ana))["page_url"])
    with serve_gateway(**callers.SETTINGS | {"TRACKING_SECRET": "another one"}) as url:
        async with callers.rest(url) as anyone:
            assert (await anyone.get(link)).status_code == 403


def signed(tracking_id: str, days_ago: int = 0) -> str:
    """Return the link that the gateway `keyed` made so many days ago."""
    links = PageLinks(
        callers.SETTINGS["TRACKING_SECRET"],
        frozenset({"dev"}),
        lambda: datetime.now(UTC) - timedelta(days=days_ago),
    )
    return links.path(tracking_id)


async def test_an_expired_link_says_so_and_shows_nothing(keyed: str) -> None:
    async with callers.rest(keyed, bearer(ANA)) as ana, callers.rest(keyed) as anyone:
        started = await start(ana)
        expired = await anyone.get(signed(started["tracking_id"], days_ago=30))

    assert local(started["page_url"]) == signed(started["tracking_id"])
    assert expired.status_code == 410
    assert "Este enlace ya venció" in expired.text
    assert started["tracking_id"] not in expired.text
    assert_is_private(expired)


async def test_an_unknown_quotation_is_not_found(keyed: str) -> None:
    tracking_id = new_tracking_id()
    async with callers.rest(keyed) as anyone:
        page = await anyone.get(signed(tracking_id))

    assert page.status_code == 404
    assert tracking_id not in page.text
    assert_is_private(page)


async def test_the_language_is_the_browser_s(http: httpx2.AsyncClient) -> None:
    link = local((await start(http))["page_url"])
    spanish = await http.get(link)
    english = await http.get(link, headers={"Accept-Language": "en-GB,en;q=0.9,es;q=0.8"})

    assert spanish.headers["Content-Language"] == "es"
    assert "La cotización está en cola" in spanish.text
    assert english.headers["Content-Language"] == "en"
    assert '<html lang="en">' in english.text
    assert "The quotation is queued" in english.text


async def test_without_javascript_an_unfinished_page_refreshes_itself(
    http: httpx2.AsyncClient, temporal: Client
) -> None:
    started = await start(http)
    link = local(started["page_url"])
    refresh = re.compile(r'<noscript><meta http-equiv="refresh" content="\d+"></noscript>')

    assert refresh.search((await http.get(link)).text)
    await temporal.get_workflow_handle(started["tracking_id"]).terminate()
    assert not refresh.search((await http.get(link)).text)


async def test_events_are_the_page_s_content_until_it_is_final(http: httpx2.AsyncClient, temporal: Client) -> None:
    started = await start(http)
    link = urlsplit(local(started["page_url"]))
    events = f"{link.path}/events?{link.query}"

    async with http.stream("GET", events) as stream:
        assert_is_private(stream)
        lines = stream.aiter_lines()
        async for line in lines:
            if "En cola" in line:
                break
        await temporal.get_workflow_handle(started["tracking_id"]).terminate()
        rest = [line async for line in lines]

    assert any("data-final" in line for line in rest)
    assert any("Alguien la detuvo" in line for line in rest)


async def test_while_temporal_is_away_the_page_tries_again(serve_behind: ServeBehind, relay: Relay) -> None:
    async with serve_behind() as url, callers.rest(url) as http:
        link = local((await start(http))["page_url"])
        relay.fail(StatusCode.UNAVAILABLE, "DescribeWorkflowExecution")
        page = await http.get(link)

    assert page.status_code == 503
    assert page.headers["Retry-After"]
    assert 'http-equiv="refresh"' in page.text
    assert_is_private(page)


async def test_every_answer_about_a_quotation_has_the_same_link(keyed: str) -> None:
    async with callers.rest(keyed, bearer(ANA)) as http:
        started = await start(http)
        tracking_id, page_url = started["tracking_id"], started["page_url"]
        status = (await http.get(started["status_url"])).json()
        async with http.stream("GET", f"/api/quotation/{tracking_id}/events") as stream:
            event = await anext(line async for line in stream.aiter_lines() if line.startswith("data:"))
    for transport in callers.TRANSPORTS:
        async with callers.mcp(keyed, bearer(ANA), transport) as mcp:
            read = await mcp.call_tool("dev_get_quotation_status", {"tracking_id": tracking_id})
            resource = (await mcp.read_resource(f"quotation://{tracking_id}")).contents[0]
            begun = await mcp.call_tool("dev_create_quotation", unique_body() | {"wait_seconds": 0.5})
            assert read.structured_content is not None
            assert begun.structured_content is not None
            assert read.structured_content["page_url"] == page_url
            assert page_url in resource.model_dump_json()
            assert begun.structured_content["page_url"].startswith(f"{keyed}/quotation/quot_")

    assert page_url.startswith(f"{keyed}/quotation/{tracking_id}?until=")
    assert status["page_url"] == page_url
    assert page_url in event


@pytest.mark.parametrize(
    ("headers", "address"),
    [
        ({"Host": "quotations.test"}, "http://quotations.test"),
        ({"Host": "quotations.test", "X-Forwarded-Proto": "https"}, "https://quotations.test"),
        (
            {"Host": "quotations.test", "X-Forwarded-Proto": "https", "X-Forwarded-Prefix": "/ventas"},
            "https://quotations.test/ventas",
        ),
    ],
)
async def test_the_link_has_the_address_that_the_caller_used(
    keyed: str, headers: dict[str, str], address: str
) -> None:
    async with callers.rest(keyed, bearer(BOB) | headers) as http:
        page_url = (await start(http))["page_url"]
    async with callers.rest(keyed, headers) as anyone:
        page = await anyone.get(page_url.removeprefix(address))

    assert page_url.startswith(f"{address}/quotation/quot_")
    assert page.status_code == 200
    prefix = urlsplit(address).path
    assert f'href="{prefix}/static/style.css' in page.text
    assert f'data-events="{prefix}/quotation/' in page.text


async def test_over_stdio_there_is_no_address(temporal_address: str, http: httpx2.AsyncClient) -> None:
    started = await start(http)
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "gateway.stdio"],
        env={"TEMPORAL_ADDRESS": temporal_address},
    )
    async with McpClient(stdio_client(server)) as client:
        read = await client.call_tool("dev_get_quotation_status", {"tracking_id": started["tracking_id"]})

    assert read.structured_content is not None
    assert read.structured_content["page_url"] is None


async def test_readers_of_one_link_have_a_limit_of_their_own(serve_gateway: StartGateway) -> None:
    with serve_gateway(**callers.SETTINGS, GATEWAY_RATE_LIMIT="5") as url:
        async with callers.rest(url, bearer(ANA)) as ana, callers.rest(url) as anyone:
            link = local((await start(ana))["page_url"])
            statuses = [(await anyone.get(link)).status_code for _ in range(6)]
            other = (await ana.get("/api/quotations")).status_code

    assert statuses == [200] * 5 + [429]
    assert other == 200


async def test_metrics_have_no_tracking_ids(http: httpx2.AsyncClient) -> None:
    await http.get(local((await start(http))["page_url"]))
    await http.get(f"/quotation/{new_tracking_id()}")
    metrics = (await http.get("/metrics")).text

    assert 'route="/quotation/{tracking_id}"' in metrics
    assert "/quotation/quot_" not in metrics
