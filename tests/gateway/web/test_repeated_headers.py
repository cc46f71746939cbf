"""Headers that a client or a proxy repeats."""

from typing import Any

import httpx2
import pytest

from tests.support import callers
from tests.support.callers import ANA, BOB, bearer

LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}


@pytest.mark.parametrize(
    "headers",
    [
        [("MCP-Protocol-Version", "2025-11-25, 2025-11-25")],
        [("mcp-protocol-version", "2025-06-18"), ("MCP-Protocol-Version", "2025-06-18")],
        [("Content-Type", "application/json, application/json")],
    ],
)
async def test_a_value_that_is_repeated_counts_once(
    http: httpx2.AsyncClient, request_body: dict[str, Any], headers: list[tuple[str, str]]
) -> None:
    tools = await http.post("/mcp", json=LIST, headers=_with_type(headers))
    started = await http.post("/api/quotation/async", json=request_body, headers=_with_type(headers))

    assert tools.status_code == 200
    assert tools.json()["result"]["tools"]
    assert started.status_code == 202


def _with_type(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    is_there = any(name == "Content-Type" for name, _ in headers)
    return headers if is_there else [*headers, ("Content-Type", "application/json")]


async def test_different_values_are_refused(http: httpx2.AsyncClient) -> None:
    for version in ("2025-11-25, 2025-06-18", "2025-11-25, x"):
        refused = await http.post("/mcp", json=LIST, headers={"MCP-Protocol-Version": version})
        assert refused.status_code == 400


async def test_a_key_that_is_repeated_counts_once(keyed: str) -> None:
    async with callers.rest(keyed) as http:
        for headers in (
            {"Authorization": f"Bearer {ANA}, Bearer {ANA}"},
            {"X-API-Key": f"{ANA},{ANA}"},
        ):
            assert (await http.get("/api/quotations", headers=headers)).status_code == 200
        for headers in (
            {"Authorization": f"Bearer {ANA}, Bearer {BOB}"},
            {"X-API-Key": f"{ANA}, {BOB}"},
            {"X-API-Key": f"{ANA},"},
            bearer(f"{ANA},"),
        ):
            assert (await http.get("/api/quotations", headers=headers)).status_code == 401
