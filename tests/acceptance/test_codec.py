"""With `PAYLOAD_KEYS`, Temporal's files hold nothing readable, and its UI shows all of it through the codec.

With `SCREENSHOTS=folder`, pictures of the UI are kept there.
"""

import base64
import json
import os
import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from google.protobuf.json_format import MessageToDict
from playwright.async_api import Browser, expect
from temporalio.client import Client

from sandbox.ports import free_port
from sandbox.serve import Plan, Sandbox, serve
from tests.acceptance.test_secrets import until_closed
from tests.support import quotations
from tests.support.requests import unique_body

Payloads = list[dict[str, Any]]

CUSTOMER = f"Ferretería Núñez {secrets.token_hex(3)}"
KEYS = f"k1:{base64.b64encode(secrets.token_bytes(32)).decode()}"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    plan = Plan(
        tmp_path_factory.mktemp("sandbox"),
        latency="0",
        payload_keys=KEYS,
        gateway_port=free_port(),
        temporal_port=free_port(),
        ui_port=free_port(),
        odoo_port=free_port(),
        s3_port=free_port(),
    )
    with serve(plan, lambda _: None) as sandbox:
        yield sandbox


@pytest.fixture
async def http(sandbox: Sandbox) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(base_url=sandbox.system.gateway_url, timeout=30) as client:
        yield client


@pytest.fixture
def request_body() -> dict[str, Any]:
    return unique_body(partner_name=CUSTOMER)


async def ended(sandbox: Sandbox, http: httpx2.AsyncClient, body: dict[str, Any], state: str) -> str:
    """Return the id of a quotation that has ended in this state."""
    tracking_id = await quotations.start(http, **body)
    assert (await quotations.final(http, tracking_id))["status"] == state
    await until_closed(sandbox.system, [tracking_id])
    return tracking_id


async def test_the_files_of_temporal_hold_no_customer(
    sandbox: Sandbox, http: httpx2.AsyncClient, request_body: dict[str, Any]
) -> None:
    tracking_id = await ended(sandbox, http, request_body, "completed")
    # with its journal, if there is one
    stored = b"".join(path.read_bytes() for path in sandbox.system.folder.glob("temporal.db*"))

    # the search would find what is there
    assert tracking_id.encode() in stored
    for word in (CUSTOMER, "Ferreter", request_body["email"], request_body["lead_name"], "1234 5678"):
        for form in forms_of(word):
            assert form not in stored, (word, form)


async def test_the_codec_reads_inputs_failures_and_memos(
    sandbox: Sandbox, http: httpx2.AsyncClient, request_body: dict[str, Any]
) -> None:
    tracking_id = await ended(sandbox, http, request_body | {"product_id": 999_999_999}, "failed")
    client = await Client.connect(sandbox.system.temporal)
    handle = client.get_workflow_handle(tracking_id)
    history = json.loads((await handle.fetch_history()).to_json())
    memo = (await handle.describe()).raw_info.memo
    stored: dict[str, Payloads] = {
        "input": history["events"][0]["workflowExecutionStartedEventAttributes"]["input"]["payloads"],
        "failures": list(encoded_attributes(history)),
        "memo": list(MessageToDict(memo)["fields"].values()),
    }

    shown = {name: await decoded(sandbox, http, values) for name, values in stored.items()}

    assert CUSTOMER in shown["input"]
    assert request_body["email"] in shown["input"]
    assert "Product 999999999 does not exist in Odoo" in shown["failures"]
    assert "Product 999999999 does not exist in Odoo" in shown["memo"]


@pytest.mark.parametrize(
    ("state", "product", "shown"),
    [("completed", 26174, "Cotización"), ("failed", 999_999_999, "Product 999999999 does not exist in Odoo")],
)
async def test_the_ui_shows_what_is_encrypted(
    sandbox: Sandbox,
    http: httpx2.AsyncClient,
    request_body: dict[str, Any],
    browser: Browser,
    state: str,
    product: int,
    shown: str,
) -> None:
    tracking_id = await ended(sandbox, http, request_body | {"product_id": product}, state)
    page = await browser.new_page(viewport={"width": 1280, "height": 1000})
    try:
        await page.goto(f"{sandbox.ui_url}/namespaces/default/workflows/{tracking_id}")
        for text in (CUSTOMER, request_body["email"], shown):
            await expect(page.get_by_text(text).first).to_be_visible(timeout=30_000)
    finally:
        if folder := os.environ.get("SCREENSHOTS"):
            await page.screenshot(path=Path(folder) / f"temporal-ui-{state}.png")
        await page.close()


def forms_of(word: str) -> Iterator[bytes]:
    """Find how a file may hold this word: as it is, and in base64, which depends on its place among the bytes."""
    text = word.encode()
    yield text
    for before in range(3):
        data = bytes(before) + text
        # without the letters that hold bits of the bytes beside the word
        yield base64.b64encode(data)[-(-before * 8 // 6) : len(data) * 8 // 6]


def encoded_attributes(value: Any) -> Iterator[dict[str, Any]]:
    """Find the texts of failures in a history."""
    if isinstance(value, dict):
        if "encodedAttributes" in value:
            yield value["encodedAttributes"]
        for part in value.values():
            yield from encoded_attributes(part)
    elif isinstance(value, list):
        for part in value:
            yield from encoded_attributes(part)


async def decoded(sandbox: Sandbox, http: httpx2.AsyncClient, values: Payloads) -> str:
    """Return the data of payloads as the UI's page gets it, after a check that all of it was encrypted."""
    assert {base64.b64decode(one["metadata"]["encoding"]) for one in values} == {b"binary/encrypted"}
    headers = {"Origin": sandbox.ui_url, "X-Namespace": "default"}
    path = f"/codec/{sandbox.system.settings['CODEC_KEY']}/decode"
    answer = await http.post(path, json={"payloads": values}, headers=headers)
    assert answer.status_code == httpx2.codes.OK, answer.text
    return "\n".join(base64.b64decode(one["data"]).decode() for one in answer.json()["payloads"])
