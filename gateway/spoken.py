"""Sentences that a voice agent can say about a quotation: Spanish, without digits, codes or symbols."""

import re
from decimal import Decimal
from http import HTTPStatus

from num2words import num2words

from gateway.field_errors import FieldError
from quotation.errors import ErrorCode
from quotation.status import QuotationStatus, Result, State, Step

CHECKED = "Los datos de la cotización son correctos; todavía no la he creado."
CANCEL_REQUESTED = "Ya pedí que se cancele la cotización."

_IN_PROGRESS = {
    Step.QUEUED: "La cotización está en cola.",
    Step.AUTH: "Estoy revisando los datos de la cotización.",
    Step.PARTNER: "Estoy registrando al cliente.",
    Step.LEAD: "Estoy registrando la oportunidad de venta.",
    Step.CONVERT: "Estoy registrando la oportunidad de venta.",
    Step.ORDER: "Estoy creando la cotización.",
    Step.LINE: "Estoy agregando los productos a la cotización.",
}

_FAILED = {
    ErrorCode.PRODUCT_NOT_FOUND: "el producto no existe o no está a la venta",
    ErrorCode.PRODUCT_AMBIGUOUS: "hay varios productos que coinciden; dígame cuál prefiere",
    ErrorCode.PRODUCT_NOT_QUOTABLE: "ese producto no se puede cotizar por este medio",
    ErrorCode.CURRENCY_MISMATCH: "los precios acordados no están en la moneda de la cotización",
    ErrorCode.USER_NOT_FOUND: "el vendedor indicado no existe",
    ErrorCode.ODOO_AUTH_FAILED: "el sistema de ventas rechazó nuestro acceso",
    ErrorCode.ODOO_ACCESS_DENIED: "el sistema de ventas no nos permite hacerla",
    ErrorCode.ODOO_REJECTED: "el sistema de ventas rechazó los datos",
    ErrorCode.ODOO_UNAVAILABLE: "el sistema de ventas no respondió",
    ErrorCode.ODOO_UNEXPECTED: "hubo un problema inesperado en el sistema de ventas",
    ErrorCode.TERMINATED: "alguien la detuvo",
    ErrorCode.TIMED_OUT: "tardó demasiado",
}

_FIELDS = {
    "partner_name": "el nombre del cliente",
    "contact_name": "el nombre del contacto",
    "email": "el correo electrónico",
    "phone": "el teléfono",
    "lead_name": "el título de la cotización",
    "product_id": "el producto",
    "product": "el producto",
    "product_qty": "la cantidad",
    "product_price": "el precio",
    "currency": "la moneda",
    "user_id": "el vendedor",
    "lines": "los productos",
    "notes": "las notas",
    "tracking_id": "el número de seguimiento",
}

_REFUSED: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: "El servicio de cotizaciones no reconoce mi clave de acceso.",
    HTTPStatus.FORBIDDEN: "No tengo permiso para hacer eso en el servicio de cotizaciones.",
    HTTPStatus.NOT_FOUND: "Esa dirección no existe en el servicio de cotizaciones.",
    HTTPStatus.METHOD_NOT_ALLOWED: "El servicio de cotizaciones no admite esa operación.",
    HTTPStatus.REQUEST_TIMEOUT: "La solicitud tardó demasiado en llegar; intente de nuevo.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "La solicitud es demasiado grande.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "El servicio de cotizaciones no puede leer la solicitud.",
    HTTPStatus.TOO_MANY_REQUESTS: "Hay demasiadas solicitudes; espere unos segundos e intente de nuevo.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Hubo un problema inesperado en el servicio de cotizaciones.",
    HTTPStatus.SERVICE_UNAVAILABLE: "El servicio no responde por ahora; intente de nuevo en unos segundos.",
}

_ROUND_MILLIONS = re.compile(r"\b(mill(?:ón|ones|ardo|ardos)|bill(?:ón|ones)) (?=[^ ]+( con |$))")

_RETRYING = "El sistema de ventas no responde por ahora; la cotización sigue en proceso y se completará sola."


def status_sentence(status: QuotationStatus) -> str:
    """Return the status as a sentence; a finished quotation has its number and its total, taxes included."""
    if status.retrying is not None:
        return _RETRYING
    if status.status is State.COMPLETED:
        return _completed(status.result)
    if status.status is State.CANCELLED:
        return "La cotización fue cancelada."
    if status.error is not None:
        return f"No fue posible hacer la cotización: {_FAILED[status.error.code]}."
    return _IN_PROGRESS.get(status.step, _IN_PROGRESS[Step.AUTH])


def retried_sentence(number: int, remaining: int, *, dry_run: bool) -> str:
    """Return how many failed quotations run again, or in a dry run could run again."""
    if dry_run:
        number, remaining = number + remaining, 0
    if not number + remaining:
        return "No hay cotizaciones fallidas que repetir."
    many = _quotations(number)
    if dry_run:
        return f"Hay {many} que se {'puede' if number == 1 else 'pueden'} repetir."
    sentence = f"Se {'repite' if number == 1 else 'repiten'} {many}" if number else "Todavía no se repite ninguna"
    rest = f"; {'queda' if remaining == 1 else 'quedan'} {_feminine(remaining)} por repetir" if remaining else ""
    return f"{sentence}{rest}."


def refusal_sentence(errors: list[FieldError], http_status: int, code: ErrorCode | None = None) -> str:
    """Return the reason for a refusal: Odoo's, the wrong fields, or the kind of refusal."""
    if code is not None:
        return f"No fue posible atender la solicitud: {_FAILED[code]}."
    names = [_FIELDS[name] for name in dict.fromkeys(_top(error) for error in errors) if name in _FIELDS]
    if not names:
        return _REFUSED.get(http_status, "No fue posible atender la solicitud.")
    wrong = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} y {names[-1]}"
    return f"No fue posible atender la solicitud: revise {wrong}."


def spelled(name: str) -> str:
    """Return an order's number character by character: `S042` is `S, cero, cuatro, dos`."""
    return ", ".join(_character(character) for character in name if character.isalnum())


def amount_in_words(amount: float, currency: str) -> str:
    """Return an amount in words, e.g. `dieciocho mil quinientos dos pesos con cincuenta centavos`."""
    # as a float: the library reads a whole number as cents
    rounded = float(round(Decimal(str(amount)), 2))
    try:
        words: str = num2words(rounded, lang="es", to="currency", currency=currency)
    except NotImplementedError:
        return f"{num2words(rounded, lang='es')} {currency}"
    # the library omits the preposition
    words = _ROUND_MILLIONS.sub(r"\1 de ", words) if int(rounded) % 1_000_000 == 0 else words
    return words.removesuffix(" con cero centavos").removesuffix(" con cero céntimos")


def _completed(result: Result) -> str:
    number = f" número {spelled(result.sale_order_name)}" if result.sale_order_name else ""
    if result.amount_total is None or result.currency is None:
        return f"La cotización{number} está lista."
    total = amount_in_words(result.amount_total, result.currency)
    return f"La cotización{number} está lista; el total es de {total}, impuestos incluidos."


def _quotations(number: int) -> str:
    return f"{_feminine(number)} {'cotización fallida' if number == 1 else 'cotizaciones fallidas'}"


def _feminine(number: int) -> str:
    # the library counts in the masculine
    return str(num2words(number, lang="es")).replace("ientos", "ientas").replace("uno", "una")


def _character(character: str) -> str:
    return str(num2words(int(character), lang="es")) if character in "0123456789" else character


def _top(error: FieldError) -> str:
    return error.field.partition(".")[0]
