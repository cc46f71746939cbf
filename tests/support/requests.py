"""The body of a request for a quotation, for REST and MCP alike."""

import secrets
from typing import Any

from quotation.request import QuotationRequest

REQUEST: dict[str, Any] = {
    "partner_name": "Acme Corp",
    "contact_name": "John Doe",
    "email": "acme@corp.test",
    "phone": "+52 55 1234 5678",
    "lead_name": "Cotización Robot PUDU",
    "product_id": 26174,
}

ABSENT: Any = object()
"""In place of a value: the field is left out."""


def body(**fields: Any) -> dict[str, Any]:
    """Return `REQUEST` with these fields replaced, or left out if they are `ABSENT`."""
    return {name: value for name, value in (REQUEST | fields).items() if value is not ABSENT}


def unique_body(**fields: Any) -> dict[str, Any]:
    """Return a body with a customer and a title that no other request has."""
    customer = {
        "email": f"compras-{secrets.token_hex(6)}@acme.test",
        "lead_name": f"Cotización {secrets.token_hex(4)}",
    }
    return body(**(customer | fields))


def request(**fields: Any) -> QuotationRequest:
    """Return the request that the product reads from `body`."""
    return QuotationRequest.model_validate(body(**fields))
