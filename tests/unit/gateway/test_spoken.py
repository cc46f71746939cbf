import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.field_errors import field_error
from gateway.spoken import amount_in_words, refusal_sentence, retried_sentence, spelled, status_sentence
from quotation.errors import ErrorCode
from quotation.status import Failure, QuotationStatus, Result, Retrying, State, Step

CREATED = datetime(2025, 12, 22, 15, 30, tzinfo=UTC)


def status(state: State, step: Step = Step.AUTH, **fields: object) -> QuotationStatus:
    queued = QuotationStatus.queued("quot_abc123def456", "development", CREATED)
    return queued.model_copy(update={"status": state, "step": step, **fields})


def test_a_finished_quotation_is_told_with_its_number_and_its_total() -> None:
    result = Result(environment="development", sale_order_name="S15433", amount_total=18502.5, currency="MXN")
    assert status_sentence(status(State.COMPLETED, Step.DONE, result=result)) == (
        "La cotización número S, uno, cinco, cuatro, tres, tres está lista; el total es de dieciocho mil"
        " quinientos dos pesos con cincuenta centavos, impuestos incluidos."
    )


@pytest.mark.parametrize(
    ("amount", "currency", "words"),
    [
        (18502.0, "MXN", "dieciocho mil quinientos dos pesos"),
        (1.0, "MXN", "un peso"),
        (21.0, "USD", "veintiún dólares"),
        (0.5, "EUR", "cero euros con cincuenta céntimos"),
        (1_000_000.0, "USD", "un millón de dólares"),
        (0.1 + 0.2, "MXN", "cero pesos con treinta centavos"),
        (12.0, "XTS", "doce XTS"),
    ],
)
def test_amounts_are_words(amount: float, currency: str, words: str) -> None:
    assert amount_in_words(amount, currency) == words


@given(st.floats(0, 1e12, allow_nan=False), st.sampled_from(["MXN", "USD", "EUR", "COP", "XTS"]))
def test_every_amount_can_be_read_aloud(amount: float, currency: str) -> None:
    assert not re.search(r"\d|[$€]", amount_in_words(amount, currency))


@pytest.mark.parametrize(
    ("name", "words"),
    [("S00042", "S, cero, cero, cero, cuatro, dos"), ("SO/2025-7", "S, O, dos, cero, dos, cinco, siete")],
)
def test_an_order_s_number_is_spelled(name: str, words: str) -> None:
    assert spelled(name) == words


@pytest.mark.parametrize("step", list(Step)[:-1])
def test_every_step_has_a_sentence(step: Step) -> None:
    sentence = status_sentence(status(State.QUEUED if step is Step.QUEUED else State.PROCESSING, step))
    assert re.fullmatch(r"(La|Estoy) [^\d.]+\.", sentence)


@pytest.mark.parametrize("code", list(ErrorCode))
def test_every_failure_has_a_sentence_of_its_own(code: ErrorCode) -> None:
    failed = status(State.FAILED, error=Failure(code=code, message="Odoo said no.", step=Step.AUTH))
    assert re.fullmatch(r"No fue posible hacer la cotización: [^\d]+\.", status_sentence(failed))
    assert "Odoo" not in status_sentence(failed)


def test_an_outage_and_a_cancel_are_told() -> None:
    retrying = Retrying(step=Step.LEAD, attempt=3, last_error="x", next_attempt_at=None)
    assert status_sentence(status(State.PROCESSING, Step.LEAD, retrying=retrying)).startswith(
        "El sistema de ventas no"
    )
    assert status_sentence(status(State.CANCELLED)) == "La cotización fue cancelada."


@pytest.mark.parametrize(
    ("number", "remaining", "dry_run", "sentence"),
    [
        (0, 0, False, "No hay cotizaciones fallidas que repetir."),
        (0, 0, True, "No hay cotizaciones fallidas que repetir."),
        (1, 0, False, "Se repite una cotización fallida."),
        (21, 1, False, "Se repiten veintiuna cotizaciones fallidas; queda una por repetir."),
        (100, 231, False, "Se repiten cien cotizaciones fallidas; quedan doscientas treinta y una por repetir."),
        (0, 2, False, "Todavía no se repite ninguna; quedan dos por repetir."),
        (1, 0, True, "Hay una cotización fallida que se puede repetir."),
        (1, 500, True, "Hay quinientas una cotizaciones fallidas que se pueden repetir."),
    ],
)
def test_a_retry_of_many_is_told_by_their_number(
    *, number: int, remaining: int, dry_run: bool, sentence: str
) -> None:
    assert retried_sentence(number, remaining, dry_run=dry_run) == sentence


def test_a_refusal_names_the_fields() -> None:
    errors = [
        field_error(["email"], "x"),
        field_error(["lines", 0, "product_id"], "x"),
        field_error(["lines", 1], "x"),
    ]
    assert refusal_sentence(errors, 422) == (
        "No fue posible atender la solicitud: revise el correo electrónico y los productos."
    )
    assert refusal_sentence(errors[:1], 422).endswith("revise el correo electrónico.")
    assert refusal_sentence([field_error(["SECRET"], "x")], 422) == "No fue posible atender la solicitud."
    assert refusal_sentence([], 404) == "Esa dirección no existe en el servicio de cotizaciones."
    assert refusal_sentence([], 422, ErrorCode.PRODUCT_NOT_FOUND) == (
        "No fue posible atender la solicitud: el producto no existe o no está a la venta."
    )
    assert refusal_sentence([], 503).startswith("El servicio no responde por ahora")
