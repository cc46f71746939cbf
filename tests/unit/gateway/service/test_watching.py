import asyncio
import logging
from collections import Counter
from datetime import UTC, datetime

import pytest
from temporalio.client import Client

from gateway.errors import TemporalUnavailableError, UnexpectedError
from gateway.service.status.watching import Watches
from quotation.status import QuotationStatus, State

QUEUED = QuotationStatus.queued("quot_abc123def456", "development", datetime(2026, 1, 1, tzinfo=UTC))


def queued(number: int) -> QuotationStatus:
    return QUEUED.model_copy(update={"tracking_id": f"quot_{number:012x}"})


async def drain(watches: Watches, status: QuotationStatus) -> list[QuotationStatus]:
    return [latest async for latest in watches.changes(status, asyncio.get_running_loop().time() + 60)]


async def test_any_error_ends_all_who_wait_with_an_answer(
    nowhere: Client, caplog: pytest.LogCaptureFixture
) -> None:
    async def read(_: str, __: QuotationStatus | None = None) -> QuotationStatus:
        raise KeyError("SECRET")

    watches = Watches(nowhere, read)

    async with asyncio.timeout(30):
        answers = await asyncio.gather(
            *(watches.final(QUEUED) for _ in range(3)), drain(watches, QUEUED), return_exceptions=True
        )

    assert [type(answer) for answer in answers] == [UnexpectedError] * 4
    [record] = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert "SECRET" not in record.getMessage()


async def test_a_refusal_ends_all_who_wait_as_it_is(nowhere: Client) -> None:
    async def read(_: str, __: QuotationStatus | None = None) -> QuotationStatus:
        raise TemporalUnavailableError

    watches = Watches(nowhere, read)

    async with asyncio.timeout(30):
        answers = await asyncio.gather(watches.final(QUEUED), drain(watches, QUEUED), return_exceptions=True)

    assert [type(answer) for answer in answers] == [TemporalUnavailableError] * 2


async def test_a_watch_that_failed_is_not_in_the_way_of_the_next(nowhere: Client) -> None:
    answers: list[QuotationStatus | Exception] = [
        KeyError(),
        QUEUED.model_copy(update={"status": State.COMPLETED}),
    ]

    async def read(_: str, __: QuotationStatus | None = None) -> QuotationStatus:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    watches = Watches(nowhere, read)
    with pytest.raises(UnexpectedError):
        await drain(watches, QUEUED)

    async with asyncio.timeout(30):
        statuses = await drain(watches, QUEUED)

    assert [status.status for status in statuses] == ["queued", "completed"]


async def test_all_streams_together_read_no_more_often_than_allowed(nowhere: Client) -> None:
    reads: Counter[str] = Counter()

    async def read(tracking_id: str, _: QuotationStatus | None) -> QuotationStatus:
        reads[tracking_id] += 1
        return next(status for status in statuses if status.tracking_id == tracking_id)

    statuses = [queued(number) for number in range(40)]
    watches = Watches(nowhere, read, pause_seconds=0.01, most_reads_a_second=20)
    clock = asyncio.get_running_loop()
    began = clock.time()

    streams = [asyncio.create_task(drain(watches, status)) for status in statuses]
    await asyncio.sleep(3)
    seconds = clock.time() - began
    for stream in streams:
        stream.cancel()
    await asyncio.gather(*streams, return_exceptions=True)

    # one at once for each stream, and one for each history that could not be followed
    assert len(reads) <= sum(reads.values()) <= 3 * len(statuses) + 20 * seconds
