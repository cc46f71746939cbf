"""The activities as workflows call them: by name, with the types of argument and result."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from quotation import lookups, steps
    from quotation.lookups import PartnerPage, ProductPage, Search
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
    """An activity's name, and the types of its argument and its result."""

    activity: str
    argument: type[Argument]
    outcome: type[Outcome]


AUTHENTICATE = Call(steps.AUTHENTICATE, Opening, OpenedRequest)
LOG_IN = Call(steps.AUTHENTICATE, type(None), int)
CHECK_REQUEST = Call(steps.CHECK_REQUEST, CheckRequest, CheckedRequest)
GET_OR_CREATE_PARTNER = Call(steps.GET_OR_CREATE_PARTNER, NewPartner, int)
CREATE_LEAD = Call(steps.CREATE_LEAD, NewLead, int)
CONVERT_TO_OPPORTUNITY: Call[LeadToConvert, int | None] = Call(
    steps.CONVERT_TO_OPPORTUNITY,
    LeadToConvert,
    int | None,  # type: ignore[arg-type]  # mypy does not accept a union as a type
)
CREATE_SALE_ORDER = Call(steps.CREATE_SALE_ORDER, NewOrder, CreatedOrder)
ADD_PRODUCT_LINES = Call(steps.ADD_PRODUCT_LINES, NewLines, OrderTotals)

FIND_PRODUCTS = Call(lookups.FIND_PRODUCTS, Search, ProductPage)
FIND_PARTNERS = Call(lookups.FIND_PARTNERS, Search, PartnerPage)
