"""One quotation, from the request to the finished sale order (docs/reference.md, Odoo)."""

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

with workflow.unsafe.imports_passed_through():
    from quotation import messages
    from quotation.course.story import Story
    from quotation.identity import RecordNames
    from quotation.messages import (
        CheckedRequest,
        CheckRequest,
        CreatedOrder,
        LeadToConvert,
        NewLead,
        NewLines,
        NewOrder,
        NewPartner,
        Opening,
        QuotationInput,
        Said,
        by_pricing,
    )
    from quotation.status import Failure, QuotationStatus, State, Step
    from quotation.warning import QuotationWarning
    from workflows import calls, flows, metrics, policies
    from workflows.calls import Argument, Call, Outcome
    from workflows.failures import failure_of
    from workflows.lines import joined, numbered_lines
    from workflows.logbook import Logbook
    from workflows.publishing import Publisher
    from workflows.resets import ResetCheck, SupersededError


_TAKES_NO_ARGUMENT = "Unexpected TypeError."
"""The failure of `authenticate` on a worker of the version before."""


class _StoppedError(Exception):
    """No further step may start: another step failed, or a cancel was requested."""


@workflow.defn(name=messages.WORKFLOW)
class QuotationWorkflow:
    """Creates partner, lead, opportunity, sale order and lines, each once, and publishes its status."""

    @workflow.init
    def __init__(self, quotation: QuotationInput) -> None:
        self._began_before = flows.began_before()
        self._resets = ResetCheck()
        self._set_up(quotation)

    def _set_up(self, quotation: QuotationInput) -> None:
        info = workflow.info()
        self._request = quotation.request
        self._names = RecordNames(info.workflow_id, quotation.fingerprint)
        self._publisher = Publisher(quotation.final_attributes, each_step=self._began_before)
        self._story = Story(info.workflow_id, quotation, info.workflow_start_time, self._publisher.changed)
        self._logbook = Logbook(self._request, self._story)
        self._failure: Failure | None = None

    @workflow.run
    async def run(self, quotation: QuotationInput) -> QuotationStatus:  # noqa: ARG002  # __init__ took it
        """Create the quotation and write its log. A failed quotation fails the run, a cancelled one cancels it."""
        try:
            return await self._run()
        except SupersededError as superseded:
            later = superseded.later
        if later.status is None:
            self._set_up(later.quotation)
            return await self._run()
        self._story.adopt(later.status)
        # the status is published as soon as the workflow waits
        await asyncio.sleep(0)
        if later.status.status is State.CANCELLED:
            # Temporal takes a run as cancelled only after a request
            raise ApplicationError("The quotation was cancelled.", type=State.CANCELLED, non_retryable=True)
        return self._end()

    async def _run(self) -> QuotationStatus:
        with contextlib.suppress(_StoppedError, asyncio.CancelledError):
            await self._make_quotation()
        await self._resets.check()
        self._settle()
        await self._logbook.close()
        await self._resets.check()
        return self._end()

    @workflow.query(name=messages.STATUS_QUERY)
    def status(self) -> QuotationStatus:
        """Return the quotation's status."""
        return self._story.status

    @workflow.signal(name=messages.WARN_SIGNAL)
    def warn(self, warning: QuotationWarning) -> None:
        """Add a warning to the status."""
        self._story.warn([warning])
        # an older worker may have passed over the signal, and published nothing
        if workflow.patched(messages.WARN_SIGNAL):
            self._publisher.changed(self._story.status)

    async def _make_quotation(self) -> None:
        checked = await self._check()
        partner_id = await self._partner(checked)
        salesperson_id = self._request.user_id or checked.salesperson_id or checked.own_user_id
        self._publisher.salesperson_id = salesperson_id
        lead_id = await self._lead(partner_id, salesperson_id, checked)
        await self._side_by_side(
            self._convert(lead_id, checked),
            self._order(partner_id, lead_id, salesperson_id, checked),
        )

    async def _check(self) -> CheckedRequest:
        looked_up = CheckRequest.from_request(self._request, self._story.status.result.partner_id)
        opening = Opening(looked_up=looked_up, log=self._logbook.document())
        if self._began_before:
            self._logbook.open(opening.log)
        self._begin(Step.AUTH)
        checked = await (self._log_in_and_check(looked_up) if self._began_before else self._open(opening))
        self._story.check(checked, workflow.now())
        return checked

    async def _open(self, opening: Opening) -> CheckedRequest:
        try:
            opened = await self._call(Step.AUTH, calls.AUTHENTICATE, opening)
        except _StoppedError:
            if self._failure is None or self._failure.message != _TAKES_NO_ARGUMENT:
                raise
            self._failure = None
            self._logbook.open(opening.log)
            return await self._log_in_and_check(opening.looked_up)
        if not opened.is_logged:
            self._logbook.open(opening.log)
        return opened

    async def _log_in_and_check(self, looked_up: CheckRequest) -> CheckedRequest:
        checked: CheckedRequest
        _, checked = await self._side_by_side(
            self._call(Step.AUTH, calls.LOG_IN),
            self._call(Step.AUTH, calls.CHECK_REQUEST, looked_up),
        )
        return checked

    async def _partner(self, checked: CheckedRequest) -> int:
        if checked.partner is not None:
            return checked.partner.id
        self._begin(Step.PARTNER)
        new = NewPartner(
            name=self._request.partner_name,
            email=self._request.email,
            phone=self._request.phone,
            contact_name=self._request.contact_name,
            generation=checked.partner_generation,
        )
        partner_id = await self._call(Step.PARTNER, calls.GET_OR_CREATE_PARTNER, new)
        self._story.create_partner(partner_id, workflow.now())
        return partner_id

    async def _lead(self, partner_id: int, salesperson_id: int | None, checked: CheckedRequest) -> int:
        self._begin(Step.LEAD)
        new = NewLead(
            external_id=self._names.lead,
            name=self._request.lead_name,
            partner_id=partner_id,
            contact_name=self._request.contact_name,
            user_id=salesperson_id,
            missing_facts=checked.missing_facts,
        )
        lead_id = await self._call(Step.LEAD, calls.CREATE_LEAD, new)
        self._story.create_lead(lead_id, workflow.now())
        return lead_id

    async def _convert(self, lead_id: int, checked: CheckedRequest) -> None:
        self._begin(Step.CONVERT)
        lead = LeadToConvert(lead_id=lead_id, said=None if checked.partner else Said.in_request(self._request))
        opportunity_id = await self._call(Step.CONVERT, calls.CONVERT_TO_OPPORTUNITY, lead)
        self._story.convert(opportunity_id, workflow.now())

    async def _order(
        self, partner_id: int, lead_id: int, salesperson_id: int | None, checked: CheckedRequest
    ) -> None:
        self._begin(Step.ORDER)
        new = NewOrder(
            external_id=self._names.order,
            partner_id=partner_id,
            opportunity_id=lead_id,
            origin=self._request.lead_name,
            user_id=salesperson_id,
            notes=self._request.notes,
            lines=numbered_lines(self._request, self._names, checked),
        )
        order = await self._call(Step.ORDER, calls.CREATE_SALE_ORDER, new)
        self._story.create_order(order, workflow.now())
        await self._lines(new, order)

    async def _lines(self, new: NewOrder, order: CreatedOrder) -> None:
        self._begin(Step.LINE)
        totals = order.totals
        # Odoo reads a blank price as 0.0, so lines without a price need a separate call
        for lines in by_pricing(new.lines):
            missing = NewLines(order_id=order.id, lines=lines, partner_id=new.partner_id, totals=totals)
            added = await self._call(Step.LINE, calls.ADD_PRODUCT_LINES, missing)
            self._story.add_lines(added)
            totals = joined(totals, added)
        self._story.finish_lines(workflow.now())

    async def _call(self, step: Step, call: Call[Argument, Outcome], *argument: Argument) -> Outcome:
        await self._resets.check()
        if self._is_stopped:
            raise _StoppedError
        try:
            outcome: Outcome = await _outlast_cancel(
                workflow.start_activity(
                    call.activity,
                    args=argument,
                    result_type=call.outcome,
                    summary=call.summary,
                    priority=policies.turn_of(step, workflow.info().priority),
                    **policies.CALLS_TO_ODOO,
                )
            )
        except ActivityError as error:
            # the end of a cancelled sibling or run is not a failure of the quotation
            if not self._is_stopped:
                self._failure = failure_of(error, step)
            raise _StoppedError from error
        return outcome

    @property
    def _is_stopped(self) -> bool:
        return self._failure is not None or workflow.cancellation_reason() is not None

    async def _side_by_side(self, *work: Coroutine[Any, Any, Any]) -> list[Any]:
        """Return all results. If one fails or a cancel comes, cancel the others and wait for them."""
        tasks = [asyncio.create_task(one) for one in work]
        cancel = None
        # not `finally`: a run that a stopping worker drops must not wait again
        try:
            await workflow.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        except asyncio.CancelledError as error:
            cancel = error
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if cancel is not None:
            raise cancel
        return [task.result() for task in tasks]

    def _begin(self, step: Step) -> None:
        self._story.begin(step, workflow.now())

    def _settle(self) -> None:
        """Make the status final, and publish it."""
        now = workflow.now()
        if self._story.is_complete:
            self._story.complete(now)
        elif self._failure is not None:
            self._story.fail(self._failure, now)
        else:
            self._story.cancel(now)
        metrics.count(self._story.status)

    def _end(self) -> QuotationStatus:
        status = self._story.status
        if status.error is not None:
            where = {"step": status.error.step}
            raise ApplicationError(status.error.message, where, type=status.error.code, non_retryable=True)
        if status.status is State.CANCELLED:
            raise asyncio.CancelledError
        return status


async def _outlast_cancel(handle: workflow.ActivityHandle[Outcome]) -> Outcome:
    """Pass a cancel on to the activity and return its outcome, even if it ended at that very moment."""
    while True:
        try:
            return await asyncio.shield(handle)
        except asyncio.CancelledError:
            if handle.done():
                return handle.result()
            # record an outcome that came with the cancel first; the SDK would return the cancel instead
            asyncio.get_running_loop().call_soon(handle.cancel)
