"""Search attributes that come late: nothing that was started before is invisible after."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import grpc
import httpx2
import pytest
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError, RPCStatusCode

from activities.failures import RequestError
from quotation import steps
from quotation.errors import ErrorCode
from quotation.shown.search_attributes import SEARCH_ATTRIBUTES
from runtime.search_attributes import SearchAttributes
from sandbox.servers import temporal_server
from tests.gateway.conftest import ServeBehind, StartGateway
from tests.support import callers
from tests.support.callers import ANA, BOB, bearer
from tests.support.script import Script
from tests.support.serving import serving
from tests.support.temporal_relay import Relay, relay_to

Body = dict[str, Any]


@pytest.fixture
def own_temporal(tmp_path: Path) -> Iterator[str]:
    """A Temporal of this test's own, which has no search attributes of ours."""
    with temporal_server(tmp_path) as server:
        yield server.address


@pytest.fixture
async def relay(own_temporal: str) -> AsyncIterator[Relay]:
    async with relay_to(own_temporal) as relay:
        yield relay


async def start(http: httpx2.AsyncClient, body: Body, key: str) -> str:
    started = await http.post("/api/quotation/async", json=body, headers=bearer(key))
    assert started.status_code == 202, started.text
    return str(started.json()["tracking_id"])


async def pages(http: httpx2.AsyncClient, key: str, **query: str) -> list[str]:
    found, cursor = [], ""
    while cursor is not None:
        answer = await http.get(
            "/api/quotations", params={"limit": 1, "cursor": cursor, **query}, headers=bearer(key)
        )
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += [item["tracking_id"] for item in page["items"]]
        cursor = page["next_cursor"]
    return found


async def until_listed(http: httpx2.AsyncClient, key: str, expected: list[str], **query: str) -> None:
    async with asyncio.timeout(30):
        while sorted(found := await pages(http, key, **query)) != sorted(expected):
            assert len(found) <= len(expected)
            await asyncio.sleep(0.2)


async def test_quotations_from_before_without_and_with_attributes_are_in_their_owners_list(
    relay: Relay,
    serve_behind: ServeBehind,
    serve_gateway: StartGateway,
    own_temporal: str,
    request_body: Body,
) -> None:
    relay.fail(grpc.StatusCode.PERMISSION_DENIED, "AddSearchAttributes")
    settings = callers.SETTINGS
    async with serve_behind(**settings) as url, callers.rest(url) as without:
        before = await start(without, request_body, ANA)
        ended = await start(without, request_body, ANA)
        foreign = [await start(without, request_body, BOB) for _ in range(7)]
        await until_listed(without, ANA, [before, ended])

        with serve_gateway(**settings, TEMPORAL_ADDRESS=own_temporal) as registering:
            async with callers.rest(registering) as http:
                after = await start(http, request_body, ANA)
                # the other gateway does not know them yet, or does: both are right
                late = await start(without, request_body, ANA)
                client = await Client.connect(own_temporal)
                await client.get_workflow_handle(ended).terminate()
                attributes = (await client.get_workflow_handle(after).describe()).typed_search_attributes

                await until_listed(http, ANA, [before, ended, after, late])
                await until_listed(http, BOB, foreign)
                await until_listed(http, ANA, [before, after, late], status="queued")
                await until_listed(http, ANA, [ended], status="failed")
                assert await pages(http, ANA, status="completed") == []

    assert {key.name: value for key, value in attributes} == {
        "QuotationOwner": "ana",
        "QuotationStatus": "queued",
        "QuotationEnvironment": "dev",
    }


async def test_a_quotation_sets_those_that_temporal_has_room_for(
    own_temporal: str, serve_gateway: StartGateway, request_body: Body
) -> None:
    client = await Client.connect(own_temporal, data_converter=pydantic_data_converter)
    # a namespace has room for ten
    taken = {f"Taken{number}": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD for number in range(6)}
    await client.operator_service.add_search_attributes(
        AddSearchAttributesRequest(namespace="default", search_attributes=taken)
    )
    script = Script()
    script.fail(steps.AUTHENTICATE, RequestError(ErrorCode.PRODUCT_NOT_FOUND, "Product 1 does not exist."))
    with serve_gateway(TEMPORAL_ADDRESS=own_temporal) as url:
        async with callers.rest(url) as http, serving(client, "dev", script.activities()):
            [missing] = (await http.get("/readyz")).json()["missing"]
            failed, completed = [
                (await http.post("/api/quotation/async?wait=30", json=request_body)).json() for _ in range(2)
            ]
            # a run that ends between two pages is on both
            await client.get_workflow_handle(completed["tracking_id"]).result()
            run = client.get_workflow_handle(failed["tracking_id"])
            attributes = (await run.describe()).typed_search_attributes
            await until_listed(http, ANA, [failed["tracking_id"]], error_code="product_not_found")
            # without the attribute SaleOrder, all are examined
            await until_listed(http, ANA, [completed["tracking_id"]], words="s15433")

    assert "search attributes QuotationStep, SaleOrder, Salesperson (Keyword)" in missing
    assert {key.name: value for key, value in attributes if not key.name.startswith(("Build", "Temporal"))} == {
        "QuotationStatus": "failed",
        "QuotationEnvironment": "dev",
        "ErrorCode": "product_not_found",
    }


async def test_registering_tells_apart_what_exists_what_is_forbidden_and_what_is_away(
    relay: Relay,
) -> None:
    client = await Client.connect(relay.address)
    attributes = SearchAttributes(client, SEARCH_ATTRIBUTES)

    relay.fail(grpc.StatusCode.RESOURCE_EXHAUSTED, "AddSearchAttributes")
    with pytest.raises(RPCError) as away:
        await attributes.registered()
    assert away.value.status is RPCStatusCode.RESOURCE_EXHAUSTED

    relay.fail(grpc.StatusCode.PERMISSION_DENIED, "AddSearchAttributes")
    assert await attributes.registered() == frozenset()

    # two processes register them at the same time
    relay.mend()
    others = [SearchAttributes(await Client.connect(relay.address), SEARCH_ATTRIBUTES) for _ in range(4)]
    found = await asyncio.gather(*(other.registered() for other in [attributes, *others]))
    assert found == [{*SEARCH_ATTRIBUTES}] * 5


async def test_another_process_that_registers_them_first_is_no_reason_to_go_without(
    relay: Relay, own_temporal: str
) -> None:
    client = await Client.connect(relay.address)
    attributes = SearchAttributes(client, SEARCH_ATTRIBUTES)

    async def be_faster() -> grpc.StatusCode:
        relay.mend()
        await SearchAttributes(await Client.connect(own_temporal), SEARCH_ATTRIBUTES).registered()
        return grpc.StatusCode.ALREADY_EXISTS

    relay.interfere(be_faster, "AddSearchAttributes")

    assert await attributes.registered() == {*SEARCH_ATTRIBUTES}
