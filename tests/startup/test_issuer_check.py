from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.access.issuer_check import check_issuer
from sandbox.ports import free_port
from sandbox.processes import start_module, wait_until
from tests.support.issuer import JWKS_PATH, OAUTH_PATH, Issuer, serve_issuer


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with serve_issuer() as issuer:
        yield issuer


async def test_an_issuer_whose_keys_can_be_read_is_no_finding(issuer: Issuer) -> None:
    assert await check_issuer(issuer.url, None) is None
    assert await check_issuer("https://id.test", issuer.url + JWKS_PATH) is None


async def test_an_issuer_that_is_away_is_told_by_its_variable() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    reason = "may be wrong: The token issuer could not be reached (ConnectError)."
    assert await check_issuer(url, None) == f"GATEWAY_OAUTH_ISSUER {reason}"
    assert await check_issuer("https://id.test", url) == f"GATEWAY_OAUTH_JWKS_URL {reason}"


async def test_metadata_of_another_issuer_is_told(issuer: Issuer) -> None:
    issuer.documents[OAUTH_PATH]["issuer"] = f"{issuer.url}/other"
    found = await check_issuer(issuer.url, None)
    assert found == "GATEWAY_OAUTH_ISSUER may be wrong: The metadata there names another issuer."


async def test_an_address_without_metadata_is_told(issuer: Issuer) -> None:
    del issuer.documents[OAUTH_PATH]
    found = await check_issuer(issuer.url, None)
    assert found == "GATEWAY_OAUTH_ISSUER may be wrong: The token issuer does not publish metadata."


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"keys": []}, "The token issuer has no signing keys."),
        ({"keys": [{"kid": "a", "use": "enc"}]}, "The token issuer has no signing keys."),
        ([], "The token issuer answered with something other than a key set."),
        (b"<html>", "The token issuer answered with something other than a key set."),
        ({"keys": None}, "The token issuer answered with something other than a key set."),
    ],
)
async def test_keys_that_are_none_are_told(issuer: Issuer, document: Any, reason: str) -> None:
    issuer.documents[JWKS_PATH] = document
    assert await check_issuer(issuer.url, None) == f"GATEWAY_OAUTH_ISSUER may be wrong: {reason}"


def test_a_gateway_tells_what_it_finds_and_looks_again(tmp_path: Path, issuer: Issuer) -> None:
    metadata = issuer.documents.pop(OAUTH_PATH)
    settings = {
        "GATEWAY_PORT": "0",
        "GATEWAY_OAUTH_ISSUER": issuer.url,
        "GATEWAY_OAUTH_AUDIENCE": issuer.audience,
        "TRACKING_SECRET": "tracking-secret",
        "TEMPORAL_ADDRESS": f"127.0.0.1:{free_port()}",
    }
    process = start_module("gateway", tmp_path / "gateway.log", settings)
    try:
        finding = "WARNING runtime.startup: GATEWAY_OAUTH_ISSUER may be wrong: "
        wait_until(lambda: finding in process.output, process)
        issuer.documents[OAUTH_PATH] = metadata
        wait_until(lambda: "INFO runtime.startup: Resolved: " in process.output, process)
        assert process.stop() == 0
    finally:
        process.kill()
    assert process.output.count(finding) == 1
    assert issuer.url not in process.output
