"""Look-ups in Odoo and in the logs for the gateway, which has no access to them: one short workflow for each.

They use local activities: the worker that takes the workflow does its work at once, and Temporal stores a handful
of events instead of a dozen. Callers wait a few seconds at most.
"""

import asyncio

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from quotation import lookups
    from quotation.lookups import Checked, FoundLog, LogQuery, PartnerPage, ProductPage, Search
    from quotation.messages import CheckRequest
    from workflows import calls, policies
    from workflows.calls import Argument, Call, Outcome


@workflow.defn(name=lookups.PRODUCTS_WORKFLOW)
class ProductLookupWorkflow:
    """Finds products."""

    @workflow.run
    async def run(self, query: Search) -> ProductPage:
        """Return a page of products."""
        return await _ask(calls.FIND_PRODUCTS, query)


@workflow.defn(name=lookups.PARTNERS_WORKFLOW)
class PartnerLookupWorkflow:
    """Finds customers."""

    @workflow.run
    async def run(self, query: Search) -> PartnerPage:
        """Return a page of customers."""
        return await _ask(calls.FIND_PARTNERS, query)


@workflow.defn(name=lookups.LOG_WORKFLOW)
class LogLookupWorkflow:
    """Reads the log of a quotation that Temporal no longer holds."""

    @workflow.run
    async def run(self, query: LogQuery) -> FoundLog:
        """Return the log, if there is one."""
        return await _ask(calls.READ_LOG, query)


@workflow.defn(name=lookups.CHECK_WORKFLOW)
class CheckWorkflow:
    """Checks a request like a quotation's first step, and writes nothing."""

    @workflow.run
    async def run(self, request: CheckRequest) -> Checked:
        """Return the records that a quotation would use; raise the error with which it would fail."""
        login = asyncio.create_task(_ask(calls.LOG_IN))
        checked = asyncio.create_task(_ask(calls.CHECK_REQUEST, request))
        await workflow.wait([login, checked])
        # an error of the service's own user comes first, even if the other one was known earlier
        login.result()
        found = checked.result()
        return Checked(partner=found.partner, products=found.products, warnings=found.warnings)


async def _ask(call: Call[Argument, Outcome], *argument: Argument) -> Outcome:
    try:
        outcome: Outcome = await workflow.execute_local_activity(
            call.activity, args=argument, result_type=call.outcome, summary=call.summary, **policies.LOOKUP
        )
    except ActivityError as error:
        # the activity's own error is the look-up's
        raise error.cause or error from None
    return outcome
