"""One quotation as operators see it, beyond what its status says."""

from dataclasses import dataclass

from gateway.errors import NotKeptError
from gateway.service.callers import Caller
from gateway.service.lists.temporal_pages import TemporalPages
from gateway.service.starts.corrections import fixed_fields
from gateway.service.status.past import PastQuotation
from gateway.service.status.reading import StatusReader
from gateway.service.temporal.runs import QuotationRuns
from quotation.status import QuotationStatus
from quotation.stored.request import StoredRequest


@dataclass(frozen=True)
class Story:
    """A quotation, who started it, and its last run, if Temporal still holds it."""

    status: QuotationStatus
    environment: str
    """The name of its environment."""
    owner: str
    """Empty for the local caller."""
    run_id: str | None
    run_url: str | None
    """Its last run in Temporal's pages, if their address is known."""
    may_change: bool
    """Whether the caller may cancel and retry it."""


@dataclass(frozen=True)
class Correctable:
    """The request with which a retry would run, and those of its fields that cannot change any more."""

    status: QuotationStatus
    request: StoredRequest
    fixed: frozenset[str]


class Stories:
    """Reads stories."""

    def __init__(self, runs: QuotationRuns, reader: StatusReader, pages: TemporalPages) -> None:
        self._runs = runs
        self._reader = reader
        self._pages = pages

    async def story(self, caller: Caller, tracking_id: str) -> Story:
        """Return the story of a quotation. Raises as `StatusReader.find_any`."""
        found = await self._reader.find_any(caller, tracking_id)
        if isinstance(found, PastQuotation):
            return Story(found.status, found.environment, found.owner, run_id=None, run_url=None, may_change=False)
        return Story(
            status=await self._reader.status_of(found.run),
            environment=found.environment,
            owner=found.owner,
            run_id=found.run.run_id,
            run_url=self._pages.run(found.run.id, found.run.run_id),
            may_change=caller.may_change(found.owner, found.environment),
        )

    async def correctable(self, caller: Caller, tracking_id: str) -> Correctable:
        """Return what a retry by this caller can correct in a quotation. Raises as `StatusReader.find_any`."""
        found = await self._reader.find_any(caller, tracking_id, to_change=True)
        if isinstance(found, PastQuotation):
            raise NotKeptError
        status = await self._reader.status_of(found.run, ask_worker=False)
        last = await self._runs.first_input(found.run)
        return Correctable(status, last.request, fixed_fields(status.result))
