"""`/` leads a person on; to programs it stays a path that does not exist."""

import re

import httpx2
import pytest

from tests.support import callers
from tests.support.callers import ANA, bearer

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Accept-Language": "en"}


async def test_a_browser_gets_addresses_and_documentation(http: httpx2.AsyncClient, gateway: str) -> None:
    home = await http.get("/", headers=BROWSER)

    assert home.status_code == 200
    assert "Content-Security-Policy" in home.headers
    for path in ("/api", "/mcp", "/mcp/sse", "/openapi.json", "/healthz", "/readyz", "/metrics"):
        assert f"<code>{gateway}{path}</code>" in home.text
    assert 'href="/docs"' in home.text
    for address in re.findall(r'(?:src|href)="(/[^"]*)"', home.text):
        assert (await http.get(address)).status_code == 200
    assert "Cotizaciones en Odoo" in (await http.get("/", headers=BROWSER | {"Accept-Language": "es"})).text


async def test_it_needs_no_key_and_shows_what_does(keyed: str) -> None:
    async with callers.rest(
        keyed, BROWSER | {"Host": "quotations.test", "X-Forwarded-Prefix": "/ventas"}
    ) as anyone:
        home = await anyone.get("/")

    assert home.status_code == 200
    assert home.text.count("needs a key") == 6
    assert "<code>http://quotations.test/ventas/api</code>" in home.text
    # a browser cannot send a key
    assert "<code>http://quotations.test/ventas/docs</code>" in home.text
    assert 'href="/ventas/docs"' not in home.text
    assert not any(secret in home.text for secret in ("key-of", "tracking-secret", "ana", "prod"))


@pytest.mark.parametrize("accept", ["application/json", "*/*", ""])
async def test_to_a_program_the_path_does_not_exist(keyed: str, accept: str) -> None:
    async with callers.rest(keyed, {"Accept": accept}) as program:
        assert (await program.get("/")).status_code == 401
        known = await program.get("/", headers=bearer(ANA))

    assert known.status_code == 404
    assert known.headers["content-type"] == "application/problem+json"
