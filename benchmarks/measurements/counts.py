"""The counts of a quotation, the same on any machine: calls to Odoo, events, workflow tasks, bytes in Temporal."""

from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

from benchmarks.measurements import names
from benchmarks.samples import Samples
from benchmarks.sides.clients import Rest, check
from benchmarks.sides.requests import new_request, next_request
from benchmarks.stage import SLOW, OdooSide

_WARM_UP = 2
# a call to a real Odoo takes longer than a write to S3, which then needs no activity of its own
_LATENCY_SECONDS = 0.15
_WAIT_SECONDS = 60


async def measure(client: Client, side: OdooSide, samples: Samples, rounds: int) -> None:
    """Count for a new customer and for the same one again, with a worker that has worked before, on a stand-in."""
    await side.set_latency(_LATENCY_SECONDS)
    async with side.rest(SLOW) as rest:
        for _ in range(_WARM_UP):
            await _quote(rest, new_request())
        for _ in range(rounds):
            before = side.calls
            request = new_request()
            tracking_id = await _quote(rest, request)
            between = side.calls
            samples.add(names.COUNTS, names.CALLS_NEW, between - before)
            await _quote(rest, next_request(request))
            samples.add(names.COUNTS, names.CALLS_KNOWN, side.calls - between)
            for name, count in (await history(client, tracking_id)).items():
                samples.add(names.COUNTS, name, count)
    await side.set_latency(0)


async def history(client: Client, tracking_id: str) -> dict[str, int]:
    """Return the counts of a finished run's history."""
    handle = client.get_workflow_handle(tracking_id)
    # the log is written after the status is final
    events = [event.event_type async for event in handle.fetch_history_events(wait_new_event=True)]
    described = await handle.describe()
    return {
        names.EVENTS: len(events),
        names.WORKFLOW_TASKS: events.count(EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED),
        names.ACTIVITIES: events.count(EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED),
        names.HISTORY_BYTES: described.raw_description.workflow_execution_info.history_size_bytes,
    }


async def _quote(rest: Rest, request: dict[str, Any]) -> str:
    started = await rest.start(request)
    tracking_id: str = started["tracking_id"]
    check(await rest.status(tracking_id, _WAIT_SECONDS))
    return tracking_id
