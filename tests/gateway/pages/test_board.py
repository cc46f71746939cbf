"""The board: who sees it, what it lists, and who may act on it."""

import asyncio
import html
import json
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import grpc
import httpx2
import pytest
from temporalio.client import Client

from activities.failures import RequestError
from gateway.access.board_sessions import COOKIE
from odoo_client import OdooUnavailableError
from quotation import steps
from quotation.errors import ErrorCode
from quotation.identity import new_tracking_id
from sandbox.ports import free_port
from sandbox.processes import Process, start_module, wait_until_healthy
from tests.gateway.conftest import ServeBehind
from tests.gateway.pages.test_page import assert_is_private
from tests.support.callers import bearer, rest
from tests.support.requests import unique_body
from tests.support.script import Script
from tests.support.scripted_worker import sweep
from tests.support.serving import serving
from tests.support.temporal_relay import VISIBILITY, Relay

HERE = "tablero"
KEYS = f"ana:key-of-ana:{HERE},jefa:key-of-jefa:{HERE}:all,olga:key-of-olga:{HERE}:operate"
SETTINGS = {
    "ENVIRONMENTS": HERE,
    "GATEWAY_API_KEYS": KEYS,
    "TRACKING_SECRET": "tracking-secret",
    "TEMPORAL_UI_URL": "https://temporal.example/",
    "GATEWAY_PUBLIC_HOSTS": "quotations.test,evil.test",
}
NO_PRODUCT = "Product <b>1</b> does not exist."
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def process(temporal_address: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Process, str]]:
    port = free_port()
    settings = {**SETTINGS, "TEMPORAL_ADDRESS": temporal_address, "GATEWAY_PORT": str(port)}
    log: Path = tmp_path_factory.mktemp("board") / "gateway.log"
    process = start_module("gateway", log, settings)
    try:
        wait_until_healthy(process, f"http://127.0.0.1:{port}/readyz")
        yield process, f"http://127.0.0.1:{port}"
    finally:
        process.kill()
    assert not any(word in process.output for word in ("key-of", "Acme", "acme", "Traceback"))


@pytest.fixture
def url(process: tuple[Process, str]) -> str:
    return process[1]


@pytest.fixture
async def anyone(url: str) -> AsyncIterator[httpx2.AsyncClient]:
    async with rest(url) as http:
        yield http


@pytest.fixture
async def ana(url: str) -> AsyncIterator[httpx2.AsyncClient]:
    async with rest(url, bearer("key-of-ana")) as http:
        yield http


@pytest.fixture
async def olga(url: str) -> AsyncIterator[httpx2.AsyncClient]:
    async with rest(url) as http:
        await sign_in(http, "key-of-olga")
        yield http


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
async def _work(temporal: Client, script: Script) -> AsyncIterator[None]:
    await sweep(temporal, HERE)
    async with serving(temporal, HERE, script.activities()):
        yield
    await sweep(temporal, HERE)


async def sign_in(http: httpx2.AsyncClient, key: str) -> httpx2.Response:
    return await http.post("/board/sign-in", data={"key": key})


async def failed(ana: httpx2.AsyncClient, script: Script, **fields: Any) -> str:
    script.fail(steps.AUTHENTICATE, RequestError(ErrorCode.PRODUCT_NOT_FOUND, NO_PRODUCT))
    return await ended(ana, **fields)


async def ended(ana: httpx2.AsyncClient, **fields: Any) -> str:
    status = (await ana.post("/api/quotation/async?wait=30", json=unique_body(**fields))).json()
    assert status["completed_at"] is not None
    return str(status["tracking_id"])


def fields_in(page: str) -> dict[str, str]:
    """Return the hidden fields of the last form of a page."""
    form = page.rpartition("<form")[2]
    return {
        html.unescape(name): html.unescape(value)
        for name, value in re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', form)
    }


async def until_listed(http: httpx2.AsyncClient, tracking_id: str, query: str = "") -> str:
    for _ in range(200):
        page = (await http.get(f"/board{query}")).text
        if f'href="/board/{tracking_id}"' in page:
            return page
    raise AssertionError("it is not listed")


def audited(process: Process, tracking_id: str) -> list[tuple[str, str]]:
    lines = [line for line in process.output.splitlines() if tracking_id in line and '"quotation_owner"' in line]
    entries = [json.loads(line[line.index("{") :]) for line in lines]
    return [(entry["action"], entry["owner"]) for entry in entries]


async def test_without_a_session_nothing_is_shown(anyone: httpx2.AsyncClient, ana: httpx2.AsyncClient) -> None:
    tracking_id = (await ana.post("/api/quotation/async", json=unique_body())).json()["tracking_id"]
    for path in ("/board", f"/board/{tracking_id}", f"/board/{tracking_id}/retry", "/board/retry-all"):
        for cookie in ("", "a.1.b.c", "...", "x" * 5000):
            page = await anyone.get(path, headers={"Cookie": f"{COOKIE}={cookie}"})
            assert page.status_code == 401
            assert "Sign in" in page.text
            assert not re.search(rf"development|{HERE}<|<code>quot_", page.text)


async def test_a_key_opens_a_session_that_holds_no_key(anyone: httpx2.AsyncClient) -> None:
    wrong = await sign_in(anyone, "key-of-nobody")
    right = await anyone.post("/board/sign-in", data={"key": " key-of-jefa ", "after": "/board?status=failed"})
    cookie = right.headers["Set-Cookie"]

    assert wrong.status_code == 401
    assert "Set-Cookie" not in wrong.headers
    assert (right.status_code, right.headers["Location"]) == (303, "/board?status=failed")
    assert {"HttpOnly", "Path=/board", "SameSite=strict", "Max-Age=28800"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    assert not re.search(r"key-of|jefa", cookie)
    assert (await anyone.get("/board")).status_code == 200


async def test_over_https_the_cookie_is_secure_and_under_the_prefix(url: str) -> None:
    proxied = {"X-Forwarded-Proto": "https", "X-Forwarded-Prefix": "/ventas", "Host": "quotations.test"}
    async with rest(url, proxied) as http:
        opened = await sign_in(http, "key-of-olga")

    assert opened.headers["Location"] == "/ventas/board"
    assert {"Secure", "Path=/ventas/board"} <= set(opened.headers["Set-Cookie"].split("; "))


@pytest.mark.parametrize(
    "after", ["https://evil.test/board", "//evil.test", "/board//evil.test\\", "/api", "/boardx"]
)
async def test_signing_in_leads_nowhere_else(anyone: httpx2.AsyncClient, after: str) -> None:
    opened = await anyone.post("/board/sign-in", data={"key": "key-of-jefa", "after": after})

    assert opened.headers["Location"] == "/board"


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://evil.test"}])
async def test_other_pages_cannot_sign_in(anyone: httpx2.AsyncClient, headers: dict[str, str]) -> None:
    refused = await anyone.post("/board/sign-in", data={"key": "key-of-jefa"}, headers=headers)

    assert refused.status_code == 403
    assert "Set-Cookie" not in refused.headers


async def test_signing_out_removes_the_cookie(olga: httpx2.AsyncClient) -> None:
    forged = await olga.post("/board/sign-out", data={"token": "forged"})
    out = await olga.post("/board/sign-out", data=fields_in((await olga.get("/board/retry-all")).text))

    assert forged.status_code == 403
    assert out.status_code == 303
    assert "Max-Age=0" in out.headers["Set-Cookie"]
    assert (await olga.get("/board")).status_code == 401


async def test_a_key_without_the_right_sees_nothing_and_headers_do(anyone: httpx2.AsyncClient, url: str) -> None:
    await sign_in(anyone, "key-of-ana")

    assert (await anyone.get("/board")).status_code == 403
    async with rest(url) as http:
        for key, expected in (("key-of-ana", 403), ("key-of-jefa", 200), ("key-of-olga", 200)):
            assert (await http.get("/board", headers=bearer(key))).status_code == expected


async def test_a_session_opens_only_the_board(olga: httpx2.AsyncClient) -> None:
    assert (
        await olga.get("/api/quotations", headers={"Cookie": "; ".join(map("=".join, olga.cookies.items()))})
    ).status_code == 401


async def test_the_board_is_private_and_holds_nothing_inline(olga: httpx2.AsyncClient) -> None:
    page = await olga.get("/board")

    assert page.headers["Referrer-Policy"] == "same-origin"
    page.headers["Referrer-Policy"] = "no-referrer"
    assert_is_private(page)
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page.text)


@pytest.mark.usefixtures("_work")
async def test_filters_select_and_links_keep_them(
    ana: httpx2.AsyncClient, olga: httpx2.AsyncClient, script: Script
) -> None:
    lost, done = await failed(ana, script), await ended(ana)
    await until_listed(olga, done)
    page = await until_listed(olga, lost, "?status=failed&error_code=product_not_found&owner=ana&since=1h")

    assert done not in page
    assert 'value="product_not_found" selected' in page
    assert "/board/retry-all?status=failed&amp;error_code=product_not_found&amp;owner=ana&amp;since=1h" in page
    for query in (f"environment={HERE}", f"words={lost[:10]}", "since=today", "since=2026-01-01"):
        assert lost in (await olga.get(f"/board?status=failed&{query}")).text
    for query in ("owner=bob", "error_code=user_not_found", "words=zzz", "status=completed", "since=2199-01-01"):
        assert lost not in (await olga.get(f"/board?{query}")).text


@pytest.mark.parametrize(
    ("query", "active"),
    [
        ("", "All"),
        ("?status=failed&since=today", "Failed today"),
        ("?since=today&status=failed&environment=tablero", None),
        ("?status=queued", "Queued"),
    ],
)
async def test_the_ready_made_filter_that_is_set_is_marked(
    olga: httpx2.AsyncClient, query: str, active: str | None
) -> None:
    page = await olga.get(f"/board{query}")

    marked = re.findall(r'<a href="/board([^"]*)" aria-current="page">([^<]*)</a>', page.text)
    assert [(html.unescape(address), label) for address, label in marked] == ([(query, active)] if active else [])


@pytest.mark.usefixtures("_work")
async def test_the_bars_count_runs_and_say_so(
    ana: httpx2.AsyncClient, olga: httpx2.AsyncClient, script: Script
) -> None:
    def failures(page: str) -> tuple[int, int]:
        quotations = re.search(r"<strong>(\d+)</strong> <span>Failed<", page)
        runs = re.search(r'"Runs that ended in the last 24 hours, by hour: .* (\d+) failed"', page)
        assert quotations
        assert runs
        return int(quotations[1]), int(runs[1])

    retried = await failed(ana, script)
    await ana.post(f"/api/quotation/{retried}/retry")
    await ana.get(f"/api/quotation/status/{retried}?wait=30")

    # the counts are kept for some seconds
    async with asyncio.timeout(20):
        while True:
            quotations, runs = failures((await olga.get("/board")).text)
            if quotations < runs:
                break
            await asyncio.sleep(0.5)


@pytest.mark.usefixtures("_work")
async def test_each_error_says_what_it_is_and_leads_on(
    ana: httpx2.AsyncClient, olga: httpx2.AsyncClient, temporal: Client, script: Script
) -> None:
    page = await until_listed(olga, await failed(ana, script), "?status=failed&error_code=product_not_found")
    # the counts are kept for some seconds
    async with asyncio.timeout(20):
        while html.escape(NO_PRODUCT) not in (errors := page.partition("by-error")[2].partition("</section>")[0]):
            await asyncio.sleep(0.5)
            page = (await olga.get("/board")).text

    assert 'href="/board/retry-all?status=failed&amp;error_code=product_not_found&amp;since=24h"' in errors
    filtered = [unquote(one) for one in re.findall(r'href="https://temporal.example/([^"]*)"', page)]
    assert len(filtered) == len({*filtered}) > 2
    for one, clause in zip(
        (filtered[0], filtered[1], filtered[-1]),
        ("QuotationStatus = 'failed'", "ExecutionStatus = 'Running'", "ErrorCode = "),
        strict=True,
    ):
        path, _, query = one.partition("?query=")
        assert path == "namespaces/default/workflows"
        assert clause in query
        # Temporal understands it
        await temporal.count_workflows(query)


@pytest.mark.usefixtures("_work")
async def test_a_step_that_is_tried_again_is_seen_in_the_list(
    ana: httpx2.AsyncClient, olga: httpx2.AsyncClient, script: Script
) -> None:
    script.fail_always(steps.CREATE_LEAD, OdooUnavailableError("Odoo did not answer."))
    started = (await ana.post("/api/quotation/async", json=unique_body())).json()
    async with asyncio.timeout(20):
        while (await ana.get(started["status_url"])).json()["retrying"] is None:
            await asyncio.sleep(0.1)
    page = await until_listed(olga, started["tracking_id"])
    script.recover(steps.CREATE_LEAD)

    row = next(one for one in page.split("<tr>") if started["tracking_id"] in one)
    assert '<span class="badge retrying">Retrying</span>' in row
    assert "<code>odoo_unavailable</code>, attempt" in row


@pytest.mark.parametrize(
    "query", ["status=lost", "since=soon", "cursor=abc", "environment=mars", "words=" + "x" * 301]
)
async def test_a_filter_that_is_not_valid_is_said(olga: httpx2.AsyncClient, query: str) -> None:
    page = await olga.get(f"/board?{query}")

    assert page.status_code in (404, 422)
    assert "The list cannot be shown" in page.text


async def test_hostile_filters_stay_texts(olga: httpx2.AsyncClient) -> None:
    hostile = "\"><script>alert('x')</script>"
    for name in ("owner", "words", "since", "environment", "error_code"):
        page = await olga.get("/board", params={name: hostile})
        assert "<script>alert" not in page.text
        assert '"><script' not in page.text


@pytest.mark.usefixtures("_work")
async def test_a_story_tells_all_and_escapes_it(
    ana: httpx2.AsyncClient, olga: httpx2.AsyncClient, script: Script
) -> None:
    tracking_id = await failed(ana, script)
    page = (await olga.get(f"/board/{tracking_id}")).text

    assert "Product &lt;b&gt;1&lt;/b&gt; does not exist." in page
    assert "<code>product_not_found</code> at step <strong>auth</strong>" in page
    run = re.search(
        rf'href="https://temporal.example/namespaces/default/workflows/{tracking_id}/([^/"]+)/history"', page
    )
    assert run
    assert run[1] in page.replace(run[0], "")
    assert f"/quotation/{tracking_id}?until=" in page
    assert f'href="/board/{tracking_id}/correct"' in page
    assert (await olga.get(f"/board/{new_tracking_id()}")).status_code == 404


@pytest.mark.usefixtures("_work")
async def test_an_operator_retries_corrects_and_cancels_and_the_audit_names_them(
    process: tuple[Process, str], ana: httpx2.AsyncClient, olga: httpx2.AsyncClient, script: Script
) -> None:
    tracking_id = await failed(ana, script)
    script.fail(steps.AUTHENTICATE, RequestError(ErrorCode.PRODUCT_NOT_FOUND, NO_PRODUCT))
    for act, more in (("retry", {}), ("correct", {"product_id": "7"}), ("cancel", {})):
        if act == "correct":
            script.hold(steps.CREATE_LEAD)
        page = await olga.get(f"/board/{tracking_id}/{act}")
        assert page.status_code == 200
        done = await olga.post(f"/board/{tracking_id}/{act}", data=fields_in(page.text) | more)
        assert done.status_code == 303, done.text
        assert done.headers["Location"].startswith(f"/board/{tracking_id}?done=")
        if act == "retry":
            await ana.get(f"/api/quotation/status/{tracking_id}?wait=30")
    script.release(steps.CREATE_LEAD)
    status = (await ana.get(f"/api/quotation/status/{tracking_id}?wait=30")).json()

    assert status["status"] == "cancelled"
    assert audited(process[0], tracking_id) == [
        ("start", "ana"),
        ("retry", "olga"),
        ("retry", "olga"),
        ("cancel", "olga"),
    ]


@pytest.mark.usefixtures("_work")
async def test_a_correction_that_is_not_valid_comes_back_with_what_was_typed(
    ana: httpx2.AsyncClient, olga: httpx2.AsyncClient, script: Script
) -> None:
    tracking_id = await failed(ana, script)
    fields = fields_in((await olga.get(f"/board/{tracking_id}/correct")).text)
    answer = await olga.post(f"/board/{tracking_id}/correct", data=fields | {"email": "<nobody>"})

    assert answer.status_code == 422
    assert 'value="&lt;nobody&gt;"' in answer.text
    assert "<code>email</code>" in answer.text


@pytest.mark.usefixtures("_work")
async def test_all_that_match_are_counted_then_retried(
    process: tuple[Process, str], ana: httpx2.AsyncClient, olga: httpx2.AsyncClient, script: Script
) -> None:
    ids = [await failed(ana, script) for _ in range(2)]
    query = f"?status=failed&words={ids[0]}"
    for one in ids:
        await until_listed(olga, one, "?status=failed")
    page = await olga.get(f"/board/retry-all{query}")
    done = await olga.post("/board/retry-all", data=fields_in(page.text))

    assert "Retry 1 failed quotation?" in page.text
    assert ids[1] not in page.text
    assert done.headers["Location"] == f"/board{query}&retried=1&remaining=0"
    assert "1 quotation is running again" in (await olga.get(done.headers["Location"])).text
    assert audited(process[0], ids[0]) == [("start", "ana"), ("retry", "olga")]
    assert audited(process[0], ids[1]) == [("start", "ana")]


async def test_a_key_that_only_reads_has_no_buttons_and_acts_on_nothing(
    process: tuple[Process, str], ana: httpx2.AsyncClient, anyone: httpx2.AsyncClient
) -> None:
    tracking_id = (await ana.post("/api/quotation/async", json=unique_body())).json()["tracking_id"]
    await sign_in(anyone, "key-of-jefa")
    story = await anyone.get(f"/board/{tracking_id}")
    token = fields_in(story.text)

    assert story.status_code == 200
    assert not re.search(r"/(cancel|retry|correct|retry-all)\b", story.text)
    assert "retry-all" not in (await anyone.get("/board?status=failed")).text
    for path in (f"/board/{tracking_id}/{act}" for act in ("cancel", "retry", "correct")):
        assert (await anyone.get(path)).status_code == 403
        assert (await anyone.post(path, data=token)).status_code == 403
    assert (await anyone.post("/board/retry-all", data=token)).status_code == 403
    assert audited(process[0], tracking_id) == [("start", "ana")]


async def test_a_form_counts_only_from_our_page_and_its_session(
    process: tuple[Process, str], ana: httpx2.AsyncClient, olga: httpx2.AsyncClient, url: str
) -> None:
    tracking_id = (await ana.post("/api/quotation/async", json=unique_body())).json()["tracking_id"]
    cancel = f"/board/{tracking_id}/cancel"
    mine = fields_in((await olga.get(cancel)).text)
    async with rest(url) as http:
        await sign_in(http, "key-of-olga")
        others = fields_in((await http.get(cancel)).text)
    refused = [
        await olga.post(cancel),
        await olga.post(cancel, data={"token": ""}),
        await olga.post(cancel, data=others),
        await olga.post(cancel, json=mine),
        await olga.post(cancel, data=mine, headers={"Sec-Fetch-Site": "cross-site"}),
        await olga.post(cancel, data=mine, headers={"Sec-Fetch-Site": "same-site"}),
        await olga.post(cancel, data=mine, headers={"Origin": "http://evil.test"}),
        await olga.post(cancel, data=mine, headers={"Origin": "null"}),
        # acts are never links
        await olga.get(cancel),
    ]

    assert [answer.status_code for answer in refused] == [403] * 8 + [200]
    assert mine != others
    assert audited(process[0], tracking_id) == [("start", "ana")]
    assert (await olga.post(cancel, data=mine, headers={"Origin": url})).status_code == 303


async def test_a_link_from_elsewhere_finds_the_session(
    olga: httpx2.AsyncClient, anyone: httpx2.AsyncClient
) -> None:
    cross_site = {"Sec-Fetch-Site": "cross-site"}
    # a browser keeps the strict cookie back
    first = await anyone.get("/board?status=failed", headers=cross_site)

    assert '<meta http-equiv="refresh" content="0">' in first.text
    assert (await olga.get("/board?status=failed")).status_code == 200
    assert "Sign in" in (await anyone.get("/board", headers={"Sec-Fetch-Site": "same-origin"})).text


async def test_while_visibility_is_away_the_rest_is_shown(serve_behind: ServeBehind, relay: Relay) -> None:
    async with serve_behind() as url, rest(url) as http:
        tracking_id = (await http.post("/api/quotation/async", json=unique_body())).json()["tracking_id"]
        relay.fail(grpc.StatusCode.UNAVAILABLE, *VISIBILITY)
        page = await http.get("/board")
        opened = await http.get(f"/board/open?tracking_id={tracking_id}")
        story = await http.get(opened.headers["Location"])

    assert page.status_code == 503
    assert "The list cannot be shown" in page.text
    assert "The counts are not known" in page.text
    assert 'action="/board/open"' in page.text
    assert story.status_code == 200


async def test_a_gateway_without_keys_has_an_open_board_but_no_forged_forms(http: httpx2.AsyncClient) -> None:
    tracking_id = (await http.post("/api/quotation/async", json=unique_body())).json()["tracking_id"]
    cancel = f"/board/{tracking_id}/cancel"
    token = fields_in((await http.get(cancel)).text)

    assert (await http.get("/board")).status_code == 200
    assert (await http.post(cancel)).status_code == 403
    assert (await http.post(cancel, data=token)).status_code == 303
