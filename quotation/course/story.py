"""A quotation's story: its status after each outcome of an activity.

The workflow tells it while it runs. Without a worker, the gateway tells it from the run's history.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from quotation import steps, texts
from quotation.course.progress import Progress
from quotation.messages import CheckedRequest, CreatedOrder, OpenedRequest, OrderTotals, QuotationInput
from quotation.status import QuotationStatus, Result, ResultLine, Step
from quotation.warning import added, warnings_of

OUTCOMES: dict[str, Any] = {
    # a number in a run of an older version, which checks its request in an activity of its own
    steps.AUTHENTICATE: OpenedRequest | int,
    steps.CHECK_REQUEST: CheckedRequest,
    steps.GET_OR_CREATE_PARTNER: int,
    steps.CREATE_LEAD: int,
    steps.CONVERT_TO_OPPORTUNITY: int | None,
    steps.CREATE_SALE_ORDER: CreatedOrder,
    steps.ADD_PRODUCT_LINES: OrderTotals,
}
"""The types of the outcomes that tell the story."""


class Story(Progress):
    """The progress of one run, with the outcomes of its activities in the status.

    Each method records the outcome of one activity. `started_at` is the start of the run, and
    `changed` is as in `Progress`.
    """

    def __init__(
        self,
        tracking_id: str,
        quotation: QuotationInput,
        started_at: datetime,
        changed: Callable[[QuotationStatus], None] = lambda _: None,
    ) -> None:
        super().__init__(
            tracking_id,
            quotation.environment,
            quotation.created_at or started_at,
            quotation.existing,
            added(warnings_of(quotation.request), quotation.warnings),
            changed=changed,
        )
        self._request = quotation.request
        self._product_names: dict[int, str] = {}
        self._added: dict[int, ResultLine] = {}

    def check(self, checked: CheckedRequest, now: datetime) -> None:
        """Record the look-ups; a partner that was found finishes the step `partner` too."""
        self._product_names = {one.id: one.default_code or one.name for one in checked.products}
        self.warn(checked.warnings)
        self.finish(Step.AUTH, now)
        if checked.partner is not None:
            found = checked.partner
            self.begin(Step.PARTNER, now)
            self._set_partner(found.id, found.name, texts.partner_found(found.name, found.id), now)

    def create_partner(self, partner_id: int, now: datetime) -> None:
        """Record a partner that Odoo did not have when the look-ups were done."""
        name = self._request.partner_name
        self._set_partner(partner_id, name, texts.partner_created(name, partner_id), now)

    def create_lead(self, lead_id: int, now: datetime) -> None:
        """Record the lead."""
        name = self._request.lead_name
        self._result.lead_id, self._result.lead_name = lead_id, name
        self._result.steps["lead"] = texts.lead_created(name, lead_id)
        self.finish(Step.LEAD, now)

    def convert(self, opportunity_id: int | None, now: datetime) -> None:
        """Record the opportunity; None if a user has archived the lead."""
        if opportunity_id is not None:
            self._result.opportunity_id = opportunity_id
            self._result.steps["opportunity"] = texts.converted(opportunity_id)
        self.finish(Step.CONVERT, now)

    def create_order(self, order: CreatedOrder, now: datetime) -> None:
        """Record the sale order, with the lines that were created with it."""
        result = self._result
        result.sale_order_id, result.sale_order_name, result.sale_order_url = order.id, order.name, order.url
        result.steps["sale_order"] = texts.order_created(order.name, order.id)
        if order.totals is not None:
            self.add_lines(order.totals)
        self.finish(Step.ORDER, now)

    def add_lines(self, totals: OrderTotals) -> None:
        """Record added lines and the amounts; more lines may follow."""
        result = self._result
        self._added |= totals.lines
        # an earlier run may have added the other lines
        if len(self._added) >= len(result.lines):
            result.lines = self._lines
        result.amount_untaxed, result.amount_tax = totals.amount_untaxed, totals.amount_tax
        result.amount_total, result.currency = totals.amount_total, totals.currency

    def finish_lines(self, now: datetime) -> None:
        """Record that no more lines follow; a user may have deleted some that an earlier run added."""
        self._result.lines = self._lines
        self._result.steps["product"] = self._lines_text(self._result.lines)
        self.finish(Step.LINE, now)

    def hear(self, activity: str, outcome: Any, now: datetime) -> None:
        """Record the outcome of an activity by its name; it is of the type in `OUTCOMES`."""
        match activity:
            case steps.AUTHENTICATE | steps.CHECK_REQUEST:
                if isinstance(outcome, CheckedRequest):
                    self.check(outcome, now)
            case steps.GET_OR_CREATE_PARTNER:
                self.create_partner(outcome, now)
            case steps.CREATE_LEAD:
                self.create_lead(outcome, now)
            case steps.CONVERT_TO_OPPORTUNITY:
                self.convert(outcome, now)
            case steps.CREATE_SALE_ORDER:
                self.create_order(outcome, now)
            case steps.ADD_PRODUCT_LINES:
                self.add_lines(outcome)

    @property
    def _result(self) -> Result:
        return self.status.result

    @property
    def _lines(self) -> list[ResultLine]:
        return [self._added[number] for number in sorted(self._added)]

    def _set_partner(self, partner_id: int, name: str, text: str, now: datetime) -> None:
        # keep the sentence about how an earlier run found or created the partner
        if partner_id != self._result.partner_id:
            self._result.partner_id, self._result.partner_name = partner_id, name
            self._result.steps["partner"] = text
        self.finish(Step.PARTNER, now)

    def _lines_text(self, lines: Sequence[ResultLine]) -> str:
        return "; ".join(
            texts.line_added(self._product_names.get(line.product_id, line.name), line.price_unit, line.line_id)
            for line in lines
        )
