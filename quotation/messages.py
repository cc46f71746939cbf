"""What crosses Temporal: the workflow's input and the arguments and results of its activities.

None of it holds a secret: credentials stay with the worker that uses them.
"""

from datetime import datetime

from pydantic import ConfigDict

from quotation.status import Result, ResultLine
from quotation.stored import Stored
from quotation.stored_request import StoredLine, StoredRequest

WORKFLOW = "Quotation"
"""Type of the workflow that makes one quotation."""

LOG_WORKFLOW = "QuotationLog"
"""Type of the child workflow that writes a log which the quotation could not."""

STATUS_QUERY = "status"
"""The query that answers with the `QuotationStatus`."""

STATUS_MEMO = "status"
"""The memo field that holds the same, for when no worker answers."""

OWNER_ATTRIBUTE = "QuotationOwner"
"""The search attribute with the name of the caller whose quotation it is."""

STATUS_ATTRIBUTE = "QuotationStatus"
"""The search attribute with the state of the quotation, as its status tells it."""

SEARCH_ATTRIBUTES = (OWNER_ATTRIBUTE, STATUS_ATTRIBUTE)
"""Keywords; none holds a customer's data. The environment is the task queue, which Temporal has already."""


def task_queue(environment: str) -> str:
    """Give the task queue of an environment (docs/reference.md, Odoo)."""
    return f"quotations-{environment}"


class _Message(Stored):
    model_config = ConfigDict(frozen=True)


class QuotationInput(_Message):
    """What the gateway starts a quotation with."""

    request: StoredRequest
    environment: str
    """The label that results show, e.g. `development`."""
    fingerprint: str
    """Of the first request, also where a retry changed some of its fields."""
    created_at: datetime | None = None
    """When the first run started; None in the first run."""
    existing: Result | None = None
    """What the runs before have left in Odoo; None in the first run."""


class CheckRequest(_Message):
    """What is looked up before the first write."""

    normalized_email: str
    product_ids: list[int]
    user_id: int
    partner_id: int | None = None
    """The partner of an earlier run, which stays the quotation's as long as it exists."""


class CheckedProduct(_Message):
    """A product that exists, is active and is for sale."""

    id: int
    name: str
    default_code: str | None


class FoundPartner(_Message):
    """A partner that Odoo has already."""

    id: int
    name: str


class CheckedRequest(_Message):
    """What the look-ups found; all of it may be relied on by the writes."""

    products: list[CheckedProduct]
    partner: FoundPartner | None
    partner_generation: int
    """Which generation of external ids a new partner gets (`PartnerNames`)."""
    own_user_id: int | None
    """The user that the order must name, because the customer's salesperson is a colleague whom this Odoo user
    may not assign; None to leave it to Odoo."""


class NewPartner(_Message):
    """A customer that Odoo does not have yet."""

    name: str
    email: str
    phone: str
    contact_name: str
    generation: int


class NewLead(_Message):
    """The lead to make."""

    external_id: str
    name: str
    partner_id: int
    contact_name: str
    user_id: int | None


class LeadToConvert(_Message):
    """The lead to turn into an opportunity of its own partner."""

    lead_id: int


class NewOrder(_Message):
    """The sale order to make, still without lines."""

    external_id: str
    partner_id: int
    opportunity_id: int
    origin: str
    user_id: int | None
    notes: str


class CreatedOrder(_Message):
    """A sale order that exists."""

    id: int
    name: str
    url: str


class NewLine(_Message):
    """A line to add; `number` is its place in the request, counted from 1."""

    external_id: str
    number: int
    requested: StoredLine


class NewLines(_Message):
    """The lines to add to an order in one transaction: all with a price, or none."""

    order_id: int
    lines: list[NewLine]


class OrderTotals(_Message):
    """The order after lines were added to it; amounts in `currency` (ISO 4217)."""

    lines: dict[int, ResultLine]
    """The added ones, by their number in the request."""
    amount_untaxed: float
    amount_tax: float
    amount_total: float
    currency: str
