"""All texts that customers see, in Spanish, as in the original flow."""

import math

from quotation.status import State, Step

ACCEPTED = "Cotización en proceso..."
STARTED = {
    State.QUEUED: ACCEPTED,
    State.PROCESSING: ACCEPTED,
    State.COMPLETED: "Cotización completada",
    State.FAILED: "La cotización falló",
    State.CANCELLED: "La cotización fue cancelada",
}
"""The message of a start for the state that the quotation is in."""
CANCEL_REQUESTED = "Cancelación solicitada..."
ESTIMATED_TIME = "20-30 segundos"
"""How long a quotation takes as long as none has been measured."""

_LONGEST_NAME = 160

PROGRESS = {
    Step.QUEUED: "En cola",
    Step.AUTH: "Conectando a Odoo...",
    Step.PARTNER: "Creando partner...",
    Step.LEAD: "Creando lead...",
    Step.CONVERT: "Convirtiendo a oportunidad...",
    Step.ORDER: "Creando orden...",
    Step.LINE: "Agregando producto...",
    Step.DONE: "Completado",
}
"""The sentence for each step at which a quotation can be."""


def partner_found(name: str, partner_id: int) -> str:
    """Return the sentence for a known customer."""
    return f"Partner existente: {name} (ID: {partner_id})"


def partner_created(name: str, partner_id: int) -> str:
    """Return the sentence for a new customer."""
    return f"Nuevo partner creado: {name} (ID: {partner_id})"


SAID = "Datos que dio quien pidió la cotización y que no están en la ficha del cliente:"
"""Before the facts in the internal notes of a lead."""


def said_name(name: str) -> str:
    """Return the fact that the caller gave the customer another name."""
    return f"Nombre: {name}"


def said_contact(name: str) -> str:
    """Return the fact that the caller named a contact."""
    return f"Contacto: {name}"


def said_phone(phone: str) -> str:
    """Return the fact that the caller gave a telephone number."""
    return f"Teléfono: {phone}"


def lead_created(name: str, lead_id: int) -> str:
    """Return the sentence for a lead that exists."""
    return f"Lead creado: {name} (ID: {lead_id})"


def converted(lead_id: int) -> str:
    """Return the sentence for a lead that is an opportunity."""
    return f"Convertido a oportunidad (ID: {lead_id})"


def order_created(name: str, order_id: int) -> str:
    """Return the sentence for a sale order that exists."""
    return f"Cotización: {name} (ID: {order_id})"


def shortened(name: str) -> str:
    """Return a name of at most 160 characters: a sales description may have thousands."""
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1].rstrip()}…"


def line_added(product: str, price_unit: float, line_id: int) -> str:
    """Return the sentence for an order line; `product` is the product's code, or its name if it has no code."""
    return f"Producto '{shortened(product)}': ${price_unit} (línea ID: {line_id})"


def estimated_time(seconds: float | None) -> str:
    """Return how long a quotation will take, if the last ones took `seconds` on average."""
    if seconds is None:
        return ESTIMATED_TIME
    shortest = max(1, math.floor(seconds))
    return f"{shortest}-{max(shortest + 1, math.ceil(1.5 * seconds))} segundos"
