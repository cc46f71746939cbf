"""Activities whose outcomes a test writes down, under the names of the real ones."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from temporalio import activity

from activities.resets import find_later_run
from quotation import lookups, steps
from quotation.document import Log, LogDocument
from quotation.lookups import (
    FoundLog,
    LogQuery,
    Partner,
    PartnerPage,
    PartnerQuery,
    Product,
    ProductPage,
    ProductQuery,
)
from quotation.messages import (
    CheckedProduct,
    CheckedRequest,
    CheckRequest,
    CreatedOrder,
    FoundPartner,
    LeadToConvert,
    NewLead,
    NewLine,
    NewLines,
    NewOrder,
    NewPartner,
    OpenedRequest,
    Opening,
    OrderTotals,
)
from quotation.status import ResultLine

PRODUCT = Product(
    id=26174, name="Robot PUDU", default_code="MT1", barcode=None, list_price=15950.0, currency="USD"
)
PARTNER = Partner(id=124258, name="Acme Corp", email="acme@corp.test", is_company=True)

PATIENCE = timedelta(minutes=15)
"""How long the workers of tests wait for the installation, as real ones do."""


class Script:
    """Each activity's behaviour: it fails as scripted, waits while held, and otherwise succeeds."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.documents: list[LogDocument] = []
        self.logs: dict[str, Log] = {}
        """The logs that can be read, by tracking id."""
        self.requests: list[CheckRequest] = []
        self.queries: list[ProductQuery | PartnerQuery] = []
        self.partner: FoundPartner | None = None
        self.checked: dict[str, Any] = {}
        """Further findings of the checks."""
        self.leads: list[NewLead] = []
        self.converted: list[LeadToConvert] = []
        self.orders: list[NewOrder] = []
        self.has_lines_with_orders = False
        """True if the lines without a price are created with their order; a released version does not do it."""
        self.lines: list[NewLines] = []
        self._failures: dict[str, list[Exception | None]] = defaultdict(list)
        self._always: dict[str, Exception] = {}
        self._held: dict[str, asyncio.Event] = {}
        self._reached: dict[str, asyncio.Event] = defaultdict(asyncio.Event)

    def fail(self, name: str, *errors: Exception) -> None:
        """Make the next calls of this activity raise these, one each."""
        self._failures[name].extend(errors)

    def fail_after(self, name: str, calls: int, *errors: Exception) -> None:
        """Make this activity succeed so often, and then raise these, one a call."""
        self._failures[name].extend([*[None] * calls, *errors])

    def fail_always(self, name: str, error: Exception) -> None:
        """Make every call of this activity raise this."""
        self._always[name] = error

    def recover(self, name: str) -> None:
        """Make this activity succeed again."""
        del self._always[name]

    def hold(self, name: str) -> None:
        """Hold the calls of this activity until `release`."""
        self._held[name] = asyncio.Event()

    def release(self, name: str) -> None:
        """Release the waiting calls."""
        self._held.pop(name).set()

    async def reached(self, name: str) -> None:
        """Wait until this activity is called."""
        async with asyncio.timeout(20):
            await self._reached[name].wait()

    def activities(self) -> list[Callable[..., Any]]:
        """Return the activities that a worker registers."""
        return [
            self.authenticate,
            self.check_request,
            self.get_or_create_partner,
            self.create_lead,
            self.convert_to_opportunity,
            self.create_sale_order,
            self.add_product_lines,
            self.log_to_s3,
            self.find_products,
            self.find_partners,
            self.read_log,
            find_later_run,
        ]

    async def _play(self, name: str) -> None:
        self.calls.append(name)
        self._reached[name].set()
        if name in self._held:
            await self._held[name].wait()
        if name in self._always:
            raise self._always[name]
        error = self._failures[name].pop(0) if self._failures[name] else None
        if error:
            raise error

    @activity.defn(name=steps.AUTHENTICATE)
    async def authenticate(self, opening: Opening | None = None) -> OpenedRequest | int:
        await self._play(steps.AUTHENTICATE)
        if opening is None:
            return 7
        if is_logged := steps.LOG_TO_S3 not in {*self._held, *self._always, *self._failures}:
            self.documents.append(opening.log)
        return OpenedRequest(**dict(self._check(opening.looked_up)), is_logged=is_logged)

    @activity.defn(name=steps.CHECK_REQUEST)
    async def check_request(self, request: CheckRequest) -> CheckedRequest:
        await self._play(steps.CHECK_REQUEST)
        return self._check(request)

    def _check(self, request: CheckRequest) -> CheckedRequest:
        self.requests.append(request)
        products = [CheckedProduct(id=id_, name="Robot PUDU", default_code="MT1") for id_ in request.product_ids]
        return CheckedRequest(
            products=products, partner=self.partner, partner_generation=1, own_user_id=None, **self.checked
        )

    @activity.defn(name=steps.GET_OR_CREATE_PARTNER)
    async def get_or_create_partner(self, partner: NewPartner) -> int:  # noqa: ARG002
        await self._play(steps.GET_OR_CREATE_PARTNER)
        return 124258

    @activity.defn(name=steps.CREATE_LEAD)
    async def create_lead(self, lead: NewLead) -> int:
        self.leads.append(lead)
        await self._play(steps.CREATE_LEAD)
        return 27414

    @activity.defn(name=steps.CONVERT_TO_OPPORTUNITY)
    async def convert_to_opportunity(self, lead: LeadToConvert) -> int:
        self.converted.append(lead)
        await self._play(steps.CONVERT_TO_OPPORTUNITY)
        return lead.lead_id

    @activity.defn(name=steps.CREATE_SALE_ORDER)
    async def create_sale_order(self, order: NewOrder) -> CreatedOrder:
        self.orders.append(order)
        await self._play(steps.CREATE_SALE_ORDER)
        together = [line for line in order.lines if not line.requested.has_price]
        totals = _totals(together) if self.has_lines_with_orders else None
        return CreatedOrder(id=18694, name="S15433", url="https://odoo.test/odoo/sales/18694", totals=totals)

    @activity.defn(name=steps.ADD_PRODUCT_LINES)
    async def add_product_lines(self, new: NewLines) -> OrderTotals:
        self.lines.append(new)
        await self._play(steps.ADD_PRODUCT_LINES)
        return _totals(new.lines)

    @activity.defn(name=steps.LOG_TO_S3)
    async def log_to_s3(self, document: LogDocument) -> None:
        await self._play(steps.LOG_TO_S3)
        self.documents.append(document)

    @activity.defn(name=lookups.FIND_PRODUCTS)
    async def find_products(self, query: ProductQuery) -> ProductPage:
        self.queries.append(query)
        await self._play(lookups.FIND_PRODUCTS)
        return ProductPage(items=[PRODUCT], next_cursor="26174")

    @activity.defn(name=lookups.FIND_PARTNERS)
    async def find_partners(self, query: PartnerQuery) -> PartnerPage:
        self.queries.append(query)
        await self._play(lookups.FIND_PARTNERS)
        return PartnerPage(items=[PARTNER], next_cursor=None)

    @activity.defn(name=lookups.READ_LOG)
    async def read_log(self, query: LogQuery) -> FoundLog:
        await self._play(lookups.READ_LOG)
        return FoundLog(log=self.logs.get(query.tracking_id))


def _totals(lines: Sequence[NewLine]) -> OrderTotals:
    placed = {
        line.number: ResultLine(
            line_id=47586 + line.number,
            product_id=line.requested.product_id,
            name="[MT1] Robot PUDU",
            quantity=float(line.requested.product_qty),
            price_unit=15950.0,
            discount=0.0,
            subtotal=15950.0 * float(line.requested.product_qty),
        )
        for line in lines
    }
    untaxed = sum(line.subtotal for line in placed.values())
    return OrderTotals(
        lines=placed,
        amount_untaxed=untaxed,
        amount_tax=untaxed * 0.16,
        amount_total=untaxed * 1.16,
        currency="MXN",
    )
