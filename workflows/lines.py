"""The lines of a quotation: as requested, and as Odoo holds them."""

from quotation.identity import RecordNames
from quotation.messages import CheckedRequest, NewLine, OrderTotals
from quotation.stored.request import StoredLine, StoredRequest


def numbered_lines(request: StoredRequest, names: RecordNames, checked: CheckedRequest) -> list[NewLine]:
    """Return the lines of a request, with the ids of the products that it names in another way."""
    return [
        NewLine(external_id=names.line(number), number=number, requested=_with_id(line, checked))
        for number, line in enumerate(request.order_lines, start=1)
    ]


def joined(before: OrderTotals | None, after: OrderTotals) -> OrderTotals:
    """Return the order `after` a call about some lines, with the lines that were known `before`."""
    known = before.lines if before else {}
    return after.model_copy(update={"lines": known | after.lines})


def _with_id(line: StoredLine, checked: CheckedRequest) -> StoredLine:
    return line.model_copy(update={"product_id": line.product_id or checked.named_products.get(line.product, 0)})
