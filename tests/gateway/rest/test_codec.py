"""The codec of Temporal's UI: who may use it, and what it does with what it cannot decrypt."""

import base64
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx2
import pytest
from google.protobuf.json_format import MessageToDict
from temporalio.api.common.v1 import Payload, Payloads

from runtime.encryption import EncryptionCodec
from runtime.payload_keys import parse_payload_keys
from tests.gateway.conftest import StartGateway
from tests.support import callers
from tests.support.callers import ANA, bearer

UI = "https://temporal.test"
KEY = "secret-of-the-codec"
PATH = f"/codec/{KEY}/decode"
OURS, THEIRS = (f"{name}:{base64.b64encode(name.encode() * 16).decode()}" for name in ("k1", "k2"))
SETTINGS = callers.SETTINGS | {"PAYLOAD_KEYS": OURS, "TEMPORAL_UI_URL": f"{UI}/ui", "CODEC_KEY": KEY}
NAMESPACE = {"X-Namespace": "default"}
FROM_UI = NAMESPACE | {"Origin": UI}
PLAIN = Payload(metadata={"encoding": b"json/plain"}, data='"Acme Ñandú"'.encode())


async def encrypted(keys: str, payload: Payload = PLAIN) -> Payload:
    [one] = await EncryptionCodec(parse_payload_keys(keys)).encode([payload])
    return one


def as_json(*payloads: Payload) -> dict[str, Any]:
    found: dict[str, Any] = MessageToDict(Payloads(payloads=payloads))
    return found


@pytest.fixture(scope="module")
def url(serve_gateway: StartGateway) -> Iterator[str]:
    with serve_gateway(**SETTINGS) as url:
        yield url


@pytest.fixture
async def http(url: str) -> AsyncIterator[httpx2.AsyncClient]:
    async with callers.rest(url) as http:
        yield http


@pytest.mark.parametrize("missing", ["PAYLOAD_KEYS", "TEMPORAL_UI_URL", "CODEC_KEY"])
async def test_it_is_off_unless_keys_and_the_address_of_the_ui_are_set(
    serve_gateway: StartGateway, missing: str
) -> None:
    with serve_gateway(**SETTINGS | {missing: ""}) as url:
        async with callers.rest(url, bearer(ANA)) as http:
            for path in (PATH, "/codec/decode"):
                assert (await http.post(path, json={}, headers=NAMESPACE)).status_code == 404
                assert (await http.post(path, json={}, headers=FROM_UI)).status_code == 403


@pytest.mark.parametrize(
    ("path", "headers"),
    [(PATH, {}), (f"{PATH}?preserveStorageRefs=true", {}), (f"{PATH}/", {}), ("/codec/decode", bearer(KEY))],
)
async def test_the_page_gets_what_is_encrypted(
    http: httpx2.AsyncClient, path: str, headers: dict[str, str]
) -> None:
    answer = await http.post(path, json=as_json(await encrypted(OURS), PLAIN), headers=FROM_UI | headers)

    assert (answer.status_code, answer.json()) == (200, as_json(PLAIN, PLAIN))
    assert answer.headers["Access-Control-Allow-Origin"] == UI
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Access-Control-Allow-Credentials" not in answer.headers


async def test_a_browser_may_send_what_the_page_sends(http: httpx2.AsyncClient) -> None:
    asked = {"Origin": UI, "Access-Control-Request-Method": "POST"}
    asked |= {"Access-Control-Request-Headers": "authorization,content-type,x-namespace"}
    preflight = await http.options(PATH, headers=asked)

    assert preflight.status_code == 200
    assert preflight.headers["Access-Control-Allow-Origin"] == UI
    allowed = preflight.headers["Access-Control-Allow-Headers"].lower()
    assert all(name in allowed for name in ("authorization", "content-type", "x-namespace"))


async def test_a_program_needs_no_origin(http: httpx2.AsyncClient) -> None:
    answer = await http.post("/codec/decode", json={}, headers=NAMESPACE | bearer(KEY))
    assert (answer.status_code, answer.json()) == (200, {})


@pytest.mark.parametrize(
    "origin", ["https://attacker.test", "http://localhost:8233", "http://temporal.test", "null"]
)
async def test_a_page_of_another_origin_gets_nothing(http: httpx2.AsyncClient, origin: str) -> None:
    headers = FROM_UI | {"Origin": origin}
    read = await http.post(PATH, json=as_json(await encrypted(OURS)), headers=headers)
    preflight = await http.options(PATH, headers=headers | {"Access-Control-Request-Method": "POST"})

    for answer in (read, preflight):
        assert answer.status_code == 403
        assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/codec/decode", {}),
        ("/codec/decode", bearer(ANA)),
        (f"/codec/{ANA}/decode", {}),
        (f"/codec/{KEY}x/decode", bearer(KEY)),
        ("/codec/%C3%B1/decode", {}),
    ],
)
async def test_without_its_key_nobody_gets_anything(
    http: httpx2.AsyncClient, path: str, headers: dict[str, str]
) -> None:
    answer = await http.post(path, json=as_json(await encrypted(OURS)), headers=FROM_UI | headers)

    assert (answer.status_code, answer.json()["detail"]) == (401, "The codec's key is required.")
    # the page can read it
    assert answer.headers["Access-Control-Allow-Origin"] == UI


@pytest.mark.parametrize("path", ["/codec/encode", f"/codec/{KEY}/encode", f"/codec/{KEY}"])
async def test_its_key_opens_nothing_else(http: httpx2.AsyncClient, path: str) -> None:
    assert (await http.post(path, json={}, headers=NAMESPACE | bearer(KEY))).status_code == 401
    assert (await http.post(path, json={}, headers=NAMESPACE | bearer(ANA))).status_code == 404
    assert (await http.get("/api/quotations", headers=bearer(KEY))).status_code == 401


@pytest.mark.parametrize("namespace", [{"X-Namespace": "another"}, {}])
async def test_payloads_of_another_namespace_are_refused(
    http: httpx2.AsyncClient, namespace: dict[str, str]
) -> None:
    body = as_json(await encrypted(OURS))
    answer = await http.post(PATH, json=body, headers={"Origin": UI, **namespace})
    assert (answer.status_code, list(answer.json())) == (403, ["type", "title", "status", "detail"])


async def test_what_an_unknown_key_has_encrypted_stays_as_it_is(http: httpx2.AsyncClient) -> None:
    theirs = await encrypted(THEIRS)
    damaged = Payload(metadata={"encoding": b"binary/encrypted", "encryption-key-id": b"k1"}, data=b"short")
    answer = await http.post(PATH, json=as_json(theirs, await encrypted(OURS), damaged), headers=FROM_UI)

    assert (answer.status_code, answer.json()) == (200, as_json(theirs, PLAIN, damaged))


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("{", 400),
        ("[]", 422),
        ('{"payloads": 1}', 422),
        ('{"payloads": [1]}', 422),
        ('{"payloads": [{"data": "A"}]}', 422),
        ('{"payloads": [{"metadata": {"encoding": 7}}]}', 422),
        ('{"payloads": [{"metadata": {"\\ud800": "YQ=="}}]}', 422),
        (json.dumps({"payloads": [{"data": "A" * 262144}]}), 413),
    ],
)
async def test_another_body_is_refused(http: httpx2.AsyncClient, body: str, status: int) -> None:
    headers = FROM_UI | {"Content-Type": "application/json"}
    assert (await http.post(PATH, content=body, headers=headers)).status_code == status


async def test_the_page_has_a_rate_limit(serve_gateway: StartGateway) -> None:
    with serve_gateway(**SETTINGS | {"GATEWAY_RATE_LIMIT": "2"}) as url:
        async with callers.rest(url) as http:
            answers = [await http.post(PATH, json={}, headers=FROM_UI) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert {answer.headers["Access-Control-Allow-Origin"] for answer in answers} == {UI}


async def test_metrics_do_not_show_the_key(http: httpx2.AsyncClient) -> None:
    await http.post(PATH, json={}, headers=FROM_UI)
    scrape = (await http.get("/metrics", headers=bearer(ANA))).text
    assert 'route="/codec/decode"' in scrape
    assert KEY not in scrape
