from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from gateway.errors import TemporalUnavailableError
from gateway.rest.acting import COME_AGAIN, events
from quotation.status import QuotationStatus, State

QUEUED = QuotationStatus.queued("quot_abc123def456", "development", datetime(2026, 1, 1, tzinfo=UTC))
COMPLETED = QUEUED.model_copy(update={"status": State.COMPLETED})


async def statuses(*given: QuotationStatus | Exception) -> AsyncIterator[QuotationStatus]:
    for one in given:
        if isinstance(one, Exception):
            raise one
        yield one


@pytest.mark.parametrize(
    ("given", "comes_again"),
    [
        ((QUEUED, COMPLETED), False),
        ((QUEUED,), True),
        ((QUEUED, TemporalUnavailableError()), True),
    ],
)
async def test_a_stream_that_ends_before_the_quotation_says_come_again(
    given: tuple[QuotationStatus | Exception, ...], *, comes_again: bool
) -> None:
    sent = [event async for event in events(statuses(*given))]

    assert (sent[-1] is COME_AGAIN) == comes_again
    assert COME_AGAIN.encode().decode().startswith("event: come_again\r\ndata: {")
