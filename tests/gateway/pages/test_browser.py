"""The pages in a real browser: each state, at the width of a phone and of a desk, light and dark.

With `SCREENSHOTS=folder`, a picture of each is kept there.
"""

import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect
from temporalio.client import Client, WorkflowHandle

from gateway.access.page_links import PageLinks
from gateway.settings import DEVELOPMENT_SECRET
from quotation import texts
from quotation.errors import ErrorCode
from quotation.identity import new_tracking_id
from quotation.status import Failure, QuotationStatus, Result, ResultLine, State, Step
from quotation.warning import QuotationWarning, WarningCode
from tests.support.callers import local
from tests.support.requests import unique_body
from tests.support.scripted_quotation import Attempts, ScriptedQuotation, scripted_worker
from tests.support.scripted_worker import ENVIRONMENT, sweep

Handle = WorkflowHandle[Any, Any]

NOW = datetime.now(UTC)
WIDTHS = {"phone": 390, "desk": 1280}
SCHEMES = ("light", "dark")


def line(number: int, name: str, quantity: float, price: float, discount: float = 0) -> ResultLine:
    subtotal = round(quantity * price * (1 - discount / 100), 2)
    return ResultLine(
        line_id=47586 + number,
        product_id=26173 + number,
        name=name,
        quantity=quantity,
        price_unit=price,
        discount=discount,
        subtotal=subtotal,
    )


ONE_LINE = [line(1, "[MT1] Robot PUDU", 1, 15950)]
SEVERAL_LINES = [
    line(1, "[MT1] Robot PUDU", 2, 15950),
    line(2, "[SRV-INST] Instalación y puesta en marcha en sitio, con capacitación del personal", 1, 4800, 10),
    line(3, "[PÓL-12] Póliza de mantenimiento", 12, 349.5),
    line(4, "[ACC] Estación de carga", 0.5, 0),
]


def result(lines: list[ResultLine], steps: int = 5) -> Result:
    """Return what exists after so many steps with a text."""
    untaxed = sum(one.subtotal for one in lines)
    products = "; ".join(texts.line_added(one.name, one.price_unit, one.line_id) for one in lines)
    records: list[tuple[str, str, dict[str, Any]]] = [
        (
            "partner",
            texts.partner_created("Acme Corp", 124258),
            {"partner_id": 124258, "partner_name": "Acme Corp"},
        ),
        (
            "lead",
            texts.lead_created("Cotización Robot PUDU", 27414),
            {"lead_id": 27414, "lead_name": "Cotización Robot PUDU"},
        ),
        ("opportunity", texts.converted(27414), {"opportunity_id": 27414}),
        (
            "sale_order",
            texts.order_created("S15433", 18694),
            {
                "sale_order_id": 18694,
                "sale_order_name": "S15433",
                "sale_order_url": "https://odoo.example/odoo/sales/18694",
            },
        ),
        (
            "product",
            products,
            {
                "lines": lines,
                "amount_untaxed": untaxed,
                "amount_tax": untaxed * 0.16,
                "amount_total": untaxed * 1.16,
                "currency": "MXN",
            },
        ),
    ]
    fields: dict[str, Any] = {}
    for _, _, more in records[:steps]:
        fields |= more
    return Result(environment="taller", steps={key: text for key, text, _ in records[:steps]}, **fields)


def status(tracking_id: str, **fields: Any) -> QuotationStatus:
    about = {"tracking_id": tracking_id, "environment": "taller", "created_at": NOW - timedelta(seconds=18.5)}
    return QuotationStatus(**{**about, "result": result([], 0), **fields})


def processing(tracking_id: str) -> QuotationStatus:
    return status(tracking_id, status=State.PROCESSING, step=Step.CONVERT, result=result([], 2))


def completed(tracking_id: str, lines: list[ResultLine]) -> QuotationStatus:
    return status(tracking_id, status=State.COMPLETED, step=Step.DONE, completed_at=NOW, result=result(lines, 5))


class Quotations:
    """Starts quotations and puts each into a state."""

    def __init__(self, http: httpx2.AsyncClient, temporal: Client) -> None:
        self._http = http
        self._temporal = temporal

    async def start(self) -> tuple[str, Handle]:
        """Return the link of a new quotation, and its run."""
        started = (await self._http.post(f"/api/{ENVIRONMENT}/quotation/async", json=unique_body())).json()
        return local(started["page_url"]), self._temporal.get_workflow_handle(started["tracking_id"])

    async def showing(self, shown: QuotationStatus) -> str:
        """Return the link of a quotation with this status, whatever its id is."""
        link, run = await self.start()
        shown = shown.model_copy(update={"tracking_id": run.id})
        await run.signal(ScriptedQuotation.show, shown)
        await run.signal(ScriptedQuotation.publish, shown)
        if shown.status.is_final:
            await run.signal(ScriptedQuotation.end, "complete")
            await run.result()
        return link

    async def retrying(self) -> str:
        """Return the link of a quotation whose lead could not be created twice."""
        link = await self.showing(status("", status=State.PROCESSING, step=Step.LEAD, result=result([], 1)))
        run = self._temporal.get_workflow_handle(link.removeprefix("/quotation/").partition("?")[0])
        sentence = "Odoo did not answer within 30 seconds."
        failures = Attempts(
            activity="create_lead", failures=100, pause=40, error=sentence, code="odoo_unavailable"
        )
        await run.signal(ScriptedQuotation.attempt, failures)
        while not (await self._http.get(f"/api/quotation/status/{run.id}")).json()["retrying"]:
            pass
        return link


@pytest.fixture
async def quotations(http: httpx2.AsyncClient, temporal: Client) -> AsyncIterator[Quotations]:
    await sweep(temporal, ENVIRONMENT)
    yield Quotations(http, temporal)
    await sweep(temporal, ENVIRONMENT)


@pytest.fixture
async def worker(temporal: Client) -> AsyncIterator[None]:
    async with scripted_worker(temporal, ENVIRONMENT):
        yield


async def links_of_all_states(quotations: Quotations, temporal: Client) -> dict[str, str]:
    failure = Failure(
        code=ErrorCode.PRODUCT_NOT_FOUND, message="There is no product for sale with the id 26174.", step=Step.AUTH
    )
    warnings = [
        QuotationWarning(code=WarningCode.FREE_LINE, message=""),
        QuotationWarning(code=WarningCode.PARTNER_NAME_DIFFERS, message=""),
    ]
    async with scripted_worker(temporal, ENVIRONMENT):
        links = {
            "processing": await quotations.showing(processing("")),
            "retrying": await quotations.retrying(),
            "completed": await quotations.showing(completed("", ONE_LINE)),
            "several_lines": await quotations.showing(
                completed("", SEVERAL_LINES).model_copy(update={"warnings": warnings})
            ),
            "failed": await quotations.showing(
                status("", status=State.FAILED, step=Step.AUTH, completed_at=NOW, error=failure)
            ),
            "cancelled": await quotations.showing(
                status("", status=State.CANCELLED, step=Step.CONVERT, completed_at=NOW, result=result([], 2))
            ),
        }
    await quotations.start()
    links["queued"], _ = await quotations.start()
    month_ago = PageLinks(DEVELOPMENT_SECRET, frozenset(), lambda: NOW - timedelta(days=30))
    links["home"] = "/"
    links["expired"] = month_ago.path(new_tracking_id())
    return links


@pytest.mark.timeout(300)
async def test_every_state_is_accessible_and_fits(
    browser: Browser, gateway: str, quotations: Quotations, temporal: Client
) -> None:
    links = await links_of_all_states(quotations, temporal)
    problems: dict[str, Any] = {}
    for width_name, width in WIDTHS.items():
        for scheme in SCHEMES:
            context = await browser.new_context(
                base_url=gateway,
                viewport={"width": width, "height": 844},
                color_scheme=scheme,  # type: ignore[arg-type]
                locale="es-MX",
                reduced_motion="reduce",
            )
            page = await context.new_page()
            errors = errors_of(page)
            for state, link in links.items():
                await page.goto(link)
                await page.evaluate("document.fonts.ready")
                await keep_screenshot(page, f"{state}-{width_name}-{scheme}")
                found = await Axe().run(page)
                is_wide = await page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
                if found.violations_count or is_wide:
                    report = [(one["id"], one["nodes"][0]["html"]) for one in found.response["violations"]]
                    problems[f"{state} {width} {scheme}"] = (report, is_wide)
                # the refusal of an expired link is an error to the browser
                if state != "expired" and errors:
                    problems[f"{state} console"] = list(errors)
                errors.clear()
            await context.close()
    assert problems == {}


@pytest.mark.usefixtures("worker")
async def test_the_page_follows_the_quotation_by_itself(
    browser: Browser, gateway: str, quotations: Quotations
) -> None:
    link, run = await quotations.start()
    await run.signal(ScriptedQuotation.publish, processing(run.id))
    async with await browser.new_context(base_url=gateway, locale="es-MX") as context:
        page = await context.new_page()
        errors = errors_of(page)
        await page.goto(link)
        await expect(page.locator("h1")).to_have_text("Lo convertimos en oportunidad", timeout=20_000)
        await page.evaluate("window.isTheSamePage = true")

        await run.signal(ScriptedQuotation.publish, completed(run.id, ONE_LINE))

        await expect(page.locator("h1")).to_have_text("La cotización está lista", timeout=20_000)
        await expect(page.get_by_role("status")).to_have_text("La cotización está lista")
        await expect(page).to_have_title("S15433 · La cotización está lista")
        await expect(page.get_by_role("link", name="Abrir S15433 en Odoo")).to_have_attribute(
            "href", "https://odoo.example/odoo/sales/18694"
        )
        assert await page.evaluate("window.isTheSamePage")
        assert errors == []


@pytest.mark.usefixtures("worker")
async def test_without_javascript_the_page_refreshes_until_it_is_final(
    browser: Browser, gateway: str, quotations: Quotations
) -> None:
    link, run = await quotations.start()
    await run.signal(ScriptedQuotation.publish, processing(run.id))
    async with await browser.new_context(base_url=gateway, java_script_enabled=False, locale="en-US") as context:
        page = await context.new_page()
        await page.goto(link)
        await expect(page.locator("h1")).to_have_text("Converting it to an opportunity", timeout=20_000)

        await run.signal(ScriptedQuotation.publish, completed(run.id, ONE_LINE))

        await expect(page.locator("h1")).to_have_text("The quotation is ready", timeout=20_000)


@pytest.mark.usefixtures("worker")
async def test_a_hostile_name_runs_nothing(browser: Browser, gateway: str, quotations: Quotations) -> None:
    hostile = "<script>window.isRun = true</script><img src=x onerror='window.isRun = true'>"
    made = result(ONE_LINE).model_copy(update={"partner_name": hostile, "steps": {"partner": hostile}})
    link, run = await quotations.start()
    await run.signal(ScriptedQuotation.publish, processing(run.id).model_copy(update={"result": made}))
    async with await browser.new_context(base_url=gateway, locale="es-MX") as context:
        page = await context.new_page()
        await page.goto(link)
        # once as the page, and once as an event
        await expect(page.locator(".facts")).to_contain_text("<script>", timeout=20_000)
        again = completed(run.id, ONE_LINE).model_copy(update={"result": made})
        await run.signal(ScriptedQuotation.publish, again)
        await expect(page.locator("h1")).to_have_text("La cotización está lista", timeout=20_000)

        await expect(page.locator(".facts")).to_contain_text("<script>")
        assert await page.evaluate("window.isRun") is None


def errors_of(page: Page) -> list[str]:
    """Return a list that gets the errors of the page's scripts and policy."""
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    return errors


async def keep_screenshot(page: Page, name: str) -> None:
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        await page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
