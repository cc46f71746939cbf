"""Reads a status from the history of its run, without a worker: Temporal keeps what each activity returned."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.api.history.v1 import HistoryEvent
from temporalio.converter import DataConverter

from gateway.errors import UnreadableQuotationError
from gateway.service.temporal.run_status import decrypting
from quotation import steps
from quotation.course.story import OUTCOMES, Story
from quotation.messages import STATUS_MEMO, WARN_SIGNAL, QuotationInput
from quotation.status import QuotationStatus
from quotation.steps import STEP_OF
from quotation.warning import QuotationWarning

logger = logging.getLogger(__name__)


class ToldStatus:
    """The status of one run, as far as its events tell; call `hear` for each in their order."""

    def __init__(self, tracking_id: str, converter: DataConverter) -> None:
        self._tracking_id = tracking_id
        self._converter = converter
        self._activities: dict[int, str] = {}
        self._pending: set[int] = set()
        self._story: Story | None = None
        self._published: QuotationStatus | None = None

    @property
    def status(self) -> QuotationStatus | None:
        """The status; None until the first event that this version can read."""
        if self._published is not None:
            return self._published
        return self._story.status.model_copy(deep=True) if self._story else None

    @property
    def may_fail(self) -> bool:
        """True while a step is pending: its failed attempts are not in the history."""
        return bool(self._pending)

    @property
    def may_end(self) -> bool:
        """True if the last step that writes has begun: from here on the next event may be the end."""
        return steps.CREATE_SALE_ORDER in self._activities.values()

    async def hear(self, event: HistoryEvent) -> bool:
        """Return True if the event may have changed the status. Raises `UnreadableQuotationError`."""
        try:
            with decrypting():
                return await self._hear(event)
        except UnreadableQuotationError:
            raise
        except Exception as error:  # noqa: BLE001  # a newer version may have written it, in whatever encoding
            logger.warning("an event of a run could not be read: %s", type(error).__name__)
            return False

    async def _hear(self, event: HistoryEvent) -> bool:
        now = event.event_time.ToDatetime(UTC)
        kind = event.WhichOneof("attributes") or ""
        told: Any = getattr(event, kind, None)
        match kind.removesuffix("_event_attributes"):
            case "workflow_execution_started":
                quotation = await self._decode(told.input.payloads, QuotationInput)
                self._story = Story(self._tracking_id, quotation, now)
                return True
            case "workflow_properties_modified" if STATUS_MEMO in told.upserted_memo.fields:
                self._published = await self._decode([told.upserted_memo.fields[STATUS_MEMO]], QuotationStatus)
                return True
            case "workflow_execution_signaled" if told.signal_name == WARN_SIGNAL and self._story:
                self._story.warn([await self._decode(told.input.payloads, QuotationWarning)])
                return True
            case "activity_task_scheduled":
                self._activities[event.event_id] = told.activity_type.name
                if told.activity_type.name in STEP_OF:
                    self._pending.add(event.event_id)
                return self._begin(told.activity_type.name, now)
            case "activity_task_failed" | "activity_task_timed_out" | "activity_task_canceled":
                self._pending.discard(told.scheduled_event_id)
            case "activity_task_completed":
                self._pending.discard(told.scheduled_event_id)
                activity = self._activities.get(told.scheduled_event_id, "")
                return await self._finish(activity, told.result.payloads, now)
        return False

    def _begin(self, activity: str, now: datetime) -> bool:
        if self._story is None or activity not in STEP_OF:
            return False
        before = self._story.status.status
        self._story.begin(STEP_OF[activity], now)
        return self._story.status.status is not before

    async def _finish(self, activity: str, payloads: Sequence[Payload], now: datetime) -> bool:
        if self._story is None or activity not in OUTCOMES:
            return False
        self._story.hear(activity, await self._decode(payloads, OUTCOMES[activity]), now)
        return True

    async def _decode(self, payloads: Sequence[Payload], form: Any) -> Any:
        [value] = await self._converter.decode(payloads, [form])
        return value
