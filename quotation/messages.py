"""Messages that cross Temporal: the workflow's input, and the arguments and results of its activities.

They hold no secrets: credentials stay with the worker that uses them.
"""

from collections.abc import Sequence
from datetime import datetime

from pydantic import ConfigDict, Field

from quotation.document import LogDocument
from quotation.status import QuotationStatus, Result, ResultLine
from quotation.stored import Stored
from quotation.stored.request import StoredLine, StoredRequest
from quotation.warning import QuotationWarning

WORKFLOW = "Quotation"
"""The type of the workflow that creates one quotation."""

LOG_WORKFLOW = "QuotationLog"
"""The type of the child workflow that writes a log if the quotation could not."""

STATUS_QUERY = "status"
"""The query that returns the `QuotationStatus`."""

WARN_SIGNAL = "warn"
"""The signal that adds a `QuotationWarning` to the status, once however often it is sent."""

STATUS_MEMO = "status"
"""The memo field with the same status, for times when no worker answers."""

OWNER_MEMO = "owner"
"""The memo field with the name of the caller who started the quotation; absent for the local caller."""


_QUEUE = "quotations-"


def task_queue(environment: str) -> str:
    """Return the task queue of an environment (docs/reference.md, Odoo)."""
    return f"{_QUEUE}{environment}"


def environment_of(queue: str) -> str:
    """Return the environment whose task queue this is."""
    return queue.removeprefix(_QUEUE)


def log_queue(queue: str) -> str:
    """Return the task queue of the logs of the quotations in `queue`; they wait for S3 and not for Odoo."""
    return f"logs-{environment_of(queue)}"


class _Message(Stored):
    model_config = ConfigDict(frozen=True)


class QuotationInput(_Message):
    """The input of the quotation's workflow."""

    request: StoredRequest
    environment: str
    """The label that results show, e.g. `development`."""
    fingerprint: str
    """The fingerprint of the first request, even if a retry has changed some fields."""
    created_at: datetime | None = None
    """When the first run started; None in the first run."""
    existing: Result | None = None
    """The records that earlier runs left in Odoo; None in the first run."""
    warnings: list[QuotationWarning] = Field([])
    """Warnings about the start, which stay true in later runs."""
    final_attributes: list[str] = Field([])
    """Those of `FINAL_ATTRIBUTES` (`quotation.shown`) that Temporal knows; another one would stop the run."""


class LaterRun(_Message):
    """The last run of a quotation, as a reset of an earlier one finds it."""

    quotation: QuotationInput
    """Its input."""
    status: QuotationStatus | None
    """How it ended; None if it was terminated, e.g. by the reset."""


class Said(_Message):
    """A caller's facts about the customer, besides the e-mail address."""

    partner_name: str
    contact_name: str = ""
    phone: str = ""

    @classmethod
    def in_request(cls, request: StoredRequest) -> "Said":
        """Return what a request says."""
        return cls(partner_name=request.partner_name, contact_name=request.contact_name, phone=request.phone)


class CheckRequest(_Message):
    """The look-ups to do before the first write."""

    normalized_email: str
    product_ids: list[int]
    user_id: int
    partner_id: int | None = None
    """The partner of an earlier run; the quotation keeps it as long as it exists."""
    said: Said | None = None
    """The caller's facts about the customer; None from an older version."""
    currency: str = ""
    lines: Sequence[StoredLine] = ()
    """The requested lines; an older version sends only `product_ids`."""
    given: Sequence[str] = ()
    """The optional fields that the request fills, by their names in Odoo."""

    @classmethod
    def from_request(cls, request: StoredRequest, partner_id: int | None = None) -> "CheckRequest":
        """Return the look-ups for a quotation; `partner_id` is the partner of an earlier run."""
        return cls(
            normalized_email=request.normalized_email,
            product_ids=[line.product_id for line in request.order_lines],
            user_id=request.user_id,
            partner_id=partner_id,
            said=Said.in_request(request),
            currency=request.currency,
            lines=request.order_lines,
            given=[
                name
                for name, text in (
                    ("phone", request.phone),
                    ("contact_name", request.contact_name),
                    ("note", request.notes),
                )
                if text
            ],
        )


class CheckedProduct(_Message):
    """A product that exists, is active and is for sale."""

    id: int
    name: str
    default_code: str | None


class FoundPartner(_Message):
    """An existing partner in Odoo."""

    id: int
    name: str


class CheckedRequest(_Message):
    """The result of the look-ups, on which the writes can rely."""

    products: list[CheckedProduct]
    partner: FoundPartner | None
    missing_facts: list[str] = Field([])
    """Facts from the caller that the record of an existing partner does not have."""
    partner_generation: int
    """The generation of a new partner's external ids (`PartnerNames`)."""
    own_user_id: int | None
    """As an older version knows it: the user to assign to the order if Odoo's user may not assign the customer's
    salesperson."""
    salesperson_id: int | None = None
    """The user to assign to lead and order if the request names none; None: Odoo assigns its own user."""
    named_products: dict[str, int] = Field({})
    """The ids of the products that the request does not name by id."""
    warnings: list[QuotationWarning] = Field([])
    """Results of the look-ups that may surprise the caller."""


class Opening(_Message):
    """The first step: the look-ups before the first write, and the log of the start."""

    looked_up: CheckRequest
    log: LogDocument


class OpenedRequest(CheckedRequest):
    """The result of the look-ups, and whether the log of the start is written."""

    is_logged: bool = False


class NewPartner(_Message):
    """A customer that Odoo does not have yet."""

    name: str
    email: str
    phone: str
    contact_name: str
    generation: int


class NewLead(_Message):
    """The lead to create."""

    external_id: str
    name: str
    partner_id: int
    contact_name: str
    user_id: int | None
    missing_facts: list[str] = Field([])
    """Facts for the internal notes, about a partner that was found."""
    said: Said | None = None
    """As an older version sends it: the same as in `LeadToConvert`."""


class LeadToConvert(_Message):
    """The lead to turn into an opportunity of its own partner."""

    lead_id: int
    said: Said | None = None
    """The caller's facts about a new partner: another quotation may have created it first, with other facts."""


class NewLine(_Message):
    """A line to add; `number` is its place in the request, counted from 1."""

    external_id: str
    number: int
    requested: StoredLine


def by_pricing(lines: Sequence[NewLine]) -> list[list[NewLine]]:
    """Return the lines without a price and those with one, if there are any."""
    groups = [[line for line in lines if line.requested.has_price is priced] for priced in (False, True)]
    return [group for group in groups if group]


class NewOrder(_Message):
    """The sale order to create."""

    external_id: str
    partner_id: int
    opportunity_id: int
    origin: str
    user_id: int | None
    notes: str
    lines: list[NewLine] = Field([])
    """The lines of the request; an older version creates the order without them."""


class OrderTotals(_Message):
    """The order as Odoo holds it; amounts in `currency` (ISO 4217)."""

    lines: dict[int, ResultLine]
    """The lines that exist, by their number in the request."""
    amount_untaxed: float
    amount_tax: float
    amount_total: float
    currency: str

    def of(self, lines: Sequence[NewLine]) -> "OrderTotals":
        """Return the same with those of these lines that exist."""
        numbers = {line.number for line in lines}
        return self.model_copy(
            update={"lines": {number: line for number, line in self.lines.items() if number in numbers}}
        )


class CreatedOrder(_Message):
    """A sale order that exists."""

    id: int
    name: str
    url: str
    totals: OrderTotals | None = None
    """The order with the lines that were created with it; None from an older version, which creates none."""


class NewLines(_Message):
    """The lines to add to an order in one transaction: all with a price, or none."""

    order_id: int
    lines: list[NewLine]
    partner_id: int | None = None
    """The customer, on whom the taxes depend; an older version does not send it."""
    totals: OrderTotals | None = None
    """The order before, with the lines that exist; None from an older version."""
