"""The gateway as an OAuth resource server, with an issuer on loopback."""

import time
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from mcp.shared.exceptions import MCPError
from temporalio.client import Client

from sandbox.ports import free_port
from tests.gateway.access.test_owners import assert_unknown, owner_of
from tests.support import callers
from tests.support.callers import ANA, CHIEF, TRANSPORTS, bearer
from tests.support.issuer import Issuer, serve_issuer

Body = dict[str, Any]

WELL_KNOWN = "/.well-known/oauth-protected-resource"
PATH = "/api/quotation/async"


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def issuer(port: int) -> Iterator[Issuer]:
    with serve_issuer(f"http://127.0.0.1:{port}/mcp") as issuer:
        yield issuer


@pytest.fixture(scope="module")
def gateway(serve_gateway: Any, issuer: Issuer, port: int) -> Iterator[str]:
    settings = {"GATEWAY_OAUTH_ISSUER": issuer.url, "GATEWAY_OAUTH_AUDIENCE": issuer.audience}
    with serve_gateway(**callers.SETTINGS, **settings, GATEWAY_PORT=str(port)) as url:
        yield url


def challenge(response: httpx2.Response, status: int, error: str) -> None:
    """Assert that the response tells a client how to get a token."""
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    told = response.headers["www-authenticate"]
    host = response.request.url.host
    assert told.startswith("Bearer ")
    assert f'resource_metadata="http://{host}:{response.request.url.port}{WELL_KNOWN}/mcp"' in told
    assert 'scope="quotations:dev quotations:prod"' in told
    assert (f'error="{error}"' in told) if error else ("error=" not in told)


@pytest.mark.parametrize("path", [WELL_KNOWN, f"{WELL_KNOWN}/mcp"])
@pytest.mark.parametrize("slash", ["", "/"])
async def test_the_metadata_names_resource_and_issuer(gateway: str, issuer: Issuer, path: str, slash: str) -> None:
    async with callers.rest(gateway) as http:
        response = await http.get(path + slash)

    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert response.json() == {
        "resource": f"{gateway}/mcp",
        "authorization_servers": [issuer.url],
        "scopes_supported": ["quotations:dev", "quotations:prod"],
        "bearer_methods_supported": ["header"],
        "resource_name": "Durable quotations",
    }


@pytest.mark.parametrize(
    ("method", "path"), [("POST", PATH), ("POST", "/mcp"), ("GET", "/mcp/sse"), ("GET", "/docs")]
)
async def test_without_a_token_a_client_is_told_where_to_get_one(gateway: str, method: str, path: str) -> None:
    async with callers.rest(gateway) as http:
        challenge(await http.request(method, path), 401, "")
        challenge(await http.request(method, path, headers=bearer("key-of-nobody")), 401, "invalid_token")
        challenge(await http.request(method, path, headers={"X-API-Key": "key-of-nobody"}), 401, "")


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://other.test/mcp"},
        {"iss": "https://attacker.example"},
        {"exp": int(time.time()) - 60},
        {"exp": None},
        {"nbf": int(time.time()) + 86400},
        {"sub": None, "client_id": None},
    ],
)
async def test_a_token_that_is_not_for_this_gateway_now_is_refused(
    gateway: str, issuer: Issuer, request_body: Body, changes: dict[str, Any]
) -> None:
    async with callers.rest(gateway, bearer(issuer.token(**changes))) as http:
        challenge(await http.post(PATH, json=request_body), 401, "invalid_token")


async def test_a_token_without_a_scope_for_any_environment_may_do_nothing(gateway: str, issuer: Issuer) -> None:
    async with callers.rest(gateway, bearer(issuer.token("openid"))) as http:
        challenge(await http.get("/docs"), 403, "insufficient_scope")


async def test_a_token_s_scopes_are_its_environments_and_its_subject_the_owner(
    gateway: str, issuer: Issuer, temporal: Client, request_body: Body
) -> None:
    async with callers.rest(gateway, bearer(issuer.token())) as http:
        created = await http.post(PATH, json=request_body)
        assert (await http.get(created.json()["status_url"])).status_code == 200
        assert (await http.post("/api/prod/quotation/async", json=request_body)).status_code == 403
    assert created.status_code == 202
    assert await owner_of(temporal, created.json()["tracking_id"]) == "oauth:ana"


async def test_a_key_s_name_and_a_token_s_subject_are_two_callers(
    gateway: str, issuer: Issuer, request_body: Body
) -> None:
    async with callers.rest(gateway) as http:
        token = bearer(issuer.token())
        by_token = (await http.post(PATH, json=request_body, headers=token)).json()
        by_key = (await http.post(PATH, json=request_body, headers=bearer(ANA))).json()

        assert_unknown(await http.get(by_token["status_url"], headers=bearer(ANA)))
        assert_unknown(await http.get(by_key["status_url"], headers=token))
        assert_unknown(await http.get(by_token["status_url"], headers=bearer(issuer.token(sub="bob"))))
        assert (await http.get(by_token["status_url"], headers=bearer(CHIEF))).status_code == 200


async def test_a_token_is_no_api_key(gateway: str, issuer: Issuer) -> None:
    async with callers.rest(gateway, {"X-API-Key": issuer.token()}) as http:
        challenge(await http.get("/docs"), 401, "")


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_mcp_takes_tokens(gateway: str, issuer: Issuer, request_body: Body, transport: str) -> None:
    async with callers.mcp(gateway, bearer(issuer.token("quotations:prod")), transport) as client:
        tools = {tool.name for tool in (await client.list_tools()).tools}
        created = await client.call_tool("prod_create_quotation", request_body)
        with pytest.raises(MCPError, match="Unknown tool"):
            await client.call_tool("dev_create_quotation", request_body)

    assert {name.partition("_")[0] for name in tools} == {"prod"}
    assert not created.is_error


async def test_an_issuer_that_is_away_is_no_fault_of_the_token(
    serve_gateway: Any, issuer: Issuer, request_body: Body
) -> None:
    settings = {"GATEWAY_OAUTH_ISSUER": "http://127.0.0.1:9", "GATEWAY_OAUTH_AUDIENCE": issuer.audience}
    with serve_gateway(**callers.SETTINGS, **settings) as url:
        async with callers.rest(url) as http:
            response = await http.post(PATH, json=request_body, headers=bearer(issuer.token()))
            by_key = await http.post(PATH, json=request_body, headers=bearer(ANA))

    assert response.status_code == 503
    assert response.headers["Retry-After"]
    assert "127.0.0.1" not in response.text
    assert by_key.status_code == 202


async def test_tokens_alone_do_as_well_as_keys(serve_gateway: Any, issuer: Issuer, request_body: Body) -> None:
    settings = {
        "GATEWAY_OAUTH_ISSUER": f"{issuer.url}/",
        "GATEWAY_OAUTH_AUDIENCE": f"api://quotations, desk, {issuer.audience}/",
        "GATEWAY_OAUTH_JWKS_URL": f"{issuer.url}/keys",
        "TRACKING_SECRET": "tracking-secret",
    }
    with serve_gateway(**settings) as url:
        async with callers.rest(url) as http:
            assert (await http.post(PATH, json=request_body)).status_code == 401
            tokens = [issuer.token(), issuer.token(aud="api://quotations"), issuer.token(aud=None)]
            taken = [await http.post(PATH, json=request_body, headers=bearer(token)) for token in tokens]
            metadata = (await http.get(WELL_KNOWN)).json()
    assert [answer.status_code for answer in taken] == [202, 202, 202]
    assert metadata["resource"] == f"{issuer.audience}/"


async def test_an_exchanged_signing_key_is_found(gateway: str, issuer: Issuer) -> None:
    old = issuer.token()
    async with callers.rest(gateway) as http:
        assert (await http.get("/docs", headers=bearer(old))).status_code == 200
        issuer.publish("second")
        new = bearer(issuer.token(key_id="second"))
        deadline = time.monotonic() + 10
        while (await http.get("/docs", headers=new)).status_code != 200:
            assert time.monotonic() < deadline
        challenge(await http.get("/docs", headers=bearer(old)), 401, "invalid_token")
