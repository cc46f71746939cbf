"""The keys that the tests' gateways know, and clients that carry one."""

import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx2
from mcp.client.client import Client as McpClient
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult

from gateway.access.page_links import PageLinks
from gateway.settings import GatewaySettings

ANA, ANAS_NEW = "key-of-ana-1", "key-of-ana-2"
BOB = "key-of-bob"
BOSS, CHIEF = "key-of-boss", "key-of-chief"

KEYS = f"ana:{ANA}:dev,ana:{ANAS_NEW}:dev,bob:{BOB}:dev+prod,boss:{BOSS}:dev:all,chief:{CHIEF}:dev+prod:all"

SETTINGS = {
    "ENVIRONMENTS": "dev,prod",
    "GATEWAY_API_KEYS": KEYS,
    "TRACKING_SECRET": "tracking-secret",
    "GATEWAY_PUBLIC_HOSTS": "quotations.test",
}

DEVELOPMENT = PageLinks.from_settings(GatewaySettings())
"""Makes the links of a gateway without keys."""

TRANSPORTS = ("streamable", "sse")


def local(page_url: str) -> str:
    """Return a link without its host, as a client of the gateway asks for it."""
    return urlsplit(page_url)._replace(scheme="", netloc="").geturl()


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


@asynccontextmanager
async def rest(url: str, headers: Mapping[str, str] | None = None) -> AsyncIterator[httpx2.AsyncClient]:
    # no certificates to load, which would take longer than most tests
    plain = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    async with httpx2.AsyncClient(base_url=url, headers=headers, timeout=15, verify=plain) as client:
        yield client


@asynccontextmanager
async def mcp(url: str, headers: dict[str, str], transport: str = "streamable") -> AsyncIterator[McpClient]:
    async with rest(url, headers) as http:
        connection: Any = (
            sse_client(f"{url}/mcp/sse", headers)
            if transport == "sse"
            else streamable_http_client(f"{url}/mcp", http_client=http)
        )
        async with McpClient(connection) as client:
            yield client


def words_of(result: CallToolResult) -> str:
    (content,) = result.content
    assert content.type == "text"
    return content.text
