"""The request that all sides get: that of the original flow, for another customer each time."""

import secrets
from typing import Any

from sandbox.demo import REQUEST


def new_request() -> dict[str, Any]:
    """Return the original request for a new customer."""
    word = secrets.token_hex(6)
    customer = {"partner_name": f"Cliente {word}", "email": f"compras@{word}.test"}
    return REQUEST | customer | {"lead_name": f"Cotización {word}"}


def next_request(request: dict[str, Any]) -> dict[str, Any]:
    """Return another request of the same customer."""
    return request | {"lead_name": f"{request['lead_name']}, {secrets.token_hex(6)}"}
