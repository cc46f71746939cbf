"""Who gets in: keys over REST and every transport of MCP."""

import re
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp_types import LATEST_PROTOCOL_VERSION

from sandbox.processes import start_module, wait_until
from tests.support import callers
from tests.support.callers import ANA, ANAS_NEW, BOB, TRANSPORTS, bearer

Body = dict[str, Any]

UNKNOWN = "quot_000000000000"
GUARDED = [
    ("POST", "/api/quotation/async"),
    ("POST", "/api/dev/quotation/async"),
    ("POST", "/api/nowhere/quotation/async"),
    ("GET", f"/api/quotation/status/{UNKNOWN}"),
    ("GET", f"/api/dev/quotation/status/{UNKNOWN}"),
    ("POST", f"/api/quotation/{UNKNOWN}/cancel"),
    ("POST", f"/api/quotation/{UNKNOWN}/retry"),
    ("POST", "/mcp"),
    ("GET", "/mcp"),
    ("DELETE", "/mcp"),
    ("GET", "/mcp/sse"),
    ("POST", "/mcp/messages"),
    ("GET", "/docs"),
    ("GET", "/openapi.json"),
    ("GET", "/metrics"),
    ("GET", "/nowhere"),
    ("GET", "/"),
    ("OPTIONS", "/mcp"),
    ("GET", "/healthz/x"),
    ("GET", "/.well-known/oauth-protected-resource"),
    ("GET", "/.well-known/oauth-protected-resource/mcp"),
    ("GET", "/.well-known/oauth-authorization-server"),
    ("GET", "/.well-known/openid-configuration"),
]


def assert_unauthenticated(response: httpx2.Response) -> None:
    assert response.status_code == 401
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["status"] == 401
    # nothing of OAuth: clients would leave their key and look for an issuer
    assert response.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(("method", "path"), GUARDED)
@pytest.mark.parametrize("slash", ["", "/"])
async def test_nothing_is_reached_without_a_key(keyed: str, method: str, path: str, slash: str) -> None:
    async with callers.rest(keyed) as http:
        assert_unauthenticated(await http.request(method, path.rstrip("/") + slash))


@pytest.mark.parametrize(
    "headers",
    [
        bearer("key-of-nobody"),
        bearer(f"{ANA}x"),
        bearer("ana"),
        {"Authorization": "Bearer"},
        {"Authorization": f"{ANA}x"},
        {"Authorization": f"Basic {ANA}"},
        {"X-API-Key": ""},
        {"X-API-Key": f"Bearer {ANA}"},
        {"X-API-Key": "key-of-\xff".encode("latin-1")},
        {"Cookie": f"key={ANA}"},
        # one that is wrong is not made good by another
        {**bearer("key-of-nobody"), "X-API-Key": ANA},
    ],
)
async def test_anything_else_is_no_key(keyed: str, headers: Any) -> None:
    async with callers.rest(keyed, headers) as http:
        assert_unauthenticated(await http.get(f"/api/quotation/status/{UNKNOWN}"))


@pytest.mark.parametrize("parameter", ["key", "api_key", "access_token", "X-API-Key"])
async def test_an_address_is_no_place_for_a_key(keyed: str, parameter: str) -> None:
    async with callers.rest(keyed) as http:
        assert_unauthenticated(await http.get("/docs", params={parameter: ANA}))


@pytest.mark.parametrize(
    "headers",
    [
        bearer(ANA),
        bearer(ANAS_NEW),
        {"authorization": f"bearer {ANA}"},
        {"Authorization": f"Bearer  {ANA}"},
        {"Authorization": ANA},
        {"Authorization": f"Bearer Bearer {ANA}"},
        {"X-API-Key": ANA},
        {"Authorization": "Basic cHJveHk6cHJveHk=", "X-API-Key": ANA},
    ],
)
async def test_a_key_comes_in_either_header(keyed: str, request_body: Body, headers: dict[str, str]) -> None:
    async with callers.rest(keyed, headers) as http:
        assert (await http.post("/api/quotation/async", json=request_body)).status_code == 202
        assert (await http.get("/docs")).status_code == 200
        assert (await http.get("/nowhere")).status_code == 404


@pytest.mark.parametrize("path", ["/healthz", "/healthz/", "/readyz", "/readyz/"])
async def test_probes_need_no_key_and_no_name(keyed: str, path: str) -> None:
    async with callers.rest(keyed, {"Host": "10.0.0.9:8000", "Origin": "https://attacker.example"}) as http:
        assert (await http.get(path)).status_code == 200


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("headers", [bearer(ANA), {"X-API-Key": ANA}])
async def test_mcp_takes_the_same_keys(
    keyed: str, request_body: Body, transport: str, headers: dict[str, str]
) -> None:
    async with callers.mcp(keyed, headers, transport) as client:
        created = await client.call_tool("dev_create_quotation", request_body)

    assert not created.is_error


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("headers", [{}, bearer("key-of-nobody")])
async def test_mcp_without_a_key_is_refused(keyed: str, transport: str, headers: dict[str, str]) -> None:
    with pytest.raises((httpx2.HTTPStatusError, ExceptionGroup)):
        async with callers.mcp(keyed, headers, transport):
            pass


async def test_a_stream_takes_messages_from_its_own_caller_only(keyed: str) -> None:
    message = {"jsonrpc": "2.0", "id": 1, "method": "initialize"} | {
        "params": {
            "protocolVersion": LATEST_PROTOCOL_VERSION,
            "capabilities": {},
            "clientInfo": {"name": "test", "version": "1"},
        }
    }
    async with callers.rest(keyed, bearer(ANA)) as ana, ana.stream("GET", "/mcp/sse") as stream:
        lines = stream.aiter_lines()
        assert await anext(lines) == "event: endpoint"
        path = (await anext(lines)).removeprefix("data: ")
        async with callers.rest(keyed) as http:
            refused = await http.post(path, json=message, headers=bearer(BOB))
            nobody = await http.post(path, json=message)
            taken = await http.post(path, json=message, headers=bearer(ANAS_NEW))

    assert refused.status_code == 404
    assert nobody.status_code == 401
    assert taken.status_code == 202


async def test_the_openapi_document_tells_where_a_key_goes(keyed: str, http: httpx2.AsyncClient) -> None:
    async with callers.rest(keyed, bearer(ANA)) as client:
        document = (await client.get("/openapi.json")).json()
    schemes = document["components"]["securitySchemes"]
    (either,) = {str(path["post"]["security"]) for path in document["paths"].values() if "post" in path}

    assert schemes["Key or token"] == {"type": "http", "scheme": "bearer"}
    assert schemes["Key"] == {"type": "apiKey", "in": "header", "name": "X-API-Key"}
    assert either == str([{"Key or token": []}, {"Key": []}])
    assert "security" not in document["paths"]["/healthz"]["get"]
    assert "securitySchemes" not in (await http.get("/openapi.json")).json()["components"]


def test_a_gateway_without_keys_says_whom_it_serves(gateway: str, gateway_log: Path) -> None:
    assert f"listening on {gateway} for everyone on this machine: no keys are set" in gateway_log.read_text()


def test_a_gateway_with_keys_says_whom_it_serves_and_no_key(tmp_path: Path) -> None:
    settings = {"TEMPORAL_ADDRESS": "127.0.0.1:9", "GATEWAY_PORT": "0", **callers.SETTINGS}
    process = start_module("gateway", tmp_path / "log", settings)
    wait_until(lambda: "listening" in process.output, process)
    assert re.search(r"listening on http://127.0.0.1:\d+ for callers with a key$", process.output, re.MULTILINE)
    assert process.stop() == 0
    assert "key-of" not in process.output


def test_wrong_keys_are_one_sentence_and_exit_code_2(tmp_path: Path) -> None:
    process = start_module("gateway", tmp_path / "log", {**callers.SETTINGS, "GATEWAY_API_KEYS": ANA})

    assert process.wait(20) == 2
    assert process.output.startswith("GATEWAY_API_KEYS is wrong: entry 1")
    assert len(process.output.splitlines()) == 1
    assert "key-of" not in process.output


@pytest.mark.parametrize("key", [{}, {"GATEWAY_API_KEY": "key-of-nobody"}])
def test_stdio_needs_one_of_the_keys(tmp_path: Path, key: dict[str, str]) -> None:
    process = start_module("gateway.stdio", tmp_path / "log", {**callers.SETTINGS, **key})

    assert process.wait(20) == 2
    assert process.output.startswith("GATEWAY_API_KEY ")
    assert "key-of" not in process.output
