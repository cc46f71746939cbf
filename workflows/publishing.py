"""Publishes a quotation's status for readers who cannot ask a worker: in the memo and in search attributes."""

import asyncio
from collections.abc import Collection

from temporalio import workflow
from temporalio.common import SearchAttributeKey, SearchAttributeUpdate

with workflow.unsafe.imports_passed_through():
    from quotation import messages
    from quotation.shown import search_attributes
    from quotation.shown.details import details_of
    from quotation.status import QuotationStatus

_STATUS = SearchAttributeKey.for_keyword(search_attributes.STATUS_ATTRIBUTE)


class Publisher:
    """Publishes the final status in the memo, and each state in the search attribute, at the end with others.

    Each change in the memo is an event in the history and a write in Temporal's visibility. So a run publishes no
    step: readers see it in the history. A run of an older version did (`each_step`), and must go on like that.
    """

    def __init__(self, final_attributes: Collection[str], *, each_step: bool) -> None:
        self.salesperson_id: int | None = None
        self._final_attributes = final_attributes
        self._each_step = each_step
        self._is_published = True
        # if Temporal does not know the attribute, the gateway starts without it, and setting it would fail
        self._listed_as = workflow.info().typed_search_attributes.get(_STATUS)

    def changed(self, status: QuotationStatus) -> None:
        """Publish the status as soon as the workflow waits again: many changes then are one event.

        Temporal's UI asks a worker for the details.
        """
        workflow.set_current_details(details_of(status))
        if self._is_published:
            self._is_published = False
            asyncio.get_running_loop().call_soon(self._publish, status)

    def _publish(self, status: QuotationStatus) -> None:
        self._is_published = True
        if self._each_step or status.status.is_final:
            workflow.upsert_memo({messages.STATUS_MEMO: status})
        if self._listed_as not in (None, status.status):
            self._listed_as = status.status
            final = self._final(status) if status.status.is_final else []
            workflow.upsert_search_attributes([_STATUS.value_set(status.status), *final])

    def _final(self, status: QuotationStatus) -> list[SearchAttributeUpdate[str]]:
        values = {
            search_attributes.ERROR_ATTRIBUTE: status.error and status.error.code,
            search_attributes.STEP_ATTRIBUTE: status.step,
            search_attributes.ORDER_ATTRIBUTE: status.result.sale_order_name,
            search_attributes.SALESPERSON_ATTRIBUTE: self.salesperson_id and str(self.salesperson_id),
        }
        return [
            SearchAttributeKey.for_keyword(name).value_set(value)
            for name, value in values.items()
            if value and name in self._final_attributes
        ]
