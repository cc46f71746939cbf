"""Idempotency keys and conversations: which starts are the same quotation."""

import asyncio
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from mcp.client.client import Client as McpClient
from temporalio.client import Client

from quotation.identity import fingerprint, new_tracking_id
from quotation.request import QuotationRequest
from tests.support import callers
from tests.support.requests import REQUEST
from tests.support.retention import forget

Body = dict[str, Any]

PATH = "/api/quotation/async"


def key(value: str | None = None) -> dict[str, str]:
    return {"Idempotency-Key": value or new_tracking_id()}


def conversation(value: str | None = None) -> dict[str, str]:
    return {"Conversation-Id": value or new_tracking_id()}


async def start(
    http: httpx2.AsyncClient, body: Body, headers: dict[str, str], path: str = PATH
) -> tuple[str, bool]:
    """The tracking id, and whether it is told to be a repetition."""
    response = await http.post(path, json=body, headers=headers)
    assert response.status_code == 202, response.text
    return response.json()["tracking_id"], response.headers.get("Idempotent-Replayed") == "true"


@pytest.mark.parametrize("headers", [key(), conversation()], ids=["key", "conversation"])
async def test_the_same_request_is_the_same_quotation(
    http: httpx2.AsyncClient, request_body: Body, headers: dict[str, str]
) -> None:
    first = await http.post(PATH, json=request_body, headers=headers)
    # equal, though not written in the same way
    again = request_body | {"email": request_body["email"].upper(), "product_qty": "1.0", "notes": None}
    second = await http.post(PATH, json=again, headers=headers)

    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    # the estimate is measured anew
    again_told, told = second.json() | {"estimated_time": ""}, first.json() | {"estimated_time": ""}
    assert (second.status_code, again_told, second.headers["Location"]) == (202, told, first.headers["Location"])


async def test_a_key_with_another_request_is_refused(http: httpx2.AsyncClient, request_body: Body) -> None:
    headers = key()
    await start(http, request_body, headers)

    response = await http.post(PATH, json=request_body | {"product_qty": 2}, headers=headers)

    assert response.status_code == 422
    assert response.json()["detail"].startswith("This idempotency key was already used for a different request")


async def test_another_request_in_a_conversation_is_another_quotation(
    http: httpx2.AsyncClient, request_body: Body
) -> None:
    headers = conversation()
    first, _ = await start(http, request_body, headers)
    other, is_replayed = await start(http, request_body | {"product_qty": 2}, headers)
    assert (other != first, is_replayed) == (True, False)
    assert await start(http, request_body, headers) == (first, True)


async def test_a_reworded_request_in_a_conversation_is_the_same_quotation_and_keeps_its_first_wording(
    http: httpx2.AsyncClient, temporal: Client, request_body: Body
) -> None:
    headers = conversation()
    first, _ = await start(http, request_body, headers)
    reworded = request_body | {
        "lead_name": "Robot, otra vez",
        "partner_name": "ACME",
        "contact_name": "Juan",
        "phone": "5512345678",
        "notes": "Urgente",
        "user_id": 3,
    }

    second = await http.post(PATH, json=reworded, headers=headers)

    assert (second.json()["tracking_id"], second.headers["Idempotent-Replayed"]) == (first, "true")
    [warning] = second.json()["warnings"]
    assert warning["code"] == "already_asked"
    named = ("partner_name", "contact_name", "phone", "lead_name", "user_id", "notes")
    assert all(name in warning["message"] for name in named)
    assert "Juan" not in warning["message"]
    memo = await (await temporal.get_workflow_handle(first).describe()).memo()
    assert memo["fingerprint"] == fingerprint(QuotationRequest.model_validate(request_body))


@pytest.mark.parametrize(
    "change",
    [
        {"email": "otra@corp.test"},
        {"product_id": 5},
        {"product_price": 100},
        {"product_id": None, "product": "MT1"},
        {"product_id": None, "lines": [{"product_id": 26174}, {"product_id": 26174}]},
    ],
)
async def test_another_customer_product_or_price_in_a_conversation_is_another_quotation(
    http: httpx2.AsyncClient, request_body: Body, change: Body
) -> None:
    headers = conversation()
    first, _ = await start(http, request_body, headers)
    other, is_replayed = await start(http, request_body | change, headers)
    assert (other != first, is_replayed) == (True, False)


async def test_an_agreed_price_in_another_currency_is_another_price(
    http: httpx2.AsyncClient, request_body: Body
) -> None:
    headers, priced = conversation(), request_body | {"product_price": 100}
    in_pesos, _ = await start(http, priced | {"currency": "MXN"}, headers)
    in_dollars, is_replayed = await start(http, priced | {"currency": "USD"}, headers)
    assert (in_dollars != in_pesos, is_replayed) == (True, False)
    # both are found again, and without a currency the first one is meant
    assert await start(http, priced | {"currency": "usd"}, headers) == (in_dollars, True)
    assert await start(http, priced, headers) == (in_pesos, True)


async def test_a_key_with_a_reworded_request_is_refused(http: httpx2.AsyncClient, request_body: Body) -> None:
    headers = key() | conversation()
    await start(http, request_body, headers)
    response = await http.post(PATH, json=request_body | {"lead_name": "Otro"}, headers=headers)
    assert response.status_code == 422


async def test_a_key_decides_where_a_conversation_is_sent_too(
    http: httpx2.AsyncClient, request_body: Body
) -> None:
    one, other, talk = key(), key(), conversation()
    first, _ = await start(http, request_body, one | talk)
    second, is_replayed = await start(http, request_body, other | talk)
    assert (second != first, is_replayed) == (True, False)
    # a key and a conversation of the same text are not the same
    third, is_replayed = await start(http, request_body, conversation(one["Idempotency-Key"]))
    assert (third not in (first, second), is_replayed) == (True, False)


async def test_keys_belong_to_an_environment(http: httpx2.AsyncClient, request_body: Body) -> None:
    headers = key()
    first, _ = await start(http, request_body, headers)
    other, is_replayed = await start(http, request_body | {"product_qty": 2}, headers, "/api/prod/quotation/async")
    assert (other != first, is_replayed) == (True, False)


async def test_fifty_equal_starts_at_once_start_one_workflow(
    http: httpx2.AsyncClient, temporal: Client, request_body: Body
) -> None:
    headers = key()
    starts = await asyncio.gather(*(start(http, request_body, headers) for _ in range(50)))
    assert len({tracking_id for tracking_id, _ in starts}) == 1
    assert [is_replayed for _, is_replayed in starts].count(False) == 1
    runs = [run async for run in temporal.list_workflows(f"WorkflowId = '{starts[0][0]}'")]
    assert len(runs) <= 1


@pytest.mark.parametrize("ended", [False, True])
async def test_a_key_holds_while_temporal_holds_the_run(
    http: httpx2.AsyncClient,
    temporal: Client,
    request_body: Body,
    ended: bool,  # noqa: FBT001  # pytest names it
) -> None:
    headers = key()
    tracking_id, _ = await start(http, request_body, headers)
    if ended:
        await temporal.get_workflow_handle(tracking_id).terminate()
    assert await start(http, request_body, headers) == (tracking_id, True)


@pytest_asyncio.fixture(scope="module")
async def deleted(gateway: str, temporal_address: str) -> list[tuple[str, dict[str, str]]]:
    """Quotations of `REQUEST` that Temporal has deleted, as after its retention, with their keys; take one."""
    temporal = await Client.connect(temporal_address)
    keys = [key() for _ in range(3)]
    async with callers.rest(gateway) as http:
        ids = [(await start(http, REQUEST, headers))[0] for headers in keys]
    await asyncio.gather(*(temporal.get_workflow_handle(tracking_id).terminate() for tracking_id in ids))
    await forget(temporal, *ids)
    return list(zip(ids, keys, strict=True))


async def test_after_a_deleted_run_the_key_starts_the_same_quotation_again(
    http: httpx2.AsyncClient, temporal: Client, request_body: Body, deleted: list[tuple[str, dict[str, str]]]
) -> None:
    tracking_id, headers = deleted.pop()

    # the same id and fingerprint, so the same records in Odoo
    assert await start(http, request_body, headers) == (tracking_id, False)
    memo = await (await temporal.get_workflow_handle(tracking_id).describe()).memo()
    assert memo["fingerprint"] == fingerprint(QuotationRequest.model_validate(request_body))


async def test_after_a_deleted_run_the_key_may_have_another_request(
    http: httpx2.AsyncClient, request_body: Body, deleted: list[tuple[str, dict[str, str]]]
) -> None:
    _, headers = deleted.pop()
    other = request_body | {"product_qty": 2}
    _, is_replayed = await start(http, other, headers)
    assert not is_replayed


async def test_a_chance_collision_hands_nobody_another_s_quotation(
    http: httpx2.AsyncClient, temporal: Client, request_body: Body, deleted: list[tuple[str, dict[str, str]]]
) -> None:
    tracking_id, headers = deleted.pop()
    # another customer's quotation that has this id by chance
    memo = {
        "environment": "development",
        "environment_name": "dev",
        "fingerprint": "0" * 64,
        "owner": "",
        "key": "1",
    }
    await temporal.start_workflow("Quotation", "x", id=tracking_id, task_queue="quotations-dev", memo=memo)

    mine, is_replayed = await start(http, request_body, headers)

    assert (mine != tracking_id, is_replayed) == (True, False)
    assert await start(http, request_body, headers) == (mine, True)


@pytest.mark.parametrize("value", ["x" * 256, "ñ", "a\tb"])
@pytest.mark.parametrize("name", ["Idempotency-Key", "Conversation-Id"])
async def test_a_malformed_key_is_refused(
    http: httpx2.AsyncClient, request_body: Body, name: str, value: str
) -> None:
    response = await http.post(PATH, json=request_body, headers=[(name.encode(), value.encode())])
    assert response.status_code == 422
    assert [error["field"] for error in response.json()["errors"]] == [name.lower()]


async def test_the_longest_key_and_every_printable_character_will_do(
    http: httpx2.AsyncClient, request_body: Body
) -> None:
    printable = "".join(map(chr, range(0x21, 0x7F)))
    value = (new_tracking_id() + printable + " " + printable * 2)[:255]
    tracking_id, _ = await start(http, request_body, key(value))
    assert await start(http, request_body, key(value)) == (tracking_id, True)


async def test_a_start_without_a_key_is_a_new_quotation(http: httpx2.AsyncClient, request_body: Body) -> None:
    starts = [await start(http, request_body, {}) for _ in range(2)]
    assert starts[0] != starts[1]


async def test_keys_over_mcp_are_those_of_rest(gateway: str, http: httpx2.AsyncClient, request_body: Body) -> None:
    value = new_tracking_id()
    async with McpClient(f"{gateway}/mcp") as client:
        arguments = request_body | {"idempotency_key": value, "conversation_id": "x"}
        first = (await client.call_tool("dev_create_quotation", arguments)).structured_content
        second = (await client.call_tool("dev_create_quotation", arguments)).structured_content
        other = await client.call_tool("dev_create_quotation", arguments | {"product_qty": 2})
        wrong = await client.call_tool("dev_create_quotation", request_body | {"idempotency_key": "ñ"})
    assert first
    assert second == first | {"replayed": True}
    assert other.is_error
    assert "different request" in str(other.content)
    assert wrong.is_error
    assert "idempotency_key" in str(wrong.content)
    assert await start(http, request_body, key(value)) == (first["tracking_id"], True)
