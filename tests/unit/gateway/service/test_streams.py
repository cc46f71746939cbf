import asyncio
import gc
from contextlib import aclosing
from datetime import UTC, datetime

import pytest
from temporalio.client import Client

from gateway.errors import TooManyStreamsError
from gateway.service.callers import Caller
from gateway.service.status.streams import LONGEST_SECONDS, MOST_STREAMS, Streams
from gateway.service.status.watching import Watches
from quotation.status import QuotationStatus

ANA, BOB = Caller("ana", frozenset({"dev"})), Caller("bob", frozenset({"dev"}))
QUEUED = QuotationStatus.queued("quot_abc123def456", "development", datetime(2026, 1, 1, tzinfo=UTC))


async def read(_: str, __: QuotationStatus | None = None) -> QuotationStatus:
    return QUEUED


@pytest.fixture
def watches(nowhere: Client) -> Watches:
    return Watches(nowhere, read)


def test_a_caller_may_have_a_hundred_streams_for_a_quarter_of_an_hour_each() -> None:
    assert (MOST_STREAMS, LONGEST_SECONDS) == (100, 15 * 60)


async def test_one_caller_opens_so_many_streams_and_another_its_own(watches: Watches) -> None:
    streams = Streams(watches, most=3)
    opened = [await streams.open(ANA, QUEUED) for _ in range(3)]

    with pytest.raises(TooManyStreamsError, match="3 event streams"):
        await streams.open(ANA, QUEUED)

    opened.append(await streams.open(BOB, QUEUED))
    assert [await anext(stream) for stream in opened] == [QUEUED] * 4


async def test_a_closed_stream_gives_its_place_back(watches: Watches) -> None:
    streams = Streams(watches, most=1)
    for _ in range(3):
        async with aclosing(await streams.open(ANA, QUEUED)) as stream:
            await anext(stream)
        await forget_what_is_left()


async def test_a_stream_that_nobody_reads_gives_its_place_back(watches: Watches) -> None:
    streams = Streams(watches, most=1)
    for _ in range(3):
        # as when a client goes away before the first event
        await streams.open(ANA, QUEUED)
        await forget_what_is_left()


async def forget_what_is_left() -> None:
    gc.collect()
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_stream_ends_after_its_time(watches: Watches) -> None:
    streams = Streams(watches, longest_seconds=0.2)

    async with asyncio.timeout(30):
        statuses = [status async for status in await streams.open(ANA, QUEUED)]

    assert statuses == [QUEUED]
