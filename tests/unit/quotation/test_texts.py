"""Every sentence here stands in the flow that the user of this project drew."""

import pytest

from quotation import texts
from quotation.status import Step


def test_the_answer_to_a_start_is_that_of_the_original_flow() -> None:
    assert texts.ACCEPTED == "Cotización en proceso..."
    assert texts.ESTIMATED_TIME == "20-30 segundos"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, "20-30 segundos"),
        (20.0, "20-30 segundos"),
        (3.2, "3-5 segundos"),
        (0.4, "1-2 segundos"),
        (1.0, "1-2 segundos"),
        (75.5, "75-114 segundos"),
    ],
)
def test_the_estimated_time_is_around_the_average(seconds: float | None, said: str) -> None:
    assert texts.estimated_time(seconds) == said


def test_every_step_has_its_progress_in_the_documented_order() -> None:
    assert list(texts.PROGRESS) == list(Step)
    assert list(texts.PROGRESS.values()) == [
        "En cola",
        "Conectando a Odoo...",
        "Creando partner...",
        "Creando lead...",
        "Convirtiendo a oportunidad...",
        "Creando orden...",
        "Agregando producto...",
        "Completado",
    ]


def test_the_sentences_of_the_steps_are_those_of_the_original_flow() -> None:
    assert texts.partner_created("Acme Corp", 124258) == "Nuevo partner creado: Acme Corp (ID: 124258)"
    assert texts.lead_created("Cotización Robot PUDU", 27414) == "Lead creado: Cotización Robot PUDU (ID: 27414)"
    assert texts.converted(27414) == "Convertido a oportunidad (ID: 27414)"
    assert texts.order_created("S15433", 18694) == "Cotización: S15433 (ID: 18694)"
    assert texts.line_added("MT1", 15950.0, 47587) == "Producto 'MT1': $15950.0 (línea ID: 47587)"


def test_a_found_partner_reads_as_the_reference_says() -> None:
    assert texts.partner_found("Acme Corp", 124258) == "Partner existente: Acme Corp (ID: 124258)"


def test_a_long_name_is_cut() -> None:
    assert texts.shortened("x" * 160) == "x" * 160
    assert texts.shortened("x" * 161) == "x" * 159 + "…"
    assert texts.line_added("y" * 5000, 1.0, 1) == f"Producto '{'y' * 159}…': $1.0 (línea ID: 1)"
