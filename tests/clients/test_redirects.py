"""No route redirects: voice agents do not follow, or follow without their key and with another method."""

import re
import ssl
from collections.abc import AsyncIterator

import httpx2
import pytest

from tests.clients.settings import AUTHORIZATION, ENVIRONMENT

MCP = {"/mcp": ("get", "post", "delete"), "/mcp/messages": ("get", "post"), "/mcp/sse": ("get", "post")}
OTHERS = {"/docs": ("get",), "/openapi.json": ("get",), "/healthz": ("get",), "/": ("get",), "/nowhere": ("get",)}
METHODS = {"get", "put", "post", "delete", "patch"}


@pytest.fixture
async def http(gateway: str) -> AsyncIterator[httpx2.AsyncClient]:
    plain = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    headers = {"Authorization": AUTHORIZATION}
    async with httpx2.AsyncClient(base_url=gateway, headers=headers, verify=plain, timeout=15) as client:
        yield client


async def test_no_path_redirects_and_a_trailing_slash_changes_nothing(http: httpx2.AsyncClient) -> None:
    documented = (await http.get("/openapi.json")).json()["paths"]
    paths = {path: METHODS & set(operations) for path, operations in documented.items()} | MCP | OTHERS
    assert len(paths) > len(MCP) + len(OTHERS)

    for template, methods in paths.items():
        path = re.sub(r"{\w+}", "quot_000000000000", template.replace("{environment}", ENVIRONMENT))
        for method in methods:
            plain, slashed = [await status_of(http, method, path.rstrip("/") + slash) for slash in ("", "/")]
            assert not 300 <= plain < 400, (method, path)
            assert slashed == plain, (method, path)


async def status_of(http: httpx2.AsyncClient, method: str, path: str) -> int:
    # not read to its end, since a stream may have none
    async with http.stream(method, path) as response:
        return response.status_code
