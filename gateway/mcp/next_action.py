"""What a model should do after it has read a status: a sentence, and when to read again."""

from quotation.errors import ErrorCode
from quotation.status import QuotationStatus, State

_POLL_SECONDS = 5
_OUTAGE_POLL_SECONDS = 60

_CORRECTABLE = {
    ErrorCode.PRODUCT_NOT_FOUND: "Find the right product with {environment}_search_products, then call"
    " {environment}_retry_quotation with it in corrections.",
    ErrorCode.USER_NOT_FOUND: "Call {environment}_retry_quotation with user_id 0, or another salesperson's, in"
    " corrections.",
    ErrorCode.ODOO_REJECTED: "Tell the user the error. Once what it names is known, call"
    " {environment}_retry_quotation with it in corrections.",
}
_FAILED = "Tell the user the error; stop. Once its cause is mended call {environment}_retry_quotation."


def poll_after_seconds(status: QuotationStatus) -> int | None:
    """Give how many seconds later the status is worth reading again; None where it is final."""
    if status.status.is_final:
        return None
    return _OUTAGE_POLL_SECONDS if status.retrying else _POLL_SECONDS


def next_action(status: QuotationStatus, environment: str) -> str:
    """Give what to do next, with the names of this environment's tools."""
    if status.status is State.COMPLETED:
        return "Finished: tell the user the sale order's name and total. Do not read it again."
    if status.status is State.CANCELLED:
        return f"Cancelled: stop. To make it after all call {environment}_retry_quotation."
    if status.error is not None:
        return _CORRECTABLE.get(status.error.code, _FAILED).format(environment=environment)
    if status.retrying is not None:
        return "Odoo is away; the quotation goes on by itself. Tell the user, and ask again much later."
    return f"Not finished: call {environment}_get_quotation_status again with wait_seconds 20."
