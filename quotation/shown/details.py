"""A quotation's story so far: what exists in Odoo, with links, and what it waits for."""

import re

from quotation.shown.markdown import plain
from quotation.status import QuotationStatus, Result, State, Step

_WORK = {
    Step.AUTH: "the login and the checks",
    Step.PARTNER: "the customer",
    Step.LEAD: "the lead",
    Step.CONVERT: "the opportunity",
    Step.ORDER: "the order",
    Step.LINE: "the lines",
}
_ORDER_PAGE = re.compile(r"(?P<before>.*)/(odoo/sales/|web#id=)(?P<id>[0-9]+)(?P<rest>.*)")


def details_of(status: QuotationStatus) -> str:
    """Return the story in Markdown; it names no customer."""
    return "\n".join(
        [_headline(status), "", *(f"- {line}" for line in _records(status.result) + _warnings(status))]
    )


def _headline(status: QuotationStatus) -> str:
    result = status.result
    match status.status:
        case State.COMPLETED:
            return f"**Completed**: {_order(result)}, {result.amount_total} {result.currency}"
        case State.FAILED if status.error is not None:
            error = status.error
            return f"**Failed** in step `{error.step}` with `{error.code}`: {plain(error.message)}"
        case State.CANCELLED:
            return f"**Cancelled** in step `{status.step}`"
    work = _WORK.get(status.step)
    if work is None:
        return "**Queued**: no worker has taken it yet."
    return (
        f"**Processing**, step `{status.step}`: waits for {work} in Odoo. Pending activities show failed attempts."
    )


def _records(result: Result) -> list[str]:
    records = [
        ("customer", "res.partner", result.partner_id),
        ("lead", "crm.lead", result.lead_id),
        ("opportunity", "crm.lead", result.opportunity_id),
    ]
    lines = [f"{name} {_linked(result, model, id_)}" for name, model, id_ in records if id_ is not None]
    if result.sale_order_id is not None:
        lines.append(f"order {_order(result)}")
    if result.lines:
        lines.append(f"lines {', '.join(str(line.line_id) for line in result.lines)}")
    return lines


def _warnings(status: QuotationStatus) -> list[str]:
    return [f"warning `{warning.code}`" for warning in status.warnings]


def _order(result: Result) -> str:
    name = plain(result.sale_order_name or str(result.sale_order_id))
    return f"[{name}]({result.sale_order_url})" if result.sale_order_url else name


def _linked(result: Result, model: str, record_id: int) -> str:
    """Return the id with a link; Odoo's address is known from that of the order."""
    page = _ORDER_PAGE.fullmatch(result.sale_order_url or "")
    if page is None:
        return str(record_id)
    if not page["rest"]:
        return f"[{record_id}]({page['before']}/odoo/{model}/{record_id})"
    return f"[{record_id}]({page['before']}/web#id={record_id}&model={model}&view_type=form)"
