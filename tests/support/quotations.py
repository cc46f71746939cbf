"""Quotations over REST: started, read, and followed to their end."""

import asyncio
from typing import Any

import httpx2

from tests.support.requests import unique_body

FINAL = {"completed", "failed", "cancelled"}

NOBODYS_ID = "quot_000000000000"
"""A tracking id that no quotation has."""


async def start(http: httpx2.AsyncClient, environment: str = "dev", **fields: Any) -> str:
    """Start a quotation of `unique_body` and return its tracking id."""
    response = await http.post(f"/api/{environment}/quotation/async", json=unique_body(**fields))
    assert response.status_code == httpx2.codes.ACCEPTED, response.text
    return str(response.json()["tracking_id"])


async def status(http: httpx2.AsyncClient, tracking_id: str, *, wait: float = 0) -> dict[str, Any]:
    """Return a quotation's status, after so many seconds if it is not final before."""
    response = await http.get(f"/api/quotation/status/{tracking_id}", params={"wait": wait} if wait else None)
    assert response.status_code == httpx2.codes.OK, response.text
    found: dict[str, Any] = response.json()
    return found


async def final(http: httpx2.AsyncClient, tracking_id: str, seconds: float = 60) -> dict[str, Any]:
    """Wait until a quotation's status is final, and return it."""
    async with asyncio.timeout(seconds):
        found = await status(http, tracking_id)
        while found["status"] not in FINAL:
            found = await status(http, tracking_id, wait=1)
    return found
