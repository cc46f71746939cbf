"""The activities as workflows call them: by name, with the types of argument and result."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from quotation import lookups, steps
    from quotation.lookups import FoundLog, LogQuery, PartnerPage, ProductPage, Search
    from quotation.messages import (
        CheckedRequest,
        CheckRequest,
        CreatedOrder,
        LeadToConvert,
        NewLead,
        NewLines,
        NewOrder,
        NewPartner,
        OpenedRequest,
        Opening,
        OrderTotals,
    )

Argument = TypeVar("Argument")
Outcome = TypeVar("Outcome")


@dataclass(frozen=True)
class Call(Generic[Argument, Outcome]):
    """An activity's name, the types of its argument and its result, and what Temporal's UI says of it."""

    activity: str
    argument: type[Argument]
    outcome: type[Outcome]
    summary: str


AUTHENTICATE = Call(steps.AUTHENTICATE, Opening, OpenedRequest, "Log in and check the request")
LOG_IN = Call(steps.AUTHENTICATE, type(None), int, "Log in")
CHECK_REQUEST = Call(steps.CHECK_REQUEST, CheckRequest, CheckedRequest, "Check the request")
GET_OR_CREATE_PARTNER = Call(steps.GET_OR_CREATE_PARTNER, NewPartner, int, "Find or create the customer")
CREATE_LEAD = Call(steps.CREATE_LEAD, NewLead, int, "Create the lead")
CONVERT_TO_OPPORTUNITY: Call[LeadToConvert, int | None] = Call(
    steps.CONVERT_TO_OPPORTUNITY,
    LeadToConvert,
    int | None,  # type: ignore[arg-type]  # mypy does not accept a union as a type
    "Make the lead an opportunity",
)
CREATE_SALE_ORDER = Call(steps.CREATE_SALE_ORDER, NewOrder, CreatedOrder, "Create the order")
ADD_PRODUCT_LINES = Call(steps.ADD_PRODUCT_LINES, NewLines, OrderTotals, "Complete the lines")

FIND_PRODUCTS = Call(lookups.FIND_PRODUCTS, Search, ProductPage, "Find products")
FIND_PARTNERS = Call(lookups.FIND_PARTNERS, Search, PartnerPage, "Find customers")
READ_LOG = Call(lookups.READ_LOG, LogQuery, FoundLog, "Read the log")
