"""A quotation in one line, for lists of runs."""

from collections.abc import Sequence

from quotation.shown.markdown import plain
from quotation.stored.request import StoredLine, StoredRequest

_MOST_BYTES = 200
"""Temporal refuses longer summaries; a longer one is cut."""


def summary_of(request: StoredRequest, order_name: str | None, *, shows_customer: bool) -> str:
    """Return order, customer (if that may be shown), and the product with its quantity or the number of lines."""
    customer = plain(request.partner_name) if shows_customer else None
    summary = " · ".join(filter(None, [order_name, customer, _products(request.order_lines)]))
    return summary.encode()[:_MOST_BYTES].decode(errors="ignore")


def _products(lines: Sequence[StoredLine]) -> str:
    if len(lines) != 1:
        return f"{len(lines)} lines"
    [line] = lines
    return f"{plain(line.product) or f'product {line.product_id}'} ×{line.product_qty.normalize():f}"
