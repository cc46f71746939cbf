"""Retries many failed quotations, spread out so that Odoo is not overloaded (docs/reference.md, REST)."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema

from gateway.errors import (
    NotRetryableError,
    TemporalUnavailableError,
    UnknownQuotationError,
    UnreadableQuotationError,
)
from gateway.service import audit
from gateway.service.callers import Caller
from gateway.service.lists.listing import ListedQuotation, Listing
from gateway.service.lists.wanted import Code, Time, Wanted
from gateway.service.starts.retrying import Retries
from gateway.service.status.reading import StatusReader
from quotation.environment import Environment
from quotation.forgiving.arguments import Arguments
from quotation.forgiving.numerals import to_integer
from quotation.status import State
from quotation.values import drop_null_default

PACE = timedelta(seconds=0.5)
"""The time between the starts of two retried quotations of one environment."""

# clients are promised an answer within 10 s (docs/reference.md, Errors)
_SEARCH_SECONDS = 4.0
_START_SECONDS = 4.0
_PAGE = 100
_AT_ONCE = 8
_MOST = 1000


_Limit = Annotated[
    int,
    Field(ge=1, le=_MOST),
    BeforeValidator(to_integer),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": _MOST}),
]


class FailedOnes(Arguments):
    """Which failed quotations to retry; an omitted field matches all."""

    error_code: Code | None = Field(
        None, description="Only those that failed with this code.", json_schema_extra=drop_null_default
    )
    since: Time | None = Field(
        None, description="Failed at or after this time (UTC).", json_schema_extra=drop_null_default
    )
    until: Time | None = Field(
        None, description="Failed at or before this time.", json_schema_extra=drop_null_default
    )
    limit: _Limit = Field(_PAGE, json_schema_extra={"default": _PAGE})

    def fit(self, failed: ListedQuotation) -> bool:
        """Return True if this failed quotation matches."""
        at = _failed_at(failed)
        return (
            (self.error_code is None or (failed.error is not None and failed.error.code == self.error_code))
            and (self.since is None or at >= self.since)
            and (self.until is None or at <= self.until)
        )


class Retried(BaseModel):
    """The retried quotations, in the order in which they failed."""

    tracking_ids: list[str]
    remaining: int = Field(description="How many more match.")


class BulkRetries:
    """Retries many quotations: each starts `PACE` after the one before it, also over several calls."""

    def __init__(
        self,
        listing: Listing,
        reader: StatusReader,
        retries: Retries,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._listing = listing
        self._reader = reader
        self._retries = retries
        self._clock = clock
        self._next_start: dict[str, float] = {}

    async def retry(
        self,
        caller: Caller,
        environments: Sequence[Environment],
        wanted: FailedOnes,
        owner: str | None = None,
        words: str | None = None,
        *,
        dry_run: bool = False,
    ) -> Retried:
        """Retry the matching failed quotations that the caller may change; a dry run only lists them.

        The first to fail comes first. With an `owner`, only that one's match; `words` as in `Wanted`.

        A quotation that another call is retrying is skipped. Raises as `Listing.page`.
        """
        found = await self._find(caller, environments, wanted, Wanted(owner=owner, words=words))
        chosen = found[: wanted.limit]
        if dry_run:
            return Retried(tracking_ids=chosen, remaining=len(found) - len(chosen))
        waiting = deque(chosen)
        started = await self._retry_all(caller, waiting)
        return Retried(
            tracking_ids=[one for one in chosen if one in started],
            remaining=len(found) - len(chosen) + len(waiting),
        )

    async def _find(
        self, caller: Caller, environments: Sequence[Environment], wanted: FailedOnes, named: Wanted
    ) -> list[str]:
        failed = named.model_copy(update={"status": State.FAILED, "limit": _PAGE})
        found: dict[str, ListedQuotation] = {}
        end = self._clock() + _SEARCH_SECONDS
        while True:
            page = await self._listing.page(caller.changed_owner, environments, failed)
            found |= {item.tracking_id: item for item in page.items if wanted.fit(item)}
            if page.next_cursor is None or self._clock() > end:
                return sorted(found, key=lambda one: _failed_at(found[one]))
            failed = failed.model_copy(update={"cursor": page.next_cursor})

    async def _retry_all(self, caller: Caller, waiting: deque[str]) -> set[str]:
        """Retry the waiting ones until time is up, and return those that are running."""
        end = self._clock() + _START_SECONDS
        started: set[str] = set()
        problems: list[TemporalUnavailableError] = []

        async def retry_some() -> None:
            while waiting and not problems and self._clock() < end:
                tracking_id = waiting.popleft()
                try:
                    if await self._retry(caller, tracking_id):
                        started.add(tracking_id)
                except TemporalUnavailableError as problem:
                    waiting.append(tracking_id)
                    problems.append(problem)

        await asyncio.gather(*(retry_some() for _ in range(_AT_ONCE)))
        if problems and not started:
            raise problems[0]
        return started

    async def _retry(self, caller: Caller, tracking_id: str) -> bool:
        with suppress(NotRetryableError, UnknownQuotationError, UnreadableQuotationError):
            quotation = await self._reader.find(caller, tracking_id, to_change=True)
            status = await self._reader.status_of(quotation.run, ask_worker=False)
            if status.status is not State.FAILED:
                return False
            delay = self._delay(quotation.environment)
            await self._retries.retry(quotation.run, status, {}, delay)
            audit.record("retry", caller, quotation.environment, tracking_id, quotation.owner)
            return True
        return False

    def _delay(self, environment: str) -> timedelta:
        """Return when the next quotation of this environment may start."""
        now = self._clock()
        start = max(now, self._next_start.get(environment, now))
        self._next_start[environment] = start + PACE.total_seconds()
        return timedelta(seconds=start - now)


def _failed_at(failed: ListedQuotation) -> datetime:
    return failed.completed_at or failed.created_at
