"""The names that the gateway is reached under, for REST and MCP alike."""

import httpx2
import pytest

from tests.support import callers
from tests.support.callers import ANA, bearer

PATHS = [
    ("POST", "/api/quotation/async"),
    ("GET", "/api/quotation/status/quot_000000000000"),
    ("POST", "/mcp"),
    ("GET", "/mcp"),
    ("GET", "/mcp/sse"),
    ("POST", "/mcp/messages"),
    ("GET", "/docs"),
    ("GET", "/nowhere"),
]


def assert_is_problem(response: httpx2.Response, status: int) -> None:
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert "attacker" not in response.text


@pytest.mark.parametrize(("method", "path"), PATHS)
@pytest.mark.parametrize("slash", ["", "/"])
async def test_another_host_is_misdirected(http: httpx2.AsyncClient, method: str, path: str, slash: str) -> None:
    headers = {"Host": "attacker.example", "Content-Type": "application/json"}
    assert_is_problem(await http.request(method, path + slash, headers=headers), 421)


@pytest.mark.parametrize(("method", "path"), PATHS)
@pytest.mark.parametrize("origin", ["https://attacker.example", "null"])
async def test_another_origin_is_forbidden(http: httpx2.AsyncClient, method: str, path: str, origin: str) -> None:
    headers = {"Origin": origin, "Content-Type": "application/json"}
    assert_is_problem(await http.request(method, path, headers=headers), 403)


async def test_a_key_does_not_open_another_host(keyed: str) -> None:
    async with callers.rest(keyed, bearer(ANA)) as http:
        assert_is_problem(await http.get("/docs", headers={"Host": "attacker.example"}), 421)
        assert_is_problem(await http.get("/docs", headers={"Origin": "https://attacker.example"}), 403)


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "localhost"},
        {"Host": "localhost:1234", "Origin": "http://localhost:6274"},
        {"Host": "quotations.test", "Origin": "https://quotations.test"},
        {"Host": "quotations.test:8443", "Origin": "http://127.0.0.1:3000"},
    ],
)
async def test_loopback_and_public_names_are_taken(keyed: str, headers: dict[str, str]) -> None:
    async with callers.rest(keyed, bearer(ANA)) as http:
        assert (await http.get("/docs", headers=headers)).status_code == 200
        tools = await http.post(
            "/mcp",
            json={"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}},
            headers={**headers, "Accept": "application/json, text/event-stream"},
        )
        assert tools.status_code == 200


async def test_a_public_name_must_be_set(http: httpx2.AsyncClient) -> None:
    assert_is_problem(await http.get("/docs", headers={"Host": "quotations.test"}), 421)
