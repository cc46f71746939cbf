"""The status that the events of a run tell, when some of them cannot be read."""

from datetime import UTC, datetime
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.api.history.v1 import HistoryEvent

from gateway.service.status.telling import ToldStatus
from quotation import steps
from quotation.messages import QuotationInput
from quotation.status import State
from runtime.encryption import data_converter
from tests.support.requests import request

CONVERTER = data_converter(())
NOW = datetime(2025, 12, 22, 15, 30, tzinfo=UTC)


def event(number: int) -> HistoryEvent:
    event = HistoryEvent(event_id=number)
    event.event_time.FromDatetime(NOW)
    return event


async def started() -> HistoryEvent:
    quotation = QuotationInput(request=request(), environment="development", fingerprint="f")
    one = event(1)
    one.workflow_execution_started_event_attributes.input.payloads.extend(await CONVERTER.encode([quotation]))
    return one


def scheduled(number: int, activity: str) -> HistoryEvent:
    one = event(number)
    one.activity_task_scheduled_event_attributes.activity_type.name = activity
    return one


def completed(number: int, begun: HistoryEvent, outcome: Payload) -> HistoryEvent:
    one = event(number)
    one.activity_task_completed_event_attributes.scheduled_event_id = begun.event_id
    one.activity_task_completed_event_attributes.result.payloads.append(outcome)
    return one


async def outcome(value: Any) -> Payload:
    [payload] = await CONVERTER.encode([value])
    return payload


@pytest.mark.parametrize(
    "unreadable",
    [
        Payload(metadata={"encoding": b"json/plain"}, data=b'{"opened": true}'),
        Payload(metadata={"encoding": b"json/plain"}, data=b"{"),
        Payload(metadata={"encoding": b"binary/of-tomorrow"}, data=b"\x00"),
    ],
)
async def test_an_outcome_of_a_newer_version_hides_no_later_one(unreadable: Payload) -> None:
    opening, lead = scheduled(2, steps.AUTHENTICATE), scheduled(4, steps.CREATE_LEAD)
    told = ToldStatus("quot_0123456789ab", CONVERTER)

    for one in (
        await started(),
        opening,
        completed(3, opening, unreadable),
        lead,
        completed(5, lead, await outcome(27414)),
    ):
        await told.hear(one)

    assert told.status is not None
    assert (told.status.status, told.status.result.lead_id) == (State.PROCESSING, 27414)
