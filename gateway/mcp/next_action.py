"""The next step of a model that has read a status: a sentence, and when to read the status again."""

from quotation.errors import ErrorCode
from quotation.status import QuotationStatus, State

_POLL_SECONDS = 5
_OUTAGE_POLL_SECONDS = 60

_CORRECTABLE = {
    ErrorCode.PRODUCT_NOT_FOUND: "Find the right product with {environment}_search_products, then call"
    " {environment}_retry_quotation with it in corrections.",
    ErrorCode.PRODUCT_AMBIGUOUS: "Ask the user which of the products in the error they want, then call"
    " {environment}_retry_quotation with its product_id in corrections.",
    ErrorCode.PRODUCT_NOT_QUOTABLE: "Find another product with {environment}_search_products, then call"
    " {environment}_retry_quotation with it in corrections.",
    ErrorCode.CURRENCY_MISMATCH: "Ask the user for the prices in the order's currency, then call"
    " {environment}_retry_quotation with them in corrections.",
    ErrorCode.USER_NOT_FOUND: "Call {environment}_retry_quotation with user_id 0, or another salesperson's"
    " id, in corrections.",
    ErrorCode.ODOO_REJECTED: "Tell the user about the error. Once you know the correct value, call"
    " {environment}_retry_quotation with it in corrections.",
}
_FAILED = "Tell the user about the error and stop. Once its cause is fixed, call {environment}_retry_quotation."


def poll_after_seconds(status: QuotationStatus) -> int | None:
    """Return the seconds to wait before the status is worth reading again, or None if it is final."""
    if status.status.is_final:
        return None
    return _OUTAGE_POLL_SECONDS if status.retrying else _POLL_SECONDS


def next_action(status: QuotationStatus, environment: str) -> str:
    """Return the next step, with the names of this environment's tools."""
    if status.status is State.COMPLETED:
        return "Finished: tell the user the sale order's name and total. Do not read the status again."
    if status.status is State.CANCELLED:
        return f"Cancelled: stop. To create it after all, call {environment}_retry_quotation."
    if status.error is not None:
        return _CORRECTABLE.get(status.error.code, _FAILED).format(environment=environment)
    if status.retrying is not None:
        return (
            "Odoo is not available, but the quotation continues by itself. Tell the user, and read the status"
            " again much later."
        )
    return f"Not finished: call {environment}_get_quotation_status again with wait_seconds 20."
