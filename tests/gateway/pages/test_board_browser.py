"""The board in a real browser: it fits, is accessible, signs in, refreshes itself, and runs nothing hostile.

With `SCREENSHOTS=folder`, a picture of each page is kept there.
"""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect
from temporalio.client import Client

from activities.failures import RequestError
from quotation import steps
from quotation.errors import ErrorCode
from tests.gateway.conftest import StartGateway
from tests.gateway.pages.test_browser import SCHEMES, WIDTHS, errors_of, keep_screenshot
from tests.support.callers import bearer, rest
from tests.support.requests import unique_body
from tests.support.script import Script
from tests.support.scripted_worker import sweep
from tests.support.serving import serving

HERE = "pizarra"
HOSTILE = "<script>window.isRun = true</script><img src=x onerror='window.isRun = true'>"


@pytest.fixture(scope="module")
def board(serve_gateway: StartGateway) -> Iterator[str]:
    keys = f"ana:key-of-ana:{HERE},olga:key-of-olga:{HERE}:operate"
    with serve_gateway(ENVIRONMENTS=HERE, GATEWAY_API_KEYS=keys, TRACKING_SECRET="tracking-secret") as url:
        yield url


@pytest.fixture
async def failed(board: str, temporal: Client) -> AsyncIterator[str]:
    """The id of a failed quotation; a retry of it completes."""
    await sweep(temporal, HERE)
    script = Script()
    script.fail(steps.AUTHENTICATE, RequestError(ErrorCode.PRODUCT_NOT_FOUND, HOSTILE))
    async with serving(temporal, HERE, script.activities()), rest(board, bearer("key-of-ana")) as ana:
        status = await ana.post("/api/quotation/async?wait=30", json=unique_body(partner_name=HOSTILE))
        yield status.json()["tracking_id"]
    await sweep(temporal, HERE)


async def sign_in(page: Page, path: str = "/board") -> None:
    await page.goto(path)
    await page.get_by_label("Key").fill("key-of-olga")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("button", name="Sign out")).to_be_visible()


@pytest.mark.timeout(300)
async def test_every_page_is_accessible_and_fits(browser: Browser, board: str, failed: str) -> None:
    paths = {
        "list": "/board",
        "filtered": "/board?status=failed&error_code=product_not_found&since=24h",
        "empty": "/board?owner=nobody",
        "story": f"/board/{failed}",
        "confirm": f"/board/{failed}/retry",
        "correct": f"/board/{failed}/correct",
        "retry_all": "/board/retry-all?status=failed&since=today",
        "wrong": "/board?since=soon",
    }
    problems: dict[str, Any] = {}
    for width_name, width in WIDTHS.items():
        for scheme in SCHEMES:
            async with await browser.new_context(
                base_url=board,
                viewport={"width": width, "height": 844},
                color_scheme=scheme,  # type: ignore[arg-type]
            ) as context:
                page = await context.new_page()
                await page.goto("/board")
                pages = {"sign_in": "", **paths}
                errors = errors_of(page)
                for name, path in pages.items():
                    if path:
                        await page.goto(path)
                    await keep_screenshot(page, f"board-{name}-{width_name}-{scheme}")
                    found = await Axe().run(page)
                    is_wide = await page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
                    if found.violations_count or is_wide:
                        report = [(one["id"], one["nodes"][0]["html"]) for one in found.response["violations"]]
                        problems[f"{name} {width} {scheme}"] = (report, is_wide)
                    # to the browser, a refusal is an error
                    if errors and name not in ("sign_in", "wrong"):
                        problems[f"{name} console"] = list(errors)
                    if not path:
                        await sign_in(page)
                    errors.clear()
    assert problems == {}


async def test_an_operator_signs_in_where_a_link_leads_and_retries(
    browser: Browser, board: str, failed: str
) -> None:
    async with await browser.new_context(base_url=board) as context:
        page = await context.new_page()
        await sign_in(page, f"/board?status=failed&words={failed}")
        await page.get_by_role("link", name=failed).click()
        await expect(page.locator("article")).to_contain_text(HOSTILE)
        await page.get_by_role("link", name="Retry…", exact=True).click()
        await page.get_by_role("button", name="Retry the quotation").click()

        await expect(page.get_by_role("status").first).to_have_text("It is running again under the same id.")
        # the page refreshes itself
        await expect(page.locator("article .badge")).to_have_text("Completed", timeout=30_000)
        await expect(page.locator(".facts").last).to_contain_text(HOSTILE)
        assert await page.evaluate("window.isRun") is None
        await page.get_by_role("button", name="Sign out").click()
        await expect(page.get_by_role("heading")).to_have_text("Sign in to the board")


async def test_the_list_refreshes_and_keeps_what_somebody_types(browser: Browser, board: str, failed: str) -> None:
    async with await browser.new_context(base_url=board) as context:
        page = await context.new_page()
        await sign_in(page, "/board?status=completed")
        await page.get_by_label("Owner").fill("half a na")
        async with rest(board, bearer("key-of-olga")) as olga:
            assert (await olga.post(f"/api/quotation/{failed}/retry")).status_code == 202

        await expect(page.get_by_role("link", name=failed)).to_be_visible(timeout=30_000)
        await expect(page.get_by_label("Owner")).to_have_value("half a na")
        await expect(page.get_by_label("Status")).to_have_value("completed")


async def test_a_link_on_another_site_finds_the_session(browser: Browser, board: str) -> None:
    async with await browser.new_context() as context:
        page = await context.new_page()
        await page.goto(f"{board}/board")
        await page.get_by_label("Key").fill("key-of-olga")
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_role("button", name="Sign out")).to_be_visible()
        # localhost is another site than 127.0.0.1
        await page.route(
            "http://localhost/",
            lambda route: route.fulfill(
                content_type="text/html", body=f'<a href="{board}/board?status=failed">go</a>'
            ),
        )
        await page.goto("http://localhost/")
        await page.get_by_role("link").click()

        await expect(page.get_by_role("button", name="Sign out")).to_be_visible()
        assert page.url == f"{board}/board?status=failed"


async def test_without_javascript_everything_works(browser: Browser, board: str, failed: str) -> None:
    async with await browser.new_context(base_url=board, java_script_enabled=False) as context:
        page = await context.new_page()
        await sign_in(page, f"/board/{failed}/correct")
        await page.get_by_label("Product id").fill("7")
        await page.get_by_role("button", name="Retry with these values").click()

        await expect(page.locator("article .badge")).to_have_text("Completed", timeout=30_000)
