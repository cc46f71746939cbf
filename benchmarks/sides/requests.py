"""The request that all sides get: that of the original flow, for another customer each time."""

import secrets
from typing import Any

from sandbox.demo import REQUEST


def new_request(email: str | None = None) -> dict[str, Any]:
    """Return the original request for a new customer, or for the one with this e-mail address."""
    word = secrets.token_hex(6)
    return REQUEST | {
        "partner_name": f"Cliente {word}",
        "email": email or f"compras@{word}.test",
        "lead_name": f"Cotización {word}",
    }
