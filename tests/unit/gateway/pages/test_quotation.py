"""The page of a quotation shows its status in words, and hostile texts as texts."""

import re
from datetime import UTC, date, datetime
from html import unescape
from typing import Any

import pytest

from gateway.pages import formats
from gateway.pages.rendering import page, rendered, words_of
from gateway.pages.view import View, view_of
from quotation.errors import ErrorCode
from quotation.status import (
    Failure,
    Queue,
    QuotationStatus,
    Result,
    ResultLine,
    Retrying,
    State,
    Step,
)
from quotation.warning import QuotationWarning, WarningCode

ID = "quot_abc123def456"
HOSTILE = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>"
AT = datetime(2026, 11, 26, 15, 30, 12, tzinfo=UTC)

LINE = ResultLine(
    line_id=1, product_id=2, name="[MT1] Robot PUDU", quantity=2, price_unit=15950, discount=0, subtotal=31900
)
RESULT = Result(
    environment="development",
    partner_id=124258,
    partner_name="Acme Corp",
    lead_id=27414,
    lead_name="Cotización Robot PUDU",
    opportunity_id=27414,
    sale_order_id=18694,
    sale_order_name="S15433",
    amount_untaxed=31900,
    amount_tax=5104,
    amount_total=37004,
    currency="MXN",
    sale_order_url="https://odoo.example/odoo/sales/18694",
    lines=[LINE],
    steps={
        "partner": "Nuevo partner creado: Acme Corp (ID: 124258)",
        "lead": "Lead creado: Cotización Robot PUDU (ID: 27414)",
        "opportunity": "Convertido a oportunidad (ID: 27414)",
        "sale_order": "Cotización: S15433 (ID: 18694)",
        "product": "Producto 'MT1': $15950.0 (línea ID: 1)",
    },
)


def status(**fields: Any) -> QuotationStatus:
    about = {"tracking_id": ID, "environment": "development", "created_at": AT}
    return QuotationStatus(**{**about, "result": Result(environment="development"), **fields})


COMPLETED = status(
    status=State.COMPLETED,
    step=Step.DONE,
    completed_at=AT,
    elapsed_time="18.5s",
    result=RESULT,
    progress="Completado",
)


def scope(language: str = "es") -> dict[str, Any]:
    return {"type": "http", "headers": [(b"accept-language", language.encode())], "state": {}}


def view(shown: QuotationStatus, language: str = "es") -> View:
    return view_of(shown, words_of(language), language)


def html(shown: QuotationStatus, language: str = "es") -> str:
    return rendered("quotation_now.html", scope(language), status=shown, view=view(shown, language))


def text(shown: QuotationStatus, language: str = "es") -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html(shown, language))).split())


def test_a_completed_quotation_has_its_texts_lines_amounts_and_link() -> None:
    said = text(COMPLETED)

    for words in (
        "La cotización está lista",
        "S15433",
        *RESULT.steps.values(),
        "[MT1] Robot PUDU",
        "2 × 15,950.00",
        "Subtotal 31,900.00",
        "Impuestos 5,104.00",
        "Total 37,004.00 MXN",
        "18.5 s",
        "Abrir S15433 en Odoo",
    ):
        assert words in said
    assert 'href="https://odoo.example/odoo/sales/18694"' in html(COMPLETED)
    assert view(COMPLETED).done == 6


def test_in_english_nothing_is_said_in_spanish() -> None:
    said = text(COMPLETED, "en")

    assert "The quotation is ready" in said
    assert "Acme Corp (ID: 124258)" in said
    assert "Total 37,004.00 MXN" in said
    assert not any(word in said for word in ("creado", "Cotización:", "Convertido", "línea", "Productos"))


def test_hostile_texts_stay_texts() -> None:
    line = LINE.model_copy(update={"name": HOSTILE})
    result = RESULT.model_copy(
        update={
            "partner_name": HOSTILE,
            "lead_name": HOSTILE,
            "sale_order_name": HOSTILE,
            "currency": HOSTILE,
            "lines": [line],
            "steps": {"partner": HOSTILE},
        }
    )
    failure = Failure(code=ErrorCode.ODOO_REJECTED, message=HOSTILE, step=Step.LINE)
    warning = QuotationWarning(code="newer", message=HOSTILE)
    hostile = status(
        status=State.FAILED, step=Step.LINE, environment=HOSTILE, result=result, error=failure, warnings=[warning]
    )
    for language in ("es", "en"):
        shown = html(hostile, language) + str(
            page(
                "quotation.html",
                scope(language),
                status=hostile,
                view=view(hostile, language),
                events="/x",
                refresh=5,
                until="",
            ).body
        )

        assert "&lt;script&gt;" in shown
        assert "<script>" not in shown
        assert "<img src=x" not in shown


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//odoo.example", "x", None])
def test_only_a_web_address_becomes_a_link(url: str | None) -> None:
    shown = COMPLETED.model_copy(update={"result": RESULT.model_copy(update={"sale_order_url": url})})

    assert "href=" not in html(shown)


def test_warnings_are_in_the_reader_s_language() -> None:
    warning = QuotationWarning(
        code=WarningCode.FREE_LINE, message="Free of charge because the price is 0: line 2."
    )
    shown = COMPLETED.model_copy(update={"warnings": [warning]})

    assert "Una línea tiene precio cero: es gratuita." in text(shown)
    assert warning.message in text(shown, "en")


@pytest.mark.parametrize(
    ("ahead", "seconds", "said"),
    [
        (0, 4, "Es la siguiente de la cola; empieza en unos 4 segundos."),
        (1, 8.3, "Hay una cotización antes; empieza en unos 9 segundos."),
        (12, 300, "Hay 12 cotizaciones antes; empieza en unos 5 minutos."),
    ],
)
def test_a_waiting_quotation_has_its_place(ahead: int, seconds: float, said: str) -> None:
    assert said in text(status(queue=Queue(ahead=ahead, estimated_seconds=seconds)))


def test_while_a_step_is_retried_it_says_why_and_when() -> None:
    retrying = Retrying(
        step=Step.LEAD, attempt=3, code=ErrorCode.ODOO_UNAVAILABLE, last_error="Odoo is away", next_attempt_at=AT
    )
    shown = status(status=State.PROCESSING, step=Step.LEAD, retrying=retrying)

    assert "Odoo no responde por ahora." in text(shown)
    assert "Intento 3 15:30:12 UTC" in text(shown)
    assert "Odoo is away" in text(shown)
    assert "Odoo does not respond at the moment." in text(shown, "en")
    assert [step.state for step in view(shown).steps] == ["done", "done", "waiting", *["pending"] * 3]
    assert "en curso" in text(
        shown.model_copy(update={"retrying": retrying.model_copy(update={"next_attempt_at": None})})
    )


@pytest.mark.parametrize("code", ErrorCode)
@pytest.mark.parametrize("language", ["es", "en"])
def test_a_failed_quotation_says_why_and_what_to_do(code: ErrorCode, language: str) -> None:
    shown = status(
        status=State.FAILED, step=Step.ORDER, error=Failure(code=code, message="The reason.", step=Step.ORDER)
    )
    sentence, advice = words_of(language)["failures"][code]

    assert all(words in text(shown, language) for words in (sentence, advice, "The reason.", code))
    assert [step.state for step in view(shown).steps] == [*["done"] * 4, "failed", "pending"]


def test_a_cancelled_quotation_keeps_what_it_made() -> None:
    result = Result(
        environment="development", partner_name="Acme", partner_id=7, steps={"partner": "Acme (ID: 7)"}
    )
    shown = status(status=State.CANCELLED, step=Step.LEAD, result=result)

    assert "Lo que ya existía en Odoo se conserva." in text(shown)
    assert [step.state for step in view(shown).steps] == ["done", "done", "stopped", *["pending"] * 3]


def test_a_retried_quotation_shows_what_earlier_runs_made() -> None:
    result = Result(environment="development", steps={"partner": "Acme", "lead": "Lead"})

    assert [step.state for step in view(status(result=result)).steps][:3] == ["pending", "done", "done"]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, "0.00"),
        (15950.0, "15,950.00"),
        (0.1 + 0.2, "0.30"),
        (869.5652173913, "869.5652"),
        (0.005, "0.005"),
        (1e12, "1,000,000,000,000.00"),
        (-20.5, "-20.50"),
    ],
)
def test_amounts(value: float, written: str) -> None:
    assert formats.amount(value) == written


def test_quantities_and_days() -> None:
    assert [formats.quantity(value) for value in (1.0, 2.5, 1000.0, 100.0)] == ["1", "2.5", "1,000", "100"]
    assert formats.day(date(2026, 12, 3), "es") == "3 de diciembre de 2026"
    assert formats.day(date(2026, 12, 3), "en") == "December 3, 2026"
