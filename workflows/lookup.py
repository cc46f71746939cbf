"""Look-ups in Odoo on behalf of the gateway, which has no access to it: one short workflow each.

Their work is done by local activities: the worker that takes the workflow asks Odoo at once, and Temporal keeps a
handful of events in place of a dozen. Nobody waits longer than a few seconds for any of it.
"""

import asyncio

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from quotation import lookups
    from quotation.lookups import Checked, PartnerPage, ProductPage, Search
    from quotation.messages import CheckRequest
    from workflows import calls, policies
    from workflows.calls import Argument, Call, Outcome


@workflow.defn(name=lookups.PRODUCTS_WORKFLOW)
class ProductLookupWorkflow:
    """Finds products."""

    @workflow.run
    async def run(self, query: Search) -> ProductPage:
        """Give a page of them."""
        return await _ask(calls.FIND_PRODUCTS, query)


@workflow.defn(name=lookups.PARTNERS_WORKFLOW)
class PartnerLookupWorkflow:
    """Finds customers."""

    @workflow.run
    async def run(self, query: Search) -> PartnerPage:
        """Give a page of them."""
        return await _ask(calls.FIND_PARTNERS, query)


@workflow.defn(name=lookups.CHECK_WORKFLOW)
class CheckWorkflow:
    """Checks a request as a quotation's first step does, and writes nothing."""

    @workflow.run
    async def run(self, request: CheckRequest) -> Checked:
        """Give what a quotation would use; what it would fail with fails this."""
        login = asyncio.create_task(_ask(calls.AUTHENTICATE))
        checked = asyncio.create_task(_ask(calls.CHECK_REQUEST, request))
        await workflow.wait([login, checked])
        # what is wrong with the service's own user comes first, whichever was known first
        login.result()
        found = checked.result()
        return Checked(partner=found.partner, products=found.products)


async def _ask(call: Call[Argument, Outcome], *argument: Argument) -> Outcome:
    try:
        outcome: Outcome = await workflow.execute_local_activity(
            call.activity, args=argument, result_type=call.outcome, **policies.LOOKUP
        )
    except ActivityError as error:
        # the activity's own error is the look-up's
        raise error.cause or error from None
    return outcome
